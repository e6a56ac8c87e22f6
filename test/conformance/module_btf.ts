import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {BtfBuilder} from '../helpers/btf_builder.js';
import {BtfEdit} from '../helpers/btf_edit.js';
import {cached, contentName} from '../rig/cache.js';
import {getKernel, type KernelId} from '../rig/kernels.js';

/**
 * The split BTF of a module that no kernel has, over that of vmlinux: `struct module_ops` as a kind
 * of struct_ops, `struct of_module`, and the functions `module_kfunc` and `module_function`.
 */
export async function moduleBtf(id: KernelId): Promise<Readonly<Record<string, string>>> {
  const kernel = await getKernel(id);
  const vmlinux = new BtfEdit(await readFile(kernel.btf));
  const bytes = build(vmlinux);
  const path = await cached(join('btf-made', contentName(bytes)), file => writeFile(file, bytes));
  return {of_module: path};
}

function build(vmlinux: BtfEdit): Buffer {
  const idOf = (kind: string, name: string) => vmlinux.type(kind, name).id;
  const module = new BtfBuilder({types: vmlinux.types.length, strings: vmlinux.header('str_len')});
  const int = idOf('INT', 'int');
  const common = idOf('STRUCT', 'bpf_struct_ops_common_value');
  const what = module.struct('of_module', 8, [
    {name: 'first', type: int},
    {name: 'second', type: int, offset: 32},
  ]);
  const run = module.pointer(module.prototype(int, [module.pointer(what)]));
  const ops = module.struct('module_ops', 24, [
    {name: 'walk', type: run},
    {name: 'run', type: run, offset: 64},
    {name: 'number', type: int, offset: 128},
  ]);
  module.struct('bpf_struct_ops_module_ops', 128, [
    {name: 'common', type: common},
    {name: 'data', type: ops, offset: 512},
  ]);
  module.function('module_function', module.prototype(0), 0);
  module.function('module_kfunc', module.prototype(int, [int]), 0);
  return module.build();
}

import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {BtfBuilder} from '../helpers/btf_builder.js';
import {BtfEdit} from '../helpers/btf_edit.js';
import {cached, contentName} from '../rig/cache.js';
import {getKernel, type KernelId} from '../rig/kernels.js';

/** The kernel's name of it. */
export const OF_MODULE = 'of_module';

export interface BtfOfModule {
  /** A file with the raw split BTF. */
  readonly path: string;
  /** The id of its `module_kfunc`. */
  readonly kfuncId: number;
}

/**
 * The split BTF of of_module.c, over that of a vmlinux: `struct module_ops` as a kind of struct_ops,
 * `struct of_module`, and the functions `module_kfunc`, `module_function` and `module_stub`.
 */
export async function btfOfModule(id: KernelId): Promise<BtfOfModule> {
  const kernel = await getKernel(id);
  const {bytes, kfuncId} = moduleOver(new BtfEdit(await readFile(kernel.btf)));
  const path = await cached(join('btf-made', contentName(bytes)), file => writeFile(file, bytes));
  return {path, kfuncId};
}

/** The same, as what a kernel has loaded. */
export async function moduleBtf(id: KernelId): Promise<Readonly<Record<string, string>>> {
  return {[OF_MODULE]: (await btfOfModule(id)).path};
}

/** The same over any BTF that has `int` and the value types' common part. */
export function moduleOver(vmlinux: BtfEdit): {bytes: Buffer; kfuncId: number} {
  const idOf = (kind: string, name: string) => vmlinux.type(kind, name).id;
  const module = new BtfBuilder({types: vmlinux.types.length, strings: vmlinux.header('str_len')});
  const int = idOf('INT', 'int');
  const common = idOf('STRUCT', 'bpf_struct_ops_common_value');
  const what = module.struct('of_module', 8, [
    {name: 'first', type: int},
    {name: 'second', type: int, offset: 32},
  ]);
  const pointer = module.pointer(what);
  const run = module.pointer(module.prototype(int, [pointer]));
  const ops = module.struct('module_ops', 24, [
    {name: 'walk', type: run},
    {name: 'run', type: run, offset: 64},
    {name: 'number', type: int, offset: 128},
  ]);
  module.struct('bpf_struct_ops_module_ops', 128, [
    {name: 'common', type: common},
    {name: 'data', type: ops, offset: 512},
  ]);
  module.function('module_stub', module.prototype(int, [{name: 'what', type: pointer}]), 0);
  module.function('module_function', module.prototype(0), 0);
  const ofNumber = module.prototype(int, [{name: 'number', type: int}]);
  const kfuncId = module.function('module_kfunc', ofNumber, 0);
  return {bytes: module.build(), kfuncId};
}

import {join} from 'node:path';
import {execa} from 'execa';
import {getBpftool} from '../rig/bpftool.js';

/** What a kernel's BTF names, as bpftool tells it. */
export interface KernelNames {
  readonly functions: ReadonlySet<string>;
  /** Those that are marked as kfuncs, which pahole does since Linux 6.10. */
  readonly kfuncs: ReadonlySet<string>;
  readonly structs: ReadonlySet<string>;
  /** Numbers of `enum bpf_map_type`. */
  readonly mapTypes: ReadonlySet<number>;
}

/** @param btf - A file. */
export async function kernelNames(btf: string): Promise<KernelNames> {
  const bpftool = join(await getBpftool(), 'bin/bpftool');
  const {stdout} = await execa(bpftool, ['btf', 'dump', 'file', btf, 'format', 'raw']);
  const functions = new Map<string, string>();
  const kfuncs = new Set<string>();
  for (const [, id = '', name = ''] of stdout.matchAll(/^\[(\d+)\] FUNC '([^']+)'/gm)) {
    functions.set(id, name);
  }
  for (const [, id = ''] of stdout.matchAll(/^\[\d+\] DECL_TAG 'bpf_kfunc' type_id=(\d+)/gm)) {
    const name = functions.get(id);
    if (name !== undefined) kfuncs.add(name);
  }
  const structs = [...stdout.matchAll(/^\[\d+\] STRUCT '([^']+)'/gm)].map(([, name = '']) => name);
  const types = [...stdout.matchAll(/^\t'(?!__MAX)BPF_MAP_TYPE_\w+' val=(\d+)/gm)];
  return {
    functions: new Set(functions.values()),
    kfuncs,
    structs: new Set(structs),
    mapTypes: new Set(types.map(([, value]) => Number(value))),
  };
}

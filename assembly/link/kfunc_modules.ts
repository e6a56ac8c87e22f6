import {Extern, ExternKind} from '../object/extern';

/**
 * The modules whose kfuncs an object calls. Their BTF fds stand in the `fd_array` of every program, from index 1 on, in the
 * order of the externs (`bpf_object__resolve_ksym_func_btf_id` of libbpf).
 */
@final
export class KfuncModules {
  readonly list: u32[] = [];

  constructor(externs: Extern[]) {
    for (let i = 0; i < externs.length; i++) {
      const extern = externs[i];
      if (extern.kind != ExternKind.Function || extern.module == 0) continue;
      if (!this.list.includes(extern.module)) this.list.push(extern.module);
    }
  }

  /** What a kfunc call has as its off: 0 for vmlinux. */
  index(module: u32): u32 {
    return module == 0 ? 0 : <u32>this.list.indexOf(module) + 1;
  }
}

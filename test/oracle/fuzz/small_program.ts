import type {CProgram} from './c_program.js';
import {COMMON} from './c_types.js';

/** A kind with such members, in an object and in a kernel. `values` sets them. */
export function smallProgram(members: string, values: string, kernelMembers: string): CProgram {
  const head = `${COMMON}struct s0 { int x; };\n`;
  const ops = (text: string) => `struct k_ops { ${text} };\n`;
  return {
    object:
      `${head}${ops(members)}` +
      'char LICENSE[] __attribute__((section("license"), used)) = "GPL";\n' +
      'int first, second;\n__attribute__((noinline)) int callee(int n) { first += n; second += n; asm volatile("" : "+r"(n)); return n; }\n' +
      '__attribute__((section("struct_ops"), used)) int run(u64 *ctx) { return callee(1); }\n' +
      `__attribute__((section(".struct_ops.link"), used)) struct k_ops ops = { .run = (void *)run, ${values} };\n`,
    kernel:
      `${head}${ops(kernelMembers)}enum state { STATE_INIT };\nstruct refcount { int refs; };\n` +
      'struct bpf_struct_ops_common_value { struct refcount refcnt; enum state state; };\n' +
      'struct bpf_struct_ops_k_ops { struct bpf_struct_ops_common_value common; struct k_ops data; } value;\n' +
      'struct bpf_struct_ops_link { u64 x; } a_link;\n',
  };
}

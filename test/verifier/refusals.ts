import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Explanation} from '../../src/errors.js';
import {openBtf} from '../../src/inputs/kernel_btf.js';
import type {Plan} from '../../src/plan/plan.js';
import {planObject} from '../../src/plan/plan_object.js';
import {bpfObject} from '../helpers/bpf_objects.js';
import {REPOSITORY} from '../rig/cache.js';
import type {Kernel, KernelId} from '../rig/kernels.js';

/** The programs of test/bpf/verifier/refusals.bpf.c, and what is said of each when it is refused. */

export const FOLDER = join(REPOSITORY, 'test/verifier/logs');

/** Where the logs of a kernel are -> the kernel of the rig that has said them, or its successor. */
export const RECORDED: Readonly<Record<string, KernelId>> = {
  'linux-6.1': '6.1',
  'linux-6.12': '6.12',
  'linux-7.2': 'newest',
};

export interface Refusal {
  /** In the words of each kernel. */
  readonly cause: RegExp;
  /** Of the source line, all that is behind the indent; none: the log has none. */
  readonly line?: string;
  /** More that is said. */
  readonly says?: readonly RegExp[];
  readonly hint: RegExp;
  /** Linux 6.1, which lacks the kfunc, says this. */
  readonly causeOn61?: RegExp;
  /** Linux 6.3 and newer have nothing against it. */
  readonly taken?: true;
}

const NO_KFUNC = /^it can get to a call of a weak kfunc that this kernel does not have$/;

export const REFUSALS: Readonly<Record<string, Refusal>> = {
  unbounded: {
    cause: /^R2 unbounded memory access, make sure to bounds check any such access$/,
    line: 'return table[tcp_sock_of(sk)->snd_cwnd];',
    says: [/registers: R2=map_value\(.*vs=64,.*var_off=\(.*\)$/m],
    hint: /compare the index/,
  },
  null_value: {
    cause: /^R0 invalid mem access 'map_value_or_null'$/,
    line: 'return *flow;',
    says: [/registers: R0=map_value_or_null\(/],
    hint: /with NULL/,
  },
  null_task: {
    cause: /^R0 invalid mem access '(trusted_)?ptr_or_null_'$/,
    line: '__u32 pid = task->pid;',
    says: [/registers: R0=(trusted_)?ptr_or_null_task_struct\(/],
    hint: /with NULL/,
    causeOn61: NO_KFUNC,
  },
  unset_stack: {
    cause: /^invalid indirect read from stack R2 off -8\+0 size 8$/,
    line: 'return bpf_map_lookup_elem(&flows, &key) != NULL;',
    hint: /a value on every path/,
    taken: true,
  },
  unset_register: {
    cause: /^R9 !read_ok$/,
    line: 'asm volatile("%0 = r9" : "=r"(value));',
    hint: /a value on every path/,
  },
  endless: {
    cause: /^infinite loop detected at insn 0$/,
    line: 'for (;;)',
    says: [/instruction 0: \(05\) goto pc-1/],
    hint: /bpf_for\(\)/,
  },
  many_branches: {
    cause: /^The sequence of 8193 jumps is too complex\.$/,
    line: 'if (bpf_get_prandom_u32() & 1)',
    hint: /global functions/,
  },
  wrong_argument: {
    cause: /^(arg#0|R1) pointer type STRUCT sock must point to scalar, or struct with scalar$/,
    line: 'return tcp_reno_ssthresh((struct sock *)&other);',
    hint: /of another type/,
  },
  socket_for_key: {
    cause:
      /^R2 type=ptr_ expected=fp, |^bpf_map_lookup_elem\(\) may write into memory pointed by R2/,
    line: 'return bpf_map_lookup_elem(&flows, sk) != NULL;',
    says: [/registers: R2=(trusted_)?ptr_tcp_sock\(/],
    hint: /of another type/,
  },
  unreleased: {
    cause: /^Unreleased reference id=2 alloc_insn=4$|^BPF_EXIT .* would lead to reference leak$/,
    line: 'REFUSED(unreleased)',
    says: [/it was taken at: .*bpf_ringbuf_reserve\(&events.*; instruction 4: \(85\) call/],
    hint: /give the reference back/,
  },
  unreleased_task: {
    cause: /^Unreleased reference id=2 alloc_insn=2$|^BPF_EXIT .* would lead to reference leak$/,
    line: 'return task != NULL;',
    says: [/it was taken at: .*bpf_task_from_pid\(1\);; instruction 2: \(85\) call/],
    hint: /give the reference back/,
    causeOn61: NO_KFUNC,
  },
  sleeps: {
    cause: /^program must be sleepable to call sleepable kfunc bpf_copy_from_user_str$/,
    line: 'return bpf_copy_from_user_str(text, sizeof(text), (void *)8, 0);',
    hint: /struct_ops\.s/,
    causeOn61: NO_KFUNC,
  },
  read_only: {
    cause: /^no write support to tcp_sock at off \d+$|^R1 cannot write into ptr_tcp_sock at off=/,
    line: 'tcp_sock_of(sk)->srtt_us = 0;',
    says: [/no write support to tcp_sock|registers: R1=ptr_tcp_sock\(/],
    hint: /few fields/,
  },
  missing_kfunc: {
    cause: NO_KFUNC,
    line: 'return structops_no_such_kfunc(sk);',
    says: [/^this kernel has no kfunc structops_no_such_kfunc .*weak/m],
    hint: /bpf_ksym_exists/,
  },
  missing_field: {
    cause: /^it can get to an access of what this kernel does not have$/,
    line: 'return ((struct tcp_sock___future *)sk)->snd_cwnd_tomorrow;',
    says: [/^instruction 1 of missing_field uses .*which this kernel does not have/m],
    hint: /bpf_core_field_exists/,
  },
  foreign_helper: {
    cause: /^(unknown func|program of this type cannot use helper) bpf_xdp_adjust_head#44$/,
    line: 'return bpf_xdp_adjust_head((void *)sk, 0);',
    hint: /man bpf-helpers/,
  },
  socket_arithmetic: {
    cause: /^R1 is ptr_tcp_sock invalid variable offset/,
    line: 'return *(volatile __u32 *)((char *)sk + tcp_sock_of(sk)->snd_cwnd);',
    hint: /takes a field's offset and no other/,
  },
  deep_stack: {
    cause: /^combined stack size of 2 calls is 8\d\d\. Too large$/,
    hint: /move large variables/,
  },
  more_arguments: {
    cause: /^invalid bpf_context access off=8 size=8$/,
    line: '__u32 BPF_PROG(more_arguments, struct sock *sk, __u32 more)',
    says: [/^func 'ssthresh' doesn't have 2-th argument$/m],
    hint: /other arguments than the kernel gives it/,
  },
  returned_value: {
    cause: /^At program exit the register R0 /,
    line: 'return 5;',
    hint: /return only what/,
  },
};

/** The plan that loads one of them. */
export async function planRefusal(name: string, {btf, version}: Kernel): Promise<Plan> {
  const settings =
    name === 'returned_value' ? {autoload: {[name]: true}} : {create: {[`so_${name}`]: true}};
  return planObject({
    object: await bpfObject('verifier/refusals'),
    objectName: 'refusals.bpf.o',
    kernelBtf: openBtf(btf),
    kernelVersion: version,
    settings,
  });
}

/** What is wrong with an explanation of a refusal; nothing: it says what its row has. */
export async function wrongIn(
  name: string,
  id: KernelId,
  {what, why = '', hint = ''}: Explanation,
): Promise<string[]> {
  const {cause, line, says = [], hint: advice, causeOn61} = REFUSALS[name] as Refusal;
  const member = name === 'returned_value' ? '' : ' (ssthresh of tcp_congestion_ops)';
  const start = `the verifier refused program ${name}${member}: `;
  const isOther = id === '6.1' && causeOn61 !== undefined;
  const said = what.slice(start.length);
  const place = id === '6.1' ? 'source' : `refusals.bpf.c:${await lineNumberOf(line ?? '')}`;
  return [
    !what.startsWith(start) && `no "${start}": ${what}`,
    !(isOther ? causeOn61 : cause).test(said) && `cause: ${said}`,
    !isOther && line !== undefined && !why.includes(`${place}: ${line}\n`) && `line: ${why}`,
    ...(isOther ? [] : says).map(
      pattern => !pattern.test(`${what}\n${why}`) && `${pattern}: ${why}`,
    ),
    !isOther && !advice.test(hint) && `hint: ${hint}`,
  ].filter(text => text !== false);
}

/** The number of the source line that has this text, from 1. */
async function lineNumberOf(text: string): Promise<number> {
  const source = await readFile(join(REPOSITORY, 'test/bpf/verifier/refusals.bpf.c'), 'utf8');
  return source.split('\n').findIndex(line => line.trim() === text) + 1;
}

import test from 'ava';
import type {StepFailed} from '../../src/executor/shim_report.js';
import {explainVerifier} from '../../src/explain/explain_verifier.js';
import {
  countsIn,
  explainVerifierLog,
  type VerifierExplanation,
} from '../../src/explain/verifier_log.js';
import type {PlanDescription} from '../../src/plan/plan_description.js';

/**
 * Logs as Linux before 7.3 writes them, cut to what matters; whole ones of real kernels are in
 * test/verifier, the newer form in verifier_report.test.ts.
 */

const COUNTED = [
  'verification time 120 usec',
  'stack depth 16+8',
  'processed 42 insns (limit 1000000) max_states_per_insn 1 total_states 3 peak_states 2 mark_read 1',
];

const explains = test.macro({
  exec(t, lines: readonly string[], expected: Partial<VerifierExplanation>) {
    t.like(explainVerifierLog(`${lines.join('\n')}\n`), expected);
  },
  title: (why = '') => `a verifier log: ${why}`,
});

test(
  'before Linux 7.3 the last line that is no state is the cause',
  explains,
  [
    'func#0 @0',
    '0: R1=ctx() R10=fp0',
    '; tcp_sock_of(sk)->srtt_us = 0; @ refused.bpf.c:14',
    '0: (79) r1 = *(u64 *)(r1 +0)          ; R1_w=trusted_ptr_sock()',
    '1: (b7) r2 = 0                        ; R2_w=0',
    '2: (63) *(u32 *)(r1 +1340) = r2',
    'no write support to struct sock',
    ...COUNTED,
  ],
  {
    cause: 'no write support to struct sock',
    instruction: {index: 2, text: '(63) *(u32 *)(r1 +1340) = r2'},
    source: {text: 'tcp_sock_of(sk)->srtt_us = 0;', file: 'refused.bpf.c', line: 14},
    counted: {insns: 42, total_states: 3, peak_states: 2, time_us: 120, stack: '16+8'},
  },
);
test(
  'before Linux 6.8 source lines have no place',
  explains,
  ['; return *p;', '7: (79) r0 = *(u64 *)(r1 +0)', "R1 invalid mem access 'scalar'", ...COUNTED],
  {cause: "R1 invalid mem access 'scalar'", source: {text: 'return *p;'}},
);
test(
  'what is said behind the cause is none',
  explains,
  [
    '3: (05) goto pc-1',
    'infinite loop detected at insn 3',
    'cur state: R1=ctx() R10=fp0',
    'old state: R1=ctx() R10=fp0',
    ...COUNTED,
  ],
  {cause: 'infinite loop detected at insn 3', instruction: {index: 3, text: '(05) goto pc-1'}},
);
test('nothing', explains, [], {cause: 'the log is empty'});
test('bytes that mean nothing', explains, ['\x1b[2J\0'], {cause: '\x1b[2J\0'});

test('the counts of a program that was accepted', t => {
  t.is(countsIn(COUNTED)?.insns, 42);
  t.is(countsIn(['hello']), undefined);
});

test('20 MB of log: only its end is read', t => {
  const line = '17: (07) r1 += 1                      ; R1_w=scalar(umax=99)\n';
  const many = line.repeat(Math.ceil((20 * 2 ** 20) / line.length));
  // A section of the new form would be the cause wherever it stood, if it were read.
  const log = `Verification failed: long before\n${many}R1 is wrong\n`;
  t.is(explainVerifierLog(log).cause, 'R1 is wrong');
});

test('the explanation names the member of the struct that would have called the program', t => {
  const failed = {
    ...{schema: 'structops.result/1', status: 'step_failed', frame: 0, plan_sha256: ''},
    ...{step: 0, cmd: 'BPF_PROG_LOAD', name: 'x_init', left_registered: 0, error: 'EACCES'},
    log: '1: (95) exit\nR0 !read_ok\n',
  } as StepFailed;
  const steps = [
    {slot: 7, cmd: 'BPF_PROG_LOAD'},
    {slot: 8, value_type: 'bpf_struct_ops_x_ops', members: [{name: 'init', slot: 7}]},
  ];
  const {what, why} = explainVerifier(failed, {steps} as unknown as PlanDescription);
  t.is(what, 'the verifier refused program x_init (init of x_ops): R0 !read_ok');
  t.is(why, 'instruction 1: (95) exit');
});

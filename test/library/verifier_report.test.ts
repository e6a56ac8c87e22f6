import test from 'ava';
import type {StepFailed} from '../../src/executor/shim_report.js';
import {explainVerifier} from '../../src/explain/explain_verifier.js';
import {explainVerifierLog, type VerifierExplanation} from '../../src/explain/verifier_log.js';
import type {PlanDescription} from '../../src/plan/plan_description.js';

/**
 * The reports of Linux 7.3. No kernel of the rig writes them yet: these logs are composed as the
 * kernel's kernel/bpf/diagnostics.c does, line for line, about programs of ours.
 */

const OLD_FORM = [
  '0: R1=ctx() R10=fp0',
  '; __u32 *flow = bpf_map_lookup_elem(&flows, &key); @ refusals.bpf.c:41',
  '0: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=flows,ks=4,vs=4)',
  '; return *flow; @ refusals.bpf.c:43',
  '8: (61) r0 = *(u32 *)(r0 +0)',
  "R0 invalid mem access 'map_value_or_null'",
];
const COUNTED =
  'processed 9 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0';

const NULL_VALUE = [
  ...OLD_FORM,
  '',
  'Verification failed: Register Type Safety: Invalid dereference',
  '',
  'Reason:',
  '  R0 may be NULL here (a nullable map value pointer). The program could dereference NULL on this',
  '  path, so the verifier cannot prove this access is safe.',
  '',
  'At:',
  '  null_value @ refusals.bpf.c:43:9',
  '  Source context:',
  '      41 |         __u32 *flow = bpf_map_lookup_elem(&flows, &key);',
  '      42 | ...',
  '  >>> 43 |         return *flow;',
  '         |         ^-- error: invalid dereference of R0 (a nullable map value pointer)',
  '      44 | ...',
  '      45 | ...',
  '  Instruction context:',
  '      6 | (18) r1 = 0xffff888004a91000',
  '  >>> 8 | (61) r0 = *(u32 *)(r0 +0)',
  '      9 | (95) exit',
  '',
  'Causal path:',
  '  null_value @ refusals.bpf.c:38:6',
  '  Source context:',
  '      36 | ...',
  '      37 | ...',
  '  >>> 38 |         if (seen)',
  '         |         ^-- branch: took the false branch of this conditional, goto not followed',
  '      39 | ...',
  '      40 | ...',
  '  Instruction context:',
  '  >>> 3 | (15) if r2 == 0x0 goto pc+9',
  '      4 | (bf) r2 = r10',
  '',
  '  3 intermediate causal-history events omitted',
  '',
  '  null_value @ refusals.bpf.c:41:17',
  '  Source context:',
  '      39 | ...',
  '      40 | ...',
  '  >>> 41 |         __u32 *flow = bpf_map_lookup_elem(&flows, &key);',
  '         |         ^-- update: R0 changed from uninitialized value to nullable map value from flows',
  '         |             at offset 0',
  '      42 | ...',
  '      43 |         return *flow;',
  '  Instruction context:',
  '  >>> 7 | (85) call bpf_map_lookup_elem#1',
  '',
  'Suggestion:',
  '  Add a NULL check before the access and dereference the pointer only on the non-NULL path.',
  '',
  COUNTED,
];

/** Undefined: there is none. */
type Expected = {[Key in keyof VerifierExplanation]?: VerifierExplanation[Key] | undefined};

const explains = test.macro({
  exec(t, lines: readonly string[], expected: Expected) {
    t.like(explainVerifierLog(`${lines.join('\n')}\n`), expected);
  },
  title: (why = '') => `a report of the verifier: ${why}`,
});

test(
  'cause, reason, and the marked lines of source and instructions, not those around them',
  explains,
  NULL_VALUE,
  {
    cause: 'Register Type Safety: Invalid dereference',
    message: "R0 invalid mem access 'map_value_or_null'",
    reason:
      'R0 may be NULL here (a nullable map value pointer). The program could dereference NULL on this path, so the verifier cannot prove this access is safe.',
    source: {text: 'return *flow;', file: 'refusals.bpf.c', line: 43},
    instruction: {index: 8, text: '(61) r0 = *(u32 *)(r0 +0)'},
    registers: 'R0=map_value_or_null(id=1,map=flows,ks=4,vs=4)',
    suggestion:
      'Add a NULL check before the access and dereference the pointer only on the non-NULL path.',
  },
);
test('a line for each event of the path', explains, NULL_VALUE, {
  causalPath: [
    'refusals.bpf.c:38: if (seen): branch: took the false branch of this conditional, goto not followed',
    '3 intermediate causal-history events omitted',
    'refusals.bpf.c:41: __u32 *flow = bpf_map_lookup_elem(&flows, &key);: update: R0 changed from uninitialized value to nullable map value from flows at offset 0',
  ],
});
test(
  'of a program without line information',
  explains,
  [
    '0: R1=ctx() R10=fp0',
    '0: (95) exit',
    'R0 !read_ok',
    '',
    'Verification failed: Register Type Safety: Unreadable register',
    '',
    'Reason:',
    '  R0 has never been initialized on this path, so the verifier cannot use it as an input.',
    '',
    'At:',
    '  insn 0',
    '       | ^-- error: R0 is not readable',
    '  Instruction context:',
    '  >>> 0 | (95) exit',
    '',
    'Causal path:',
    '  no retained diagnostic events on this path',
    '',
    'Suggestion:',
    '  Initialize R0 on every path before this instruction.',
    '',
    COUNTED,
  ],
  {
    cause: 'Register Type Safety: Unreadable register',
    message: 'R0 !read_ok',
    instruction: {index: 0, text: '(95) exit'},
    suggestion: 'Initialize R0 on every path before this instruction.',
    causalPath: undefined,
    counted: {insns: 9, total_states: 0, peak_states: 0},
  },
);
test(
  'of the first form, with instructions beside the source',
  explains,
  [
    ...OLD_FORM,
    '',
    'Verification failed: Register Type Safety: Invalid dereference',
    '',
    'At:',
    '  null_value @ refusals.bpf.c:43:9',
    '      42 | ...                                                           6 | (18) r1 = 0xffff888004a91000',
    '  >>> 43 |         return *flow;                                     >>> 8 | (61) r0 = *(u32 *)(r0 +0)',
    '         |         ^-- error: invalid dereference of R0',
    '      44 | ...                                                           9 | (95) exit',
    '',
    COUNTED,
  ],
  {
    source: {text: 'return *flow;', file: 'refusals.bpf.c', line: 43},
    instruction: {index: 8, text: '(61) r0 = *(u32 *)(r0 +0)'},
    reason: undefined,
  },
);
test(
  'of several the first, and where the lock was taken that it is about',
  explains,
  [
    '12: (85) call bpf_spin_unlock#94',
    'bpf_spin_unlock of different lock',
    '',
    'Verification failed: Resource Lifetime Safety: Unlock of another lock',
    '',
    'At:',
    '  insn 12',
    '       | ^-- error: unlock of another lock',
    '  Instruction context:',
    '  >>> 12 | (85) call bpf_spin_unlock#94',
    '',
    'Active lock:',
    '  two_locks @ locks.bpf.c:20:2',
    '  Source context:',
    '  >>> 20 |         bpf_spin_lock(&one->lock);',
    '         |         ^-- acquired: active bpf_spin_lock has verifier identity 3',
    '  Instruction context:',
    '  >>>  7 | (85) call bpf_spin_lock#93',
    '',
    'Verification failed: Resource Lifetime Safety: Another one',
    '',
    COUNTED,
  ],
  {
    cause: 'Resource Lifetime Safety: Unlock of another lock',
    instruction: {index: 12, text: '(85) call bpf_spin_unlock#94'},
    source: undefined,
    taken: {
      instruction: {index: 7, text: '(85) call bpf_spin_lock#93'},
      source: {text: 'bpf_spin_lock(&one->lock);', file: 'locks.bpf.c', line: 20},
    },
  },
);

const failed = (log: readonly string[]) =>
  ({status: 'step_failed', step: 0, name: 'null_value', log: log.join('\n')}) as StepFailed;
const PLAN = {steps: [], losses: []} as unknown as PlanDescription;

test('what a loader has marked is found in the words that Linux before 7.3 has for it', t => {
  const log = [
    '4: (85) call unknown#2002000001',
    'invalid func unknown#2002000001',
    '',
    'Verification failed: Policy: Operation is not allowed',
    '',
    'Reason:',
    '  The operation helper unknown#2002000001 is not allowed: there is no such helper.',
  ];
  t.regex(explainVerifier(failed(log), PLAN).what, /a call of a weak kfunc that this kernel does/);
});

test('very long lines, which a log of the kernel does not have, are cut', t => {
  const long = [`  >>> 1 | ${' '.repeat(60_000)}`, `  ${'a:1:'.repeat(10_000)}`];
  const log = ['Verification failed: x', 'At:', ...long, 'Causal path:', ...long];
  const {cause, causalPath = []} = explainVerifierLog(log.join('\n'));
  t.is(cause, 'x');
  t.true(causalPath.every(line => line.length < 2000));
});

test('the hint is the suggestion; the path is told last', t => {
  const {why = '', hint} = explainVerifier(failed(NULL_VALUE), PLAN);
  t.regex(hint ?? '', /^Add a NULL check/);
  t.regex(why, /^R0 may be NULL here .*\nrefusals\.bpf\.c:43: return \*flow;\ninstruction 8: /);
  t.regex(why, /how it comes there:\nrefusals\.bpf\.c:38: if \(seen\): branch: /);
});

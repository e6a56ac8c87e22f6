import {join} from 'node:path';
import test from 'ava';
import type {StepFailed} from '../../src/executor/shim_report.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';
import {findObjects} from './find_objects.js';
import {judge} from './judge.js';
import {type LibbpfRun, libbpfSteps, parseLibbpfRun} from './libbpf_steps.js';
import {type OurPlan, planAsUser} from './our_plan.js';
import type {Recording} from './recording.js';

// One object, recorded without a kernel, with what a kernel may say put into the recording.

const OBJECT = join(REPOSITORY, 'examples/tcp/second_link.bpf.o');

let attached: LibbpfRun;
let ours: OurPlan;

test.before(async () => {
  const kernel = await getKernel('6.12');
  const [object] = await findObjects(OBJECT);
  if (object === undefined) throw new Error('no object');
  ours = planAsUser(object, {kernel});
  attached = await libbpfSteps(OBJECT, kernel);
});

/** libbpf's run, ended by the kernel at a step. */
function refusedAt(index: number, errno: number): LibbpfRun {
  const step = attached.steps[index];
  if (step === undefined) throw new Error(`no step ${index}`);
  const doing = step.phase;
  return {
    ...attached,
    steps: attached.steps.slice(0, index),
    refused: {...step, errno},
    error: {doing, errno, code: 'E'},
  };
}

function failedAt(step: number, errno: number): StepFailed {
  const frame = {schema: 'structops.result/1', frame: 0, plan_sha256: ''} as const;
  const names = {cmd: 'BPF_PROG_LOAD', name: 'second_init', left_registered: 0};
  return {...frame, status: 'step_failed', step, errno, ...names, log: 'why'};
}

const done = {
  schema: 'structops.result/1',
  status: 'done',
  frame: 0,
  plan_sha256: '',
  tolerated: 0,
  slots: [],
} as const;

const noLinks: OurPlan = {
  faults: [
    {code: 'KERN_NO_LINKS', number: 0, message: 'no links', hint: '', where: {input: 'kernel'}},
  ],
};

const judged = test.macro({
  exec(t, parts: () => Partial<Recording> & {plan?: OurPlan}, wanted: readonly RegExp[]) {
    const {plan = ours, ...rest} = parts();
    const whole: Recording = {
      schema: 'structops.recording/1',
      object: 'x.bpf.o',
      sha256: '',
      kernel: '6.12',
      libbpf: attached,
      executor: done,
      left: '',
      ...rest,
    };
    const verdict = judge(whole, plan);
    t.is(verdict.same, wanted.length === 0);
    t.is(verdict.why.length, wanted.length, verdict.why.join('\n'));
    for (const [i, pattern] of wanted.entries()) t.regex(verdict.why[i] ?? '', pattern);
  },
  title: (why = '') => `judge: ${why}`,
});

test('both attach it: same', judged, () => ({}), []);
test('a plan that nobody carried out is held to the steps', judged, () => ({executor: null}), []);
test(
  'the kernel refuses the same step to both: same',
  judged,
  () => ({libbpf: refusedAt(7, 13), executor: failedAt(6, 13)}),
  [],
);
test('another errno', judged, () => ({libbpf: refusedAt(7, 13), executor: failedAt(6, 22)}), [
  /EACCES; ours: BPF_PROG_LOAD second_init: EINVAL/,
]);
test('another step', judged, () => ({libbpf: refusedAt(7, 13), executor: failedAt(8, 13)}), [
  /libbpf: BPF_PROG_LOAD second_init: EACCES/,
]);
test('the kernel refuses only ours', judged, () => ({executor: failedAt(6, 13)}), [
  /libbpf: attached; ours: BPF_PROG_LOAD second_init: EACCES/,
]);
test(
  'libbpf gives up, we do not',
  judged,
  () => ({libbpf: {...attached, steps: [], error: {doing: 'load', errno: 22, code: 'EINVAL'}}}),
  [/libbpf: load: EINVAL; ours: attached/],
);
test(
  'libbpf gives up for want of a configuration that only weak options need: meant',
  judged,
  () => ({
    libbpf: {
      ...attached,
      steps: [],
      error: {doing: 'load', errno: 22, code: 'EINVAL'},
      log: 'libbpf: failed to open system Kconfig\n',
    },
  }),
  [],
);
test(
  'a fault for what the kernel refuses: same',
  judged,
  () => ({plan: noLinks, libbpf: {...refusedAt(6, 22)}, executor: null}),
  [],
);
test(
  'a fault for something else than the kernel refuses',
  judged,
  () => ({plan: noLinks, libbpf: refusedAt(7, 22), executor: null}),
  [/ours: KERN_NO_LINKS/],
);
test('a fault, where libbpf attaches', judged, () => ({plan: noLinks, executor: null}), [
  /libbpf: attached; ours: KERN_NO_LINKS/,
]);
test('something is left in the kernel', judged, () => ({left: 'after executor: maps 1'}), [
  /left in the kernel after executor: maps 1/,
]);
test(
  'a step differs, up to the one that is refused',
  judged,
  () => {
    const libbpf = refusedAt(7, 13);
    const [btf, create, ...rest] = libbpf.steps;
    if (btf === undefined || create === undefined) throw new Error('no steps');
    const other = {...create, attr: {...create.attr, max_entries: 2}};
    return {libbpf: {...libbpf, steps: [btf, other, ...rest]}, executor: failedAt(6, 13)};
  },
  [/^step plan 1, libbpf 1: BPF_MAP_CREATE \.rodata: max_entries: ours 1, libbpf's 2$/],
);

/** What run_libbpf.h prints of calls of one command, each with its errno or 0. */
function printed(cmd: string, errnos: readonly number[], error: number): LibbpfRun {
  const steps = errnos.map((errno, index) => ({
    ...{index, cmd, name: 'x', phase: 'load', slot: null, attr: {max_entries: index + 1}},
    ...{attr_size: 0, attr_hex: '', blobs: {}, patches: [], ...(errno > 0 && {errno})},
  }));
  const failure = error === 0 ? null : {doing: 'load', errno: error};
  const run = {libbpf: '1.7', probes: 1, steps, error: failure, log: ''};
  return parseLibbpfRun(JSON.stringify(run));
}

const counted = test.macro({
  exec(
    t,
    cmd: string,
    errnos: readonly number[],
    error: number,
    steps: readonly number[],
    refused: number | undefined,
  ) {
    const run = printed(cmd, errnos, error);
    t.deepEqual(
      run.steps.map(({index}) => index),
      steps,
    );
    t.is(run.refused?.index, refused);
  },
  title: (why = '') => `libbpf's calls: ${why}`,
});

test('a load that is made again for its log', counted, 'BPF_PROG_LOAD', [13, 13], 13, [], 0);
test(
  'a map that is made without BTF at last',
  counted,
  'BPF_MAP_CREATE',
  [22, 0],
  0,
  [1],
  undefined,
);
test('a map that cannot be made either way', counted, 'BPF_MAP_CREATE', [22, 22], 22, [], 0);
test('EAGAIN, then well', counted, 'BPF_PROG_LOAD', [11, 11, 0], 0, [2], undefined);
test('what fails and is ignored', counted, 'BPF_PROG_BIND_MAP', [22, 22], 0, [0, 1], undefined);

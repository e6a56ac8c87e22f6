import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {Plan} from '../../src/plan/plan.js';
import {getKernel} from '../rig/kernels.js';
import {packageFiles} from '../rig/package_files.js';
import {scenarioFiles} from '../rig/scenario.js';
import {runInVm} from '../rig/vm.js';
import {examplePlan, objectFile, planFile} from './example_plan.js';
import {
  expectHeld,
  guestScript,
  type OutFiles,
  readFact,
  readHeld,
  readText,
  readVariables,
  scriptCommand,
} from './held_facts.js';

// examples/sched_ext/ on the newest kernel: the only one of the rig that has sched_ext.

const BUSY_S = 6;
const DUMP_BYTES = 8192;

/** The words of the command, as examples/README.md has them. */
const APPLY_FIFO = [
  'structops apply --json /root/shared.bpf.o --enum-constants __SCX_',
  '--hotplug-seq so_shared.hotplug_seq --set fifo=true --set slice_ns=10000000',
].join(' ');

/** enum scx_exit_kind */
const SCX_EXIT_UNREG = 64;
const SCX_EXIT_ERROR = 1024;

let plan: Plan;
let withoutConstants: Plan;
let outFiles: OutFiles;

test.before(async t => {
  t.timeout(600_000);
  const kernel = await getKernel('newest');
  const scratch = await mkdtemp(join(tmpdir(), 'structops-scheduler-'));
  try {
    plan = await examplePlan('sched_ext/shared', kernel, {
      enumConstants: '__SCX_',
      hotplugSeq: 'so_shared.hotplug_seq',
    });
    withoutConstants = await examplePlan('sched_ext/shared', kernel, {
      resize: {exit_dump: DUMP_BYTES},
      set: {exit_dump_len: DUMP_BYTES},
    });
    ({outFiles} = await runInVm({
      kernel,
      memoryMiB: 1536,
      timeoutSeconds: 540,
      files: [
        ...(await packageFiles()),
        ...(await scenarioFiles()),
        guestScript('held.sh'),
        guestScript('scheduler.sh'),
        objectFile('sched_ext/shared'),
        await planFile(plan, 'shared', scratch),
        await planFile(withoutConstants, 'without_constants', scratch),
      ],
      script: [
        scriptCommand('scheduler.sh', 'vtime', 'structops-shim /root/shared.plan', {BUSY_S}),
        scriptCommand('scheduler.sh', 'fifo', APPLY_FIFO, {BUSY_S}),
        scriptCommand('scheduler.sh', 'refused', 'structops-shim /root/without_constants.plan', {
          BUSY_S: 0,
        }),
      ].join('\n'),
    }));
  } finally {
    await rm(scratch, {recursive: true});
  }
});

const fact = (path: string) => readFact(outFiles, path);
const counters = (label: string) =>
  readVariables(outFiles, `${label}/map_shared.bss`) as Record<string, number>;
const ticks = (label: string) => fact(`${label}/busy_ticks`).trim().split(' ').map(Number);

for (const label of ['vtime', 'fifo']) {
  test(`${label}: sched_ext has the scheduler until its end, and nothing is left`, t => {
    expectHeld(t, readHeld(outFiles, label), plan);
    t.is(fact(`${label}/state_before`), 'disabled');
    t.is(fact(`${label}/state_during`), 'enabled\nso_shared');
    t.is(fact(`${label}/state_after`), 'disabled');
  });

  test(`${label}: it is told why it ends`, t => {
    const {exit_record: record} = readVariables(outFiles, `${label}/map_.data.exit`);
    t.like(record as object, {
      kind: SCX_EXIT_UNREG,
      exit_code: 0,
      reason: 'unregistered from user space',
      msg: '',
    });
  });
}

test('vtime: busy tasks run by their weight', t => {
  const {queued_by_vtime, queued_fifo, taken, runs, kthreads} = counters('vtime');
  const text = JSON.stringify(counters('vtime'));
  t.true((queued_by_vtime ?? 0) > 50, text);
  t.is(queued_fifo, 0);
  t.true((taken ?? 0) > 50 && (runs ?? 0) > (taken ?? 0) && (kthreads ?? 0) > 0, text);
  const [first = 0, second = 0, nice = 0] = ticks('vtime');
  // Nice 10 has about a ninth of the weight of nice 0.
  t.true(nice > 0 && nice * 4 < Math.min(first, second), String(ticks('vtime')));
});

test('fifo: busy tasks run in turns, each as long as the others', t => {
  const {queued_by_vtime, queued_fifo, taken} = counters('fifo');
  const text = JSON.stringify(counters('fifo'));
  t.is(queued_by_vtime, 0);
  t.true((queued_fifo ?? 0) > 50 && (taken ?? 0) > 50, text);
  const busy = ticks('fifo');
  t.true(Math.min(...busy) * 2 > Math.max(...busy), String(busy));
});

test("without the kernel's constants it refuses to start, and says so in its exit record", t => {
  expectHeld(t, readHeld(outFiles, 'refused'), withoutConstants);
  t.is(fact('refused/state_during'), 'disabled');
  const {exit_record} = readVariables(outFiles, 'refused/map_.data.exit');
  const record = exit_record as Record<string, unknown>;
  t.is(record.kind, SCX_EXIT_ERROR, JSON.stringify(record));
  t.regex(String(record.msg), /init.*-22/);
  // The kernel's account of it, in the array that was given its size for that.
  t.regex(readText(outFiles, 'refused/map_.data.dump'), /^so_shared[\s\S]*Backtrace[\s\S]*CPU 0/);
});

import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {PlanSettings} from '../../src/inputs/settings.js';
import type {Plan} from '../../src/plan/plan.js';
import {guestTool, stoppingExecutor} from '../rig/guest_tools.js';
import {getKernel, type KernelId} from '../rig/kernels.js';
import {runInVm} from '../rig/vm.js';
import {examplePlan, planFile} from './example_plan.js';

// SIGKILL before every call of bpf(2) that a plan takes, of the executor and of its host: see
// rig/guest/kills.c. What is in the kernel is counted before and after.

type Victim = 'executor' | 'host';

interface Counts {
  readonly maps: number;
  readonly progs: number;
  readonly links: number;
  readonly btfs: number;
  readonly pins: number;
  readonly congestion_controls: number;
}

interface Row {
  readonly victim: Victim;
  /** Before which call it was killed, from 1; `held`: after the last, while all was held. */
  readonly call: number;
  readonly held: boolean;
  /** Legacy registrations that stayed in force; `after` is without them. */
  readonly left: number;
  readonly before: Counts;
  readonly after: Counts;
  readonly same: boolean;
}

interface Case {
  readonly kernel: KernelId;
  /** Of a committed object. */
  readonly example: string;
  readonly settings?: PlanSettings;
  /** Whether its registration is a map, not a link. */
  readonly legacy?: boolean;
}

const CASES: readonly Case[] = [
  {kernel: '6.1', example: 'tcp/second', legacy: true},
  {kernel: '6.12', example: 'tcp/first', legacy: true},
  {kernel: '6.12', example: 'tcp/second_link'},
  {
    kernel: 'newest',
    example: 'sched_ext/shared',
    settings: {enumConstants: '__SCX_', hotplugSeq: 'so_shared.hotplug_seq'},
  },
  {kernel: 'newest', example: 'qdisc/fifo'},
];

const labelOf = ({kernel, example}: Case) => `${kernel}-${example.replace('/', '-')}`;
const tables = new Map<string, {readonly plan: Plan; readonly rows: readonly Row[]}>();

async function killEverywhere(id: KernelId): Promise<void> {
  const cases = CASES.filter(({kernel}) => kernel === id);
  const kernel = await getKernel(id);
  const scratch = await mkdtemp(join(tmpdir(), 'structops-kills-'));
  try {
    const plans = await Promise.all(
      cases.map(({example, settings}) => examplePlan(example, kernel, settings)),
    );
    const labels = cases.map(labelOf);
    const files = plans.map((plan, at) => planFile(plan, labels[at] as string, scratch));
    const {outFiles} = await runInVm({
      kernel,
      timeoutSeconds: 540,
      files: [await guestTool('kills'), await stoppingExecutor(), ...(await Promise.all(files))],
      script: labels
        .map(label => `kills /usr/bin/stopping-shim /root/${label}.plan > /out/${label}`)
        .join('\n'),
    });
    for (const [at, label] of labels.entries()) {
      const lines = outFiles.get(label)?.toString().trimEnd().split('\n') ?? [];
      tables.set(label, {plan: plans[at] as Plan, rows: lines.map(line => JSON.parse(line))});
    }
  } finally {
    await rm(scratch, {recursive: true});
  }
}

test.before(async t => {
  t.timeout(1_200_000);
  for (const id of new Set(CASES.map(({kernel}) => kernel))) await killEverywhere(id);
});

const rowsOf = (one: Case, victim: Victim) =>
  tables.get(labelOf(one))?.rows.filter(row => row.victim === victim) ?? [];

for (const one of CASES) {
  const where = `${one.example} on Linux ${one.kernel}`;

  for (const victim of ['executor', 'host'] as const) {
    test(`${where}: SIGKILL of the ${victim} before any call leaves the kernel as it was`, t => {
      const rows = rowsOf(one, victim);
      const steps = tables.get(labelOf(one))?.plan.describe().steps.length ?? Number.NaN;
      t.true(rows.length > steps, `${rows.length} rows for ${steps} steps`);
      t.deepEqual(
        rows.map(({call}) => call),
        rows.map((_, index) => index + 1),
      );
      t.deepEqual(
        rows.filter(row => !row.same || (row.left > 0 && !row.held)),
        [],
      );
    });
  }

  test(`${where}: SIGKILL of the host of a plan that is held leaves nothing`, t => {
    const last = rowsOf(one, 'host').at(-1);
    t.like(last, {held: true, left: 0, same: true}, JSON.stringify(last));
  });

  test(`${where}: SIGKILL of the executor leaves ${one.legacy ? 'a legacy registration' : 'nothing'}`, t => {
    const last = rowsOf(one, 'executor').at(-1);
    t.like(last, {held: true, left: one.legacy ? 1 : 0, same: true}, JSON.stringify(last));
  });
}

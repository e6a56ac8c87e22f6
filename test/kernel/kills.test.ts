import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {PlanSettings} from '../../src/inputs/settings.js';
import type {Plan} from '../../src/plan/plan.js';
import {guestTool, stoppingExecutor} from '../rig/guest_tools.js';
import type {GuestFile} from '../rig/initramfs.js';
import {getKernel, type KernelId} from '../rig/kernels.js';
import {moduleFiles} from '../rig/modules.js';
import {runInVm} from '../rig/vm.js';
import {examplePlan, planFile} from './example_plan.js';
import {getFullKernel} from './full_kernel.js';
import {createMouse} from './uhid.js';

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
  /** Whose map the only link has: that of before, another, or there is none. */
  readonly in_force: 'same' | 'other' | 'none';
  readonly before: Counts;
  readonly after: Counts;
  readonly same: boolean;
}

interface Case {
  readonly kernel: KernelId | 'full';
  /** Of a committed object. */
  readonly example: string;
  readonly settings?: PlanSettings;
  /** Whether its registration is a map, not a link. */
  readonly legacy?: boolean;
  /** Whether it is pinned, so it stays when it was carried out. */
  readonly pinned?: boolean;
  /** The plan whose pinned link it takes the place of. */
  readonly replaces?: {readonly example: string; readonly settings: PlanSettings};
}

const pinned = (variable: string) => ({pins: {[variable]: `kills/${variable}`}});
const inPlace = (variable: string, old: string) => ({
  replace: {[variable]: {registration: `link_pin:kills/${old}`}},
});

const CASES: Readonly<Record<string, Case>> = {
  'a legacy one on 6.1': {kernel: '6.1', example: 'tcp/second', legacy: true},
  'a legacy one': {kernel: '6.12', example: 'tcp/first', legacy: true},
  'a link': {kernel: '6.12', example: 'tcp/second_link'},
  'a pinned link': {
    kernel: '6.12',
    example: 'tcp/first_link',
    settings: pinned('so_first'),
    pinned: true,
  },
  'an update': {
    kernel: '6.12',
    example: 'tcp/first_link',
    settings: {...inPlace('so_first', 'so_second'), set: {'so_first.name': 'so_second'}},
    pinned: true,
    replaces: {example: 'tcp/second_link', settings: pinned('so_second')},
  },
  'a scheduler': {
    kernel: 'newest',
    example: 'sched_ext/shared',
    settings: {enumConstants: '__SCX_', hotplugSeq: 'so_shared.hotplug_seq'},
  },
  'a queueing discipline': {kernel: 'newest', example: 'qdisc/fifo'},
  'a queueing discipline for another': {
    kernel: 'newest',
    example: 'qdisc/fifo',
    settings: {...inPlace('so_fifo', 'so_fifo'), ...pinned('so_fifo')},
    pinned: true,
    replaces: {example: 'qdisc/fifo', settings: pinned('so_fifo')},
  },
  'a HID fix': {kernel: 'full', example: 'hid/mouse', settings: {set: {'so_mouse.hid_id': 1}}},
};

const MODULES = ['drivers/hid/hid', 'drivers/hid/hid-generic', 'drivers/hid/uhid'];
/** The first HID device of a guest, which has the number 1. */
const MAKE_MOUSE = `
  for module in hid uhid hid-generic; do insmod /lib/modules/$module.ko; done
  exec 3<> /dev/uhid
  cat /root/create.uhid >&3
  until [ -e /sys/bus/hid/devices/*.0001 ]; do sleep 0.1; done`;

const tables = new Map<string, {readonly plan: Plan; readonly rows: readonly Row[]}>();

async function mouseFiles(scratch: string): Promise<GuestFile[]> {
  const hostPath = join(scratch, 'create.uhid');
  await writeFile(hostPath, createMouse());
  const modules = await moduleFiles(await getFullKernel(), MODULES);
  return [...modules, {hostPath, guestPath: '/root/create.uhid'}];
}

async function killEverywhere(id: Case['kernel']): Promise<void> {
  const cases = Object.entries(CASES).filter(([, {kernel}]) => kernel === id);
  const kernel = id === 'full' ? await getFullKernel() : await getKernel(id);
  const scratch = await mkdtemp(join(tmpdir(), 'structops-kills-'));
  const files: GuestFile[] = [];
  const lines: string[] = [];
  const plans: Plan[] = [];
  try {
    for (const [at, [, {example, settings, replaces}]] of cases.entries()) {
      const plan = await examplePlan(example, kernel, settings);
      plans.push(plan);
      files.push(await planFile(plan, `${at}`, scratch));
      if (replaces !== undefined) {
        const old = await examplePlan(replaces.example, kernel, replaces.settings);
        files.push(await planFile(old, `${at}-begin`, scratch));
      }
      const begin = replaces === undefined ? '-' : `/root/${at}-begin.plan`;
      lines.push(`kills /usr/bin/stopping-shim /root/${at}.plan ${begin} > /out/${at}`);
    }
    const {output, outFiles} = await runInVm({
      kernel,
      timeoutSeconds: 900,
      files: [
        await guestTool('kills'),
        await stoppingExecutor(),
        ...files,
        ...(id === 'full' ? await mouseFiles(scratch) : []),
      ],
      script: [...(id === 'full' ? [MAKE_MOUSE] : []), ...lines].join('\n'),
    });
    for (const [at, [what]] of cases.entries()) {
      const text = outFiles.get(`${at}`)?.toString().trimEnd() ?? '';
      if (text === '') throw new Error(`${what}: ${output}`);
      const rows = text.split('\n').map(line => JSON.parse(line));
      tables.set(what, {plan: plans[at] as Plan, rows});
    }
  } finally {
    await rm(scratch, {recursive: true});
  }
}

test.before(async t => {
  t.timeout(2_400_000);
  const kernels = new Set(Object.values(CASES).map(({kernel}) => kernel));
  for (const id of kernels) await killEverywhere(id);
});

const rowsOf = (what: string, victim: Victim) =>
  tables.get(what)?.rows.filter(row => row.victim === victim) ?? [];

for (const [what, one] of Object.entries(CASES)) {
  const where = `${what}, ${one.example} on Linux ${one.kernel}`;

  test(`${where}: SIGKILL of the host before any call leaves the kernel as it was`, t => {
    const rows = rowsOf(what, 'host');
    const steps = tables.get(what)?.plan.describe().steps.length ?? Number.NaN;
    t.true(rows.length > steps, `${rows.length} rows for ${steps} steps`);
    t.deepEqual(
      rows.map(({call}) => call),
      rows.map((_, index) => index + 1),
    );
    t.deepEqual(
      rows.filter(row => !row.held && (!row.same || row.left > 0)),
      [],
    );
  });

  test(`${where}: SIGKILL of the executor before any call: ${meantime(one)}`, t => {
    const rows = rowsOf(what, 'executor').filter(({held}) => !held);
    t.true(rows.length > 5);
    const states = rows.map(({in_force}) => in_force);
    const order = ['same', 'none', 'other'];
    t.log(order.map(state => `${states.filter(one => one === state).length} ${state}`).join(', '));
    t.deepEqual(
      states,
      [...states].sort((a, b) => order.indexOf(a) - order.indexOf(b)),
    );
    // Once an update is done nothing of the old one is left; an unpinned link goes with its fd.
    const wrong = rows.filter(row => (one.pinned ? row.in_force === 'same' : true) && !row.same);
    t.deepEqual(
      wrong.filter(row => row.before.pins === row.after.pins),
      [],
    );
    const replacing = one.replaces !== undefined;
    if (!replacing && !one.pinned) t.false(states.includes('other'));
    if (what === 'an update') t.false(states.includes('none'));
  });

  test(`${where}: SIGKILL while it is held leaves ${remains(one)}`, t => {
    for (const victim of ['host', 'executor'] as const) {
      const last = rowsOf(what, victim).at(-1);
      const left = one.legacy && victim === 'executor' ? 1 : 0;
      const state = one.pinned ? {in_force: 'other'} : {in_force: 'same', same: true};
      t.like(last, {held: true, left, ...state}, JSON.stringify(last));
    }
  });
}

function meantime({replaces, pinned: stays}: Case): string {
  if (replaces !== undefined) return 'the old one, nothing, or the new one is in force';
  return stays ? 'nothing is left before it is pinned' : 'nothing is left';
}

function remains({legacy, pinned: stays}: Case): string {
  if (stays) return 'what is pinned';
  return legacy ? 'nothing, or of the executor a legacy registration' : 'nothing';
}

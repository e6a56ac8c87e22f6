import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import type {PlanSettings} from '../../src/inputs/settings.js';
import {examplePlan} from '../kernel/example_plan.js';
import {getFullKernel} from '../kernel/full_kernel.js';
import {getKernel} from '../rig/kernels.js';
import {compile, executorSources, SANITIZER_ENVIRONMENT} from './fake_executor.js';
import {forKernel} from './frame_builder.js';
import {KERNEL_BTF} from './sample_frames.js';

// The plans of the examples, of every kind of struct_ops: each call of each of them fails, with each
// errno that bpf(2) is known for, on the kernel that is a table.

/** Those of frame_main.c. */
const ERRNOS = 12;
const PIN = 'old/link';

const SCHEDULER = {enumConstants: '__SCX_', hotplugSeq: 'so_shared.hotplug_seq'};
const MOUSE = {set: {'so_mouse.hid_id': 1}};

/** What takes another one's place, with its pin, by a detach. */
const inPlace = (variable: string, more: PlanSettings = {}): PlanSettings => ({
  ...more,
  pins: {[variable]: PIN},
  replace: {[variable]: {registration: `link_pin:${PIN}`, swap: 'detach'}},
});
const pinned = (variable: string, more: PlanSettings = {}) => ({
  ...more,
  pins: {[variable]: 'a/b'},
});

interface Case {
  readonly example: string;
  /** Of fake_make(): a link has id 2, and its map, or a legacy one, has id 1. */
  readonly world: string;
  readonly settings: PlanSettings;
  /** Steps from which on what was there cannot come back: the kernel registers no legacy map twice. */
  readonly lost?: number;
}

const LINK = `link pin:${PIN}`;
const CASES: Readonly<Record<string, Case>> = {
  'a legacy one': {example: 'tcp/first', world: '', settings: {}},
  'a legacy one, pinned': {example: 'tcp/second', world: '', settings: pinned('so_second')},
  'a legacy one for another': {
    example: 'tcp/second',
    world: 'legacy',
    settings: {replace: {so_second: {registration: 'map:1'}}},
    lost: 2,
  },
  'a link': {example: 'tcp/first_link', world: '', settings: {}},
  'a link, pinned': {example: 'tcp/second_link', world: '', settings: pinned('so_second')},
  'a link that is updated': {
    example: 'tcp/second_link',
    world: 'link',
    settings: {replace: {so_second: {registration: 'link:2', mapId: 1}}},
  },
  'a scheduler': {example: 'sched_ext/shared', world: '', settings: SCHEDULER},
  'a scheduler, pinned': {
    example: 'sched_ext/shared',
    world: '',
    settings: pinned('so_shared', SCHEDULER),
  },
  'a scheduler for another': {
    example: 'sched_ext/shared',
    world: LINK,
    settings: inPlace('so_shared', SCHEDULER),
  },
  'a queueing discipline': {example: 'qdisc/fifo', world: '', settings: {}},
  'a queueing discipline, pinned': {
    example: 'qdisc/fifo',
    world: '',
    settings: pinned('so_fifo'),
  },
  'a queueing discipline for another': {
    example: 'qdisc/fifo',
    world: LINK,
    settings: inPlace('so_fifo'),
  },
  'a HID fix': {example: 'hid/mouse', world: '', settings: MOUSE},
  'a HID fix, pinned': {example: 'hid/mouse', world: '', settings: pinned('so_mouse', MOUSE)},
  'a HID fix for another': {
    example: 'hid/mouse',
    world: LINK,
    settings: inPlace('so_mouse', MOUSE),
  },
};

let program = '';
let directory = '';

test.before(async () => {
  program = await compile('examples_undo', executorSources('test/shim/frame_main.c'));
  directory = await mkdtemp(join(tmpdir(), 'structops-examples-undo-'));
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

/** Of a kernel that has the kind. */
function kernelOf(example: string) {
  if (example.startsWith('hid/')) return getFullKernel();
  return getKernel(example.startsWith('tcp/') ? '6.12' : 'newest');
}

for (const [index, [what, one]] of Object.entries(CASES).entries()) {
  const {example, world, settings, lost = 0} = one;
  test(`${example}, ${what}: whatever call fails, however: all is as before`, async t => {
    const plan = await examplePlan(example, await kernelOf(example), settings);
    const place = join(directory, String(index));
    const file = join(directory, `${index}.plan`);
    await mkdir(place);
    // The kernel that is a table has a BTF of its own.
    await writeFile(file, forKernel(plan.bytes, KERNEL_BTF));
    const options = {cwd: place, env: SANITIZER_ENVIRONMENT};
    const {stderr} = await execa(program, ['undo', world, file], options);
    const counts = new Map(stderr.split('\n').map(line => line.split(' ') as [string, string]));
    const count = (key: string) => Number(counts.get(key) ?? 0);
    t.log(Object.fromEntries(counts));
    t.is(count('done'), ERRNOS, 'one run for each goes to the end, and is undone after it');
    t.is(count('not_restored'), lost * ERRNOS);
    const {steps} = plan.describe();
    // Those that may fail are in a run that goes on.
    const must = steps.filter(step => step.cmd !== 'BPF_PROG_BIND_MAP').length;
    t.true(count('as_before') >= (must - lost) * ERRNOS, `${must} steps`);
  });
}

import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {PlanSettings} from '../../src/inputs/settings.js';
import type {Plan} from '../../src/plan/plan.js';
import {guestTool} from '../rig/guest_tools.js';
import {getKernel} from '../rig/kernels.js';
import {executorFile} from '../rig/package_files.js';
import {runInVm} from '../rig/vm.js';
import {examplePlan, planFile} from './example_plan.js';

// One congestion control in the place of another, again and again, while connections move data and
// ask for whichever is in force. SWAPS and FAILURES in the environment make it a long run: npm run
// test:soak has 1,000 and 200.

const SWAPS = Number(process.env.SWAPS ?? 24);
const FAILURES = Number(process.env.FAILURES ?? 8);
const CONNECTIONS = 50;
const NAME = 'so_second';
const PIN = 'soak/so_second';
/** A swap that left its map, programs and trampoline behind would take 30 KiB. */
const GROWTH_KIB_MAX = 2048 + SWAPS;

interface Swaps {
  readonly swaps: number;
  readonly failed: number;
  readonly injected: number;
  readonly changed: number;
  readonly ms: number;
}

/** What rig/guest/settle.c prints. */
interface Settled {
  readonly counts: Readonly<Record<string, number>>;
  readonly kib: number;
}

let expected: Settled['counts'];
let before: Settled;
let loaded: Swaps;
let after: Settled;
let traffic: Record<string, number>;

const replaced = (variable: string, more: PlanSettings = {}): PlanSettings => ({
  ...more,
  replace: {[variable]: {registration: `link_pin:${PIN}`}},
});

/** What is in the kernel while a plan is in force that has the only pin. */
function countsOf(plan: Plan): Settled['counts'] {
  const {steps} = plan.describe();
  const count = (cmd: string) => steps.filter(step => step.cmd === cmd).length;
  return {
    maps: count('BPF_MAP_CREATE'),
    progs: count('BPF_PROG_LOAD'),
    links: 1,
    // The kernel's own as well; the pin is in a directory of its own; reno and cubic.
    btfs: 2,
    pins: 2,
    congestion_controls: 3,
  };
}

test.before(async t => {
  t.timeout(3_600_000);
  const kernel = await getKernel('6.12');
  const scratch = await mkdtemp(join(tmpdir(), 'structops-swaps-'));
  try {
    const plans = {
      begin: await examplePlan('tcp/second_link', kernel, {pins: {so_second: PIN}}),
      // Under one name, as the kernel asks of congestion controls that replace each other.
      a: await examplePlan('tcp/first_link', kernel, {
        ...replaced('so_first', {set: {'so_first.name': NAME}}),
      }),
      b: await examplePlan('tcp/second_link', kernel, replaced('so_second')),
      // The last step fails: under another name; then one whose replaced link is not pinned there.
      named: await examplePlan('tcp/first_link', kernel, replaced('so_first')),
      missing: await examplePlan('tcp/second_link', kernel, {
        replace: {so_second: {registration: 'link_pin:soak/nothing'}},
      }),
    };
    // In force at the end: an even number of swaps.
    expected = countsOf(plans.b);
    const files = Object.entries(plans).map(([label, plan]) => planFile(plan, label, scratch));
    const underLoad = (label: string, count: number, failures: number) => `
        traffic ${NAME} ${CONNECTIONS} > /out/traffic &
        swaps /usr/bin/structops-shim ${count} ${failures} a.plan b.plan named.plan missing.plan \\
          > /out/swaps
        kill $!
        wait $!
        settle ${Object.values(expected).join(' ')} > /out/${label}`;
    const {outFiles} = await runInVm({
      kernel,
      timeoutSeconds: 3000,
      files: [
        await guestTool('traffic'),
        await guestTool('swaps'),
        await guestTool('settle'),
        executorFile(),
        ...(await Promise.all(files)),
      ],
      script: `
        cd /root
        structops-shim < begin.plan
        # Once before, so that all caches are warm.
        ${underLoad('before', 10, 2)}
        ${underLoad('after', SWAPS, FAILURES)}`,
    });
    const text = (name: string) => outFiles.get(name)?.toString() ?? '';
    before = JSON.parse(text('before'));
    loaded = JSON.parse(text('swaps'));
    after = JSON.parse(text('after'));
    traffic = JSON.parse(text('traffic').replace('ready\n', ''));
    t.log(JSON.stringify({before, loaded, after, traffic}));
  } finally {
    await rm(scratch, {recursive: true});
  }
});

test(`${SWAPS} swaps under load: each one puts the other map in force`, t => {
  t.like(loaded, {swaps: SWAPS, failed: 0});
});

test(`${FAILURES} failed swaps: the old one is in force after each`, t => {
  t.like(loaded, {injected: FAILURES, changed: 0});
});

test(`${CONNECTIONS} connections go on through all of it, and what they carry is whole`, t => {
  const text = JSON.stringify(traffic);
  t.like(traffic, {connections: CONNECTIONS, broken: 0, damaged: 0, refused: 0}, text);
  t.true((traffic.least ?? 0) > 0, text);
  t.true((traffic.asked ?? 0) > CONNECTIONS, text);
});

test('no map, program, link or pin is left behind, and no memory', t => {
  t.deepEqual(before.counts, expected);
  t.deepEqual(after.counts, expected);
  const grown = after.kib - before.kib;
  t.true(grown < GROWTH_KIB_MAX, `${grown} KiB more`);
});

import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {Plan} from '../../src/plan/plan.js';
import {withSharedLibraries} from '../rig/initramfs.js';
import {moduleFiles} from '../rig/modules.js';
import {packageFiles} from '../rig/package_files.js';
import {scenarioFiles} from '../rig/scenario.js';
import {ensureSystemPackages} from '../rig/system_packages.js';
import {runInVm} from '../rig/vm.js';
import {examplePlan, objectFile, planFile} from './example_plan.js';
import {getFullKernel} from './full_kernel.js';
import {
  expectHeld,
  guestScript,
  type OutFiles,
  readElements,
  readFact,
  readHeld,
  readVariables,
  scriptCommand,
} from './held_facts.js';
import {createMouse, MOUSE_DESCRIPTOR, mouseReport} from './uhid.js';

// examples/qdisc/ and examples/hid/ on the newest kernel, in the flavour that has devices.

/** busybox's cannot attach a queueing discipline that it does not know. */
const TC = {lookFor: '/usr/sbin/tc', package: 'iproute2'};
const MODULES = [
  'drivers/net/veth',
  'drivers/hid/hid',
  'drivers/hid/hid-generic',
  'drivers/hid/uhid',
];
const SCRIPTS = ['held.sh', 'qdisc_network.sh', 'qdisc.sh', 'hid.sh'];

const BYTES = 4 * 1024 * 1024;
const PINGS = 20;

/** The words of the commands, as examples/README.md has them. */
const APPLY_CLOSED =
  'structops apply --json /root/fifo.bpf.o --set limit_packets=0 --map queues.max_entries=1';
const APPLY_MOUSE = 'structops apply --json /root/mouse.bpf.o --set so_mouse.hid_id=$HID_ID';

/** Button 1 and 5, to the right, upwards. */
const REPORT = [0x11, 5, 0xfb];

let fifo: Plan;
let mouse: Plan;
let outFiles: OutFiles;

test.before(async t => {
  t.timeout(600_000);
  const kernel = await getFullKernel();
  const scratch = await mkdtemp(join(tmpdir(), 'structops-devices-'));
  try {
    fifo = await examplePlan('qdisc/fifo', kernel);
    mouse = await examplePlan('hid/mouse', kernel, {set: {'so_mouse.hid_id': 1}});
    await writeFile(join(scratch, 'create.uhid'), createMouse());
    await writeFile(join(scratch, 'report.uhid'), mouseReport(REPORT));
    await ensureSystemPackages([TC]);
    ({outFiles} = await runInVm({
      kernel,
      memoryMiB: 1536,
      timeoutSeconds: 540,
      files: [
        ...(await packageFiles()),
        ...(await scenarioFiles()),
        ...(await withSharedLibraries(TC.lookFor)),
        ...(await moduleFiles(kernel, MODULES)),
        ...SCRIPTS.map(guestScript),
        ...['create.uhid', 'report.uhid'].map(name => ({
          hostPath: join(scratch, name),
          guestPath: `/root/${name}`,
        })),
        objectFile('qdisc/fifo'),
        objectFile('hid/mouse'),
        await planFile(fifo, 'fifo', scratch),
        await planFile(mouse, 'mouse', scratch),
      ],
      script: [
        'sh /rig/qdisc_network.sh',
        ...qdiscCommands(),
        scriptCommand('hid.sh', 'mouse', 'structops-shim /root/mouse.plan'),
        scriptCommand('hid.sh', 'second_mouse', APPLY_MOUSE),
      ].join('\n'),
    }));
  } finally {
    await rm(scratch, {recursive: true});
  }
});

function qdiscCommands(): string[] {
  const executor = 'structops-shim /root/fifo.plan';
  const both = {DEVICES: 'so_near lo', OUTLIVES: 0};
  const one = {DEVICES: 'so_near', OUTLIVES: 1};
  return [
    scriptCommand('qdisc.sh', 'fifo', executor, {...both, BYTES, PING_S: 30}),
    scriptCommand('qdisc.sh', 'closed', APPLY_CLOSED, {...both, BYTES: 0, PING_S: 3}),
    scriptCommand('qdisc.sh', 'outlives', executor, {...one, BYTES: 0, PING_S: 30}),
  ];
}

const fact = (path: string) => readFact(outFiles, path);
const variables = (path: string) => readVariables(outFiles, path) as Record<string, number>;
const pingsAnswered = (path: string) => Number(/(\d+) packets received/.exec(fact(path))?.[1]);

interface DeviceStatistics {
  readonly kind: string;
  readonly dev: string;
  readonly bytes: number;
}

/** What `tc -s` says of the devices that have it. */
function statistics(label: string): DeviceStatistics[] {
  const all: DeviceStatistics[] = JSON.parse(fact(`${label}/statistics`));
  return all.filter(({kind}) => kind === 'so_fifo');
}

test('qdisc: packets pass, and each device has a queue of its own', t => {
  expectHeld(t, readHeld(outFiles, 'fifo'), fifo);
  t.is(fact('fifo/devices_attached'), '2');
  t.is(readElements(outFiles, 'fifo/map_queues_attached').length, 2);
  t.is(pingsAnswered('fifo/ping'), PINGS, fact('fifo/ping'));
  t.is(JSON.parse(fact('fifo/transfer')).bytes, BYTES);
  const devices = statistics('fifo');
  const bytesOf = (name: string) => devices.find(({dev}) => dev === name)?.bytes ?? 0;
  t.true(bytesOf('so_near') > PINGS * 1000, JSON.stringify(devices));
  t.true(bytesOf('lo') > BYTES, JSON.stringify(devices));
});

test('qdisc: what it counts is what tc counts', t => {
  const counters = variables('fifo/map_fifo.bss');
  const text = JSON.stringify(counters);
  const bytes = statistics('fifo').reduce((sum, device) => sum + device.bytes, 0);
  // Some packets may have come after tc looked.
  t.true((counters.sent_bytes ?? 0) >= bytes && (counters.sent_bytes ?? 0) < bytes + 10_000, text);
  t.true((counters.sent ?? 0) > PINGS && (counters.sent ?? 0) <= (counters.queued ?? 0), text);
  t.like(counters, {attached: 2, detached: 2, dropped_full: 0, dropped_without_memory: 0}, text);
  t.true((counters.longest ?? 0) > 0, text);
});

test('qdisc: after its end nothing is left and tc does not know it', t => {
  t.is(fact('fifo/devices_detached'), '0');
  t.deepEqual(readElements(outFiles, 'fifo/map_queues_detached'), []);
  t.not(fact('fifo/too_late_exit_code'), '0');
  t.regex(fact('fifo/too_late'), /unknown/);
});

test('qdisc: with a limit of 0 nothing passes; with room for one queue it has one device', t => {
  expectHeld(t, readHeld(outFiles, 'closed'), fifo);
  t.is(fact('closed/refused'), 'lo');
  t.is(fact('closed/devices_attached'), '1');
  t.is(pingsAnswered('closed/ping'), 0, fact('closed/ping'));
  const counters = variables('closed/map_fifo.bss');
  t.true((counters.dropped_full ?? 0) > 0, JSON.stringify(counters));
  t.is(counters.sent, 0);
});

test('qdisc: a device that has it keeps it alive; then nothing is left', t => {
  expectHeld(t, readHeld(outFiles, 'outlives'), fifo);
  t.regex(fact('outlives/devices_without_holder'), /qdisc so_fifo \S+ dev so_near/);
  t.is(pingsAnswered('outlives/ping_without_holder'), PINGS);
});

for (const label of ['mouse', 'second_mouse']) {
  test(`hid: ${label} has its buttons, for the left hand, until the end`, t => {
    expectHeld(t, readHeld(outFiles, label), mouse);
    t.is(fact(`${label}/hid_id`), label === 'mouse' ? '1' : '2');
    for (const when of ['before', 'after']) {
      t.is(fact(`${label}/descriptor_${when}`), MOUSE_DESCRIPTOR);
      t.is(fact(`${label}/report_${when}`), '1105fb');
    }
    const mended = MOUSE_DESCRIPTOR.replace('290315', '290515')
      .replace('95037501', '95057501')
      .replace('95017505', '95017503');
    t.is(fact(`${label}/descriptor_during`), mended);
    t.is(fact(`${label}/report_during`), '1205fb');
    const counters = variables(`${label}/map_mouse.bss`);
    t.like(counters, {mended: 1, reports: 1, swapped: 1}, JSON.stringify(counters));
  });
}

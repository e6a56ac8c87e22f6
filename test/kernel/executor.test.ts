import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {openBtf} from '../../src/inputs/kernel_btf.js';
import type {PlanSettings} from '../../src/inputs/settings.js';
import {inspectKernel} from '../../src/inspect/inspect_kernel.js';
import {planQuery} from '../../src/registered/executor_query.js';
import {bpftoolFiles} from '../rig/bpftool.js';
import {guestTool} from '../rig/guest_tools.js';
import {getKernel, type Kernel} from '../rig/kernels.js';
import {executorFile} from '../rig/package_files.js';
import {runInVm} from '../rig/vm.js';
import {ATTACH, encode, layOut, withDigest, withStep} from '../shim/frame_builder.js';
import {LINK_UPDATE} from '../shim/life_frames.js';
import {addresses} from '../shim/vm_plans.js';
import {examplePlan, planFile} from './example_plan.js';
import {checkTool, readCheck} from './guest_run.js';

// The executor on the newest kernel: every capability that a plan asks for is one that it needs, and
// what would harm the kernel is not asked of it.

const CAPABILITIES = {CAP_SYS_ADMIN: 21, CAP_SYSLOG: 34, CAP_PERFMON: 38, CAP_BPF: 39};
type Capability = keyof typeof CAPABILITIES;

/** The link of the plan would get the map that it has. */
const SAME_MAP = 'same_map';
const OWNER = 'owner';

interface Asking {
  readonly bytes: Uint8Array;
  readonly capabilities: readonly Capability[];
}

let plans: ReadonlyMap<string, Asking>;
let outFiles: ReadonlyMap<string, Buffer>;

/** One of each kind of struct_ops, a swap, a list, and one with a kernel symbol. */
async function plansFor(kernel: Kernel): Promise<Map<string, Asking>> {
  const example = async (name: string, settings: PlanSettings = {}): Promise<Asking> => {
    const plan = await examplePlan(name, kernel, settings);
    return {bytes: plan.bytes, capabilities: plan.describe().capabilities as Capability[]};
  };
  const list = planQuery(['list=1']);
  const bits = (1n << 34n) | (1n << 39n);
  return new Map([
    ['tcp', await example('tcp/second')],
    ['tcp_link', await example('tcp/first_link')],
    [
      'scheduler',
      await example('sched_ext/shared', {
        enumConstants: '__SCX_',
        hotplugSeq: 'so_shared.hotplug_seq',
      }),
    ],
    ['qdisc', await example('qdisc/fifo')],
    ['list', {bytes: list.bytes, capabilities: list.describe().capabilities as Capability[]}],
    [
      'symbol',
      {
        bytes: encode(layOut([addresses('init_task', 0)]), {capabilities: bits}),
        capabilities: ['CAP_SYSLOG', 'CAP_BPF'],
      },
    ],
  ]);
}

async function dangers(kernel: Kernel): Promise<Map<string, Uint8Array>> {
  const link = await examplePlan('tcp/second_link', kernel);
  const {steps} = link.describe();
  const slotOf = (cmd: string, name: string) =>
    steps.find(step => step.cmd === cmd && step.name === name)?.slot ?? Number.NaN;
  const slots = {
    0: slotOf('BPF_LINK_CREATE', 'so_second'),
    4: slotOf('BPF_MAP_CREATE', 'so_second'),
  };
  const update = {cmd: LINK_UPDATE, phase: ATTACH, attrSize: 16, slots};
  const {kinds} = inspectKernel({kernelBtf: openBtf(kernel.btf)});
  const members = kinds.find(({struct}) => struct === 'tcp_congestion_ops')?.members ?? [];
  const owner = members.find(({name}) => name === 'owner')?.offset ?? Number.NaN;
  const legacy = await examplePlan('tcp/first', kernel);
  const writes = legacy.describe().steps.find(step => step.value_type !== undefined);
  const value = Buffer.from(String(writes?.blobs.value), 'hex');
  const changed = Buffer.from(legacy.bytes.subarray(0, -32));
  changed[changed.indexOf(value) + owner] = 1;
  return new Map([
    [SAME_MAP, withStep(link.bytes, update)],
    [OWNER, withDigest(changed)],
  ]);
}

test.before(async t => {
  t.timeout(600_000);
  const kernel = await getKernel('newest');
  const scratch = await mkdtemp(join(tmpdir(), 'structops-executor-'));
  try {
    plans = await plansFor(kernel);
    const all = [
      ...[...plans].map(([label, {bytes}]) => [label, bytes] as const),
      ...(await dangers(kernel)),
    ];
    const executor = 'structops-shim --allow-other-programs';
    const tries = [...plans].flatMap(([label, {capabilities}]) => [
      `${executor} < ${label}.plan > /out/${label}`,
      ...capabilities.map(
        name => `without ${CAPABILITIES[name]} ${executor} < ${label}.plan > /out/${label}-${name}`,
      ),
    ]);
    ({outFiles} = await runInVm({
      kernel,
      timeoutSeconds: 540,
      files: [
        await guestTool('without'),
        await guestTool('with_file_capabilities'),
        executorFile(),
        checkTool(),
        ...(await bpftoolFiles()),
        ...(await Promise.all(all.map(([label, bytes]) => planFile({bytes}, label, scratch)))),
      ],
      script: [
        'cd /root',
        ...tries,
        `check ${SAME_MAP} structops-shim ${SAME_MAP}.plan`,
        `check ${OWNER} structops-shim ${OWNER}.plan`,
        // The kernel that an update of a link to its own map has harmed would not come back from this.
        'structops-shim < tcp_link.plan > /out/afterwards',
        // rootfs keeps no file capabilities.
        'cp /usr/bin/structops-shim /tmp',
        'with_file_capabilities 38,39 /tmp/structops-shim < tcp_link.plan > /out/file_capabilities',
        'with_file_capabilities 39 /tmp/structops-shim < tcp_link.plan > /out/too_few',
      ].join('\n'),
    }));
  } finally {
    await rm(scratch, {recursive: true});
  }
});

/** The executor's answer to a plan. */
function answer(label: string) {
  return JSON.parse(outFiles.get(label)?.toString().split('\n')[0] ?? '');
}

test('with the capabilities that it asks for, every plan is carried out', t => {
  for (const [label] of plans) t.is(answer(label).status, 'done', JSON.stringify(answer(label)));
});

test('each one that a plan asks for is needed: without it the executor fails, and names it', t => {
  for (const [label, {capabilities}] of plans) {
    t.true(capabilities.length > 0, label);
    for (const name of capabilities) {
      const result = answer(`${label}-${name}`);
      t.like(result, {status: 'step_failed', lacks: [name]}, JSON.stringify(result));
    }
  }
  const all = new Set([...plans.values()].flatMap(({capabilities}) => capabilities));
  t.deepEqual([...all].sort(), Object.keys(CAPABILITIES).sort());
});

test('file capabilities of the executor are enough, for a user who has none', t => {
  t.is(answer('file_capabilities').status, 'done', JSON.stringify(answer('file_capabilities')));
  t.like(answer('too_few'), {status: 'step_failed', cmd: 'BPF_PROG_LOAD', lacks: ['CAP_PERFMON']});
});

test('an update of a link to the map that it has is not asked of the kernel', t => {
  const check = readCheck(outFiles, SAME_MAP);
  t.like(JSON.parse(check.stdout), {
    ...{status: 'step_failed', cmd: 'BPF_LINK_UPDATE', reason: 'same_map', error: 'EALREADY'},
  });
  t.is(check.exitCode, 1);
  // It has made the link.
  t.true(check.bpfCalls.includes(28));
  t.false(check.bpfCalls.includes(LINK_UPDATE));
  t.is(check.left, '');
  t.is(answer('afterwards').status, 'done');
});

test('a value with an owner: the kernel returns 1, registers nothing, and the plan has failed', t => {
  const check = readCheck(outFiles, OWNER);
  t.like(JSON.parse(check.stdout), {
    status: 'step_failed',
    cmd: 'BPF_MAP_UPDATE_ELEM',
    returned: 1,
  });
  t.is(check.exitCode, 1);
  t.is(check.left, '');
});

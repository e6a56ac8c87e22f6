import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {openBtf} from '../../src/inputs/kernel_btf.js';
import type {Plan} from '../../src/plan/plan.js';
import {planObject} from '../../src/plan/plan_object.js';
import {smallKernel} from '../malformed/refused.js';
import {buildArm64Executor} from '../rig/arm64_executor.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';
import {readFacts, scenarioCommand, scenarioFiles} from '../rig/scenario.js';
import {runInVm, type VmResult} from '../rig/vm.js';
import {readCheck} from './guest_run.js';

/** Plans are made on this machine; the executor that carries them out is for the other one. */

const CHECK = fileURLToPath(new URL('check.sh', import.meta.url));
const BYTES = 4 * 1024 * 1024;
const SECOND = 'examples/tcp/second_link.bpf.o';

let guest: VmResult;

async function planFor(id: 'arm64' | '6.12', path: string): Promise<Plan> {
  return planObject({
    object: await readFile(join(REPOSITORY, path)),
    objectName: basename(path),
    kernelBtf: openBtf((await getKernel(id)).btf),
  });
}

test.before(async t => {
  t.timeout(600_000);
  const directory = await mkdtemp(join(tmpdir(), 'structops-arm64-'));
  try {
    guest = await runGuest(directory);
  } finally {
    await rm(directory, {recursive: true});
  }
});

async function runGuest(directory: string): Promise<VmResult> {
  const plans = {own: await planFor('arm64', SECOND), other: await planFor('6.12', SECOND)};
  const planFiles = Object.entries(plans).map(([name, {bytes}]) => ({
    hostPath: join(directory, name),
    guestPath: `/root/${name}.plan`,
    bytes,
  }));
  for (const {hostPath, bytes} of planFiles) await writeFile(hostPath, bytes);
  return runInVm({
    kernel: await getKernel('arm64'),
    timeoutSeconds: 540,
    files: [
      ...(await scenarioFiles('arm64')),
      ...planFiles,
      {hostPath: CHECK, guestPath: '/usr/bin/check'},
      {hostPath: await buildArm64Executor(), guestPath: '/usr/bin/structops-shim'},
    ],
    script: [
      'check load_only structops-shim --load-only /root/own.plan',
      'check other structops-shim /root/other.plan',
      scenarioCommand({
        label: 'held',
        name: 'so_second',
        holder: 'exec structops-shim /root/own.plan',
        bytes: BYTES,
        outageMs: 1000,
      }),
    ].join('\n'),
  });
}

test('arm64: a congestion control carries traffic, and goes with its executor', t => {
  const facts = readFacts(guest.outFiles, 'held');
  t.deepEqual(facts.namesDuring, [...facts.namesBefore, 'so_second'], facts.holderOutput);
  t.is(facts.transfer?.used, 'so_second', facts.transferOutput);
  t.is(facts.transfer?.bytes, BYTES);
  t.is(facts.holderExitCode, 0, facts.holderOutput);
  t.deepEqual(facts.namesAfter, facts.namesBefore);
});

test("arm64: the kernel's verifier takes what a plan loads", async t => {
  const check = readCheck(guest.outFiles, 'load_only');
  t.is(check.exitCode, 0, check.stdout + check.stderr);
  const {steps} = (await planFor('arm64', SECOND)).describe();
  const {status, slots} = JSON.parse(check.stdout);
  t.is(status, 'loaded');
  const loaded = steps.filter(({phase, slot}) => phase === 'load' && slot !== null);
  t.deepEqual(
    slots.map(({name}: {name: string}) => name),
    loaded.map(({name}) => name),
  );
});

test('arm64: a plan for an x86-64 kernel is refused before the first bpf(2)', t => {
  const check = readCheck(guest.outFiles, 'other');
  t.is(check.exitCode, 2);
  t.is(JSON.parse(check.stdout).status, 'wrong_kernel');
  t.deepEqual(check.bpfCalls, []);
});

const tellsWrapper = test.macro({
  async exec(t, kernelBtf: () => Promise<string | Uint8Array>, value: number) {
    const btf = await kernelBtf();
    const object = await readFile(join(REPOSITORY, 'test/bpf/library/syscall_wrapper.bpf.o'));
    const {steps} = planObject({
      object,
      objectName: 'syscall_wrapper.bpf.o',
      kernelBtf: typeof btf === 'string' ? openBtf(btf) : btf,
    }).describe();
    const update = steps.find(step => step.cmd === 'BPF_MAP_UPDATE_ELEM' && !step.members);
    // Zeros need not be written.
    t.is(update?.blobs.value, value === 0 ? undefined : `0${value}`);
  },
  title: (kernel, _, value) => `LINUX_HAS_SYSCALL_WRAPPER is ${value} for ${kernel}`,
});
test('arm64', tellsWrapper, async () => (await getKernel('arm64')).btf, 1);
test('x86-64', tellsWrapper, async () => (await getKernel('6.12')).btf, 1);
test('a kernel without wrappers', tellsWrapper, smallKernel, 0);

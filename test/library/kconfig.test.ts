import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {release, tmpdir} from 'node:os';
import {join} from 'node:path';
import {gunzipSync, gzipSync} from 'node:zlib';
import test from 'ava';
import {InputError, type InputErrorCode, PlanError, ShimError} from '../../src/errors.js';
import {loadStructOps} from '../../src/executor/load_struct_ops.js';
import {findRunningKconfig, openKconfig} from '../../src/inputs/kconfig.js';
import {VMLINUX_BTF} from '../../src/inputs/kernel_btf.js';
import {runningKernelVersion} from '../../src/inputs/kernel_version.js';
import type {PlanDescription} from '../../src/plan/plan_description.js';
import {planForRunningKernel} from '../../src/plan/plan_for_running_kernel.js';
import {smallKernel} from '../malformed/refused.js';
import {exists} from '../rig/cache.js';
import {script} from './executors.js';
import {faultsSmall, mapValue, planSmall, requestFor} from './plan_small.js';
import {runCli} from './run_cli.js';

const KCONFIG = 'test/bpf/library/kconfig.bpf.o';
const MIB = 2 ** 20;

const TEXT = `#
# Automatically generated file; DO NOT EDIT.
#
CONFIG_HZ=250
CONFIG_BPF_SYSCALL=y
# CONFIG_NO_SUCH_OPTION is not set
CONFIG_TCP_CONG_CUBIC=m
CONFIG_DEFAULT_TCP_CONG="cubic"
`;

let directory = '';
/** A file of `directory`. */
const path = (name: string) => join(directory, name);

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'structops-kconfig-'));
  await writeFile(path('small.btf'), await smallKernel());
  await writeFile(path('config'), TEXT);
  await writeFile(path('config.gz'), gzipSync(TEXT));
  await writeFile(path('damaged.gz'), gzipSync(TEXT).subarray(0, 60));
  await writeFile(path('bomb.gz'), gzipSync(Buffer.alloc(16 * MIB + 1, 'CONFIG_')));
  await writeFile(path('large'), Buffer.alloc(16 * MIB + 1, 'CONFIG_'));
  await writeFile(path('other'), 'no configuration\n');
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

for (const name of ['config', 'config.gz']) {
  test(`the text of ${name}`, t => t.is(Buffer.from(openKconfig(path(name))).toString(), TEXT));
}

const isRefused = test.macro({
  exec(t, name: string, code: InputErrorCode, says: RegExp) {
    const error = t.throws(() => openKconfig(path(name)), {instanceOf: InputError});
    t.is(error?.code, code);
    t.regex(error?.message ?? '', says);
    t.true(error?.message.includes(path(name)));
  },
  title: (_, name) => `refused: ${name}`,
});
test(isRefused, 'none', 'FILE_NOT_FOUND', /there is no such file/);
test(isRefused, 'damaged.gz', 'BAD_ARGUMENT', /begins as gzip does, and is damaged/);
test(isRefused, 'bomb.gz', 'INPUT_SIZE', /unpacked it has more than 16777216 bytes/);
test(isRefused, 'large', 'INPUT_SIZE', /more than 16777216 bytes/);
test(isRefused, 'other', 'BAD_ARGUMENT', /is not the kernel's configuration/);

test('of the usual places the first that has one', t => {
  const found = (...names: string[]) => findRunningKconfig(names.map(path));
  t.is(Buffer.from(found('none', 'config.gz', 'damaged.gz') ?? '').toString(), TEXT);
  t.is(found('none', 'config/below'), undefined);
  t.throws(() => found('damaged.gz', 'config'), {instanceOf: InputError});
});

/** What `kconfig.bpf.c` is told of a kernel, as C has it in memory. */
interface Told {
  readonly hz: number;
  readonly noSuchOption: number;
  /** libbpf_tristate: no 0, yes 1, module 2. */
  readonly cubic: number;
  readonly version: string;
  readonly bpfSyscall: boolean;
  readonly defaultTcpCong: string;
}

/** In the order in which libbpf lays the variables out: by alignment, then size, then name. */
function valueTold({hz, noSuchOption, cubic, version, bpfSyscall, defaultTcpCong}: Told): Buffer {
  const value = Buffer.alloc(33);
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  value.writeUInt32LE(hz, 0);
  value.writeUInt32LE(noSuchOption, 4);
  value.writeUInt32LE(cubic, 8);
  value.writeUInt32LE((major << 16) + (minor << 8) + Math.min(patch, 255), 12);
  value.writeUInt8(bpfSyscall ? 1 : 0, 16);
  value.write(defaultTcpCong, 17);
  return value;
}

const TOLD: Told = {
  hz: 250,
  noSuchOption: 0,
  cubic: 2,
  version: '6.12.107',
  bpfSyscall: true,
  defaultTcpCong: 'cubic',
};

const kconfig = Buffer.from(TEXT);

test('planObject: a configuration and a version', async t => {
  const plan = await planSmall('kconfig', {kconfig, kernelVersion: '6.12.107'});
  t.deepEqual(mapValue(plan, '.kconfig'), valueTold(TOLD));
  t.deepEqual(plan.settings, ['kernel_version=6.12.107']);
});

test('planObject: options come before the configuration, and make up for it', async t => {
  const set = {CONFIG_HZ: 1000, CONFIG_NO_SUCH_OPTION: 7};
  const before = await planSmall('kconfig', {kconfig, kernelVersion: '5.4.300', settings: {set}});
  const told = {...TOLD, hz: 1000, noSuchOption: 7, version: '5.4.300'};
  t.deepEqual(mapValue(before, '.kconfig'), valueTold(told));

  const all = {CONFIG_BPF_SYSCALL: true, CONFIG_TCP_CONG_CUBIC: 'm'};
  const settings = {set: {...set, ...all, CONFIG_DEFAULT_TCP_CONG: '"cubic"'}};
  const alone = await planSmall('kconfig', {kernelVersion: '5.4.300', settings});
  t.deepEqual(mapValue(alone, '.kconfig'), valueTold(told));
});

const OPTIONS = [
  'CONFIG_BPF_SYSCALL',
  'CONFIG_DEFAULT_TCP_CONG',
  'CONFIG_HZ',
  'CONFIG_TCP_CONG_CUBIC',
];

test('planObject: what is not known is a fault that says which input to give', async t => {
  const faults = await faultsSmall('kconfig');
  t.deepEqual(faults.map(({where}) => where.symbol).sort(), [...OPTIONS, 'LINUX_KERNEL_VERSION']);
  for (const {code, where, hint} of faults) {
    t.is(code, 'KERN_NO_KCONFIG');
    t.regex(hint, where.symbol === 'LINUX_KERNEL_VERSION' ? /--kernel-version/ : /--kconfig/);
  }
});

test('planObject: a version that is none', async t => {
  const faults = await faultsSmall('kconfig', {kconfig, kernelVersion: 'newest'});
  t.like(faults[0], {code: 'OPTION_BAD_VALUE', where: {input: 'options'}});
});

test('structops plan --btf: of this machine nothing is looked at', async t => {
  const args = ['plan', KCONFIG, '--btf', path('small.btf'), '--json'];
  const {exitCode, stdout} = await runCli(args);
  t.is(exitCode, 2);
  const {faults} = JSON.parse(stdout);
  t.deepEqual(new Set(faults.map(({code}: {code: string}) => code)), new Set(['KERN_NO_KCONFIG']));
});

for (const name of ['config', 'config.gz', '-']) {
  test(`structops plan --kconfig ${name}`, async t => {
    const file = name === '-' ? name : path(name);
    const flags = ['--kconfig', file, '--kernel-version', '6.12.107'];
    const input = name === '-' ? {input: gzipSync(TEXT)} : {};
    const args = ['plan', KCONFIG, '--btf', path('small.btf'), ...flags, '--json'];
    const {exitCode, stdout} = await runCli(args, input);
    t.is(exitCode, 0, stdout);
    t.deepEqual(mapValue(JSON.parse(stdout), '.kconfig'), valueTold(TOLD));
  });
}

test('loadStructOps: a kernel BTF of its own means another kernel', async t => {
  const request = {...(await requestFor('kconfig')), path: await script('exit 9')};
  const error = await t.throwsAsync(() => loadStructOps(request), {instanceOf: PlanError});
  t.is(error?.code, 'KERN_NO_KCONFIG');
});

/** The running kernel's configuration, found without the code under test. */
async function runningOptions(): Promise<ReadonlyMap<string, string>> {
  const plain = await readFile(`/boot/config-${release()}`).catch(() => undefined);
  const packed = await readFile('/proc/config.gz').catch(() => undefined);
  const text = plain ?? (packed && gunzipSync(packed)) ?? Buffer.of();
  return new Map(
    [...text.toString().matchAll(/^(CONFIG_\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
}

/** What `structops plan` says of an object for the running kernel, and what it ought to say. */
const isRunning = test.macro({
  async exec(
    t,
    name: string,
    asksFor: readonly string[],
    expected: (options: ReadonlyMap<string, string>) => Buffer | undefined,
  ) {
    const {stdout} = await runCli(['plan', `test/bpf/library/${name}.bpf.o`, '--json']);
    const answer = JSON.parse(stdout);
    const options = await runningOptions();
    const missing = asksFor.filter(option => !options.has(option));
    if (!(await exists(VMLINUX_BTF))) {
      t.is(answer.code, 'KERNEL_WITHOUT_BTF');
    } else if (missing.length > 0) {
      const symbols = answer.faults.map((fault: PlanError['faults'][0]) => fault.where.symbol);
      t.deepEqual(symbols.sort(), missing);
    } else {
      t.deepEqual(mapValue(answer as PlanDescription, '.kconfig'), expected(options));
    }
  },
  title: (_, name) => `structops plan, for the running kernel: ${name}`,
});

test(isRunning, 'kconfig', OPTIONS, options =>
  valueTold({
    hz: Number(options.get('CONFIG_HZ')),
    noSuchOption: 0,
    cubic: ['n', 'y', 'm'].indexOf(options.get('CONFIG_TCP_CONG_CUBIC') ?? 'n'),
    version: runningKernelVersion() ?? '',
    bpfSyscall: options.get('CONFIG_BPF_SYSCALL') === 'y',
    defaultTcpCong: options.get('CONFIG_DEFAULT_TCP_CONG')?.replaceAll('"', '') ?? '',
  }),
);

test(isRunning, 'kconfig_weak', [], options => {
  const value = Buffer.alloc(4);
  value.writeUInt32LE(Number(options.get('CONFIG_HZ') ?? 0));
  return options.has('CONFIG_HZ') ? value : undefined;
});

test('loadStructOps: the plan for the running kernel is what the executor gets', async t => {
  const {object, objectName, core} = await requestFor('kconfig_weak');
  const bytes = object as Uint8Array;
  const source = {size: bytes.length, readInto: (target: Uint8Array) => target.set(bytes)};
  const request = {object: source, objectName, ...(core !== undefined && {core})};
  if (!(await exists(VMLINUX_BTF))) {
    await t.throwsAsync(() => loadStructOps(request), {code: 'KERNEL_WITHOUT_BTF'});
    return;
  }
  const plan = planForRunningKernel(request);
  const hz = (await runningOptions()).get('CONFIG_HZ');
  t.is(mapValue(plan.describe(), '.kconfig')?.readUInt32LE(), hz === undefined ? hz : Number(hz));
  const got = path('got.plan');
  const shim = await script(`head -c ${plan.bytes.length} > ${got}; exit 9`);
  await t.throwsAsync(() => loadStructOps({...request, path: shim}), {instanceOf: ShimError});
  t.deepEqual(await readFile(got), Buffer.from(plan.bytes));
});

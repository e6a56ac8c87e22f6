import {mkdir, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {gzipSync} from 'node:zlib';
import test from 'ava';
import {diagnose} from '../../src/doctor/diagnose.js';
import type {Severity} from '../../src/doctor/finding.js';
import {getKernel, type KernelId} from '../rig/kernels.js';
import {getModuleBtf} from '../rig/modules.js';
import {runCli} from './run_cli.js';

/** Path -> content; undefined: without that file. */
type Files = Readonly<Record<string, string | Uint8Array | undefined>>;

const STATUS = {
  CapEff: '000001ffffffffff',
  CapBnd: '000001ffffffffff',
  Seccomp: '0',
  NoNewPrivs: '0',
};
const statusText = (fields: Partial<typeof STATUS> = {}) =>
  Object.entries({...STATUS, ...fields})
    .map(([field, value]) => `${field}:\t${value}\n`)
    .join('');

/** A machine where all is well. */
const HEALTHY: Files = {
  'proc/sys/kernel/osrelease': '6.12.1-test\n',
  'boot/config-6.12.1-test': 'CONFIG_BPF=y\nCONFIG_HZ=250\n',
  'proc/sys/net/core/bpf_jit_enable': '1\n',
  'sys/kernel/security/lockdown': '[none] integrity confidentiality\n',
  'proc/sys/kernel/kptr_restrict': '0\n',
  'proc/self/status': statusText(),
  'proc/self/uid_map': '         0          0 4294967295\n',
  'proc/self/limits': 'Max locked memory         unlimited            unlimited            bytes\n',
  'proc/self/mounts': 'proc /proc proc rw 0 0\nbpf /sys/fs/bpf bpf rw 0 0\n',
};

let directory = '';
let btfs: Readonly<Record<KernelId, string>>;
let count = 0;

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'structops-doctor-'));
  const [old, middle, newest] = [
    await getKernel('6.1'),
    await getKernel('6.12'),
    await getKernel('newest'),
  ];
  btfs = {'6.1': old.btf, '6.12': middle.btf, newest: newest.btf};
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

/** The root directory of a machine with that kernel's BTF. */
async function machine(files: Files = {}, id: KernelId | null = '6.12'): Promise<string> {
  const root = join(directory, String(count++));
  for (const [path, content] of Object.entries({...HEALTHY, ...files})) {
    if (content === undefined) continue;
    await mkdir(dirname(join(root, path)), {recursive: true});
    await writeFile(join(root, path), content);
  }
  await mkdir(join(root, 'sys/kernel/btf'), {recursive: true});
  if (id !== null) await symlink(btfs[id], join(root, 'sys/kernel/btf/vmlinux'));
  return root;
}

const shim = process.execPath;

test('a machine where all is well: every finding is ok, and none has a remedy', async t => {
  const {schema, usable, findings} = diagnose({root: await machine(), shim});
  t.is(schema, 'structops.doctor/1');
  t.true(usable);
  t.deepEqual(
    findings.filter(({severity, remedy}) => severity !== 'ok' || remedy !== undefined),
    [],
  );
  t.is(new Set(findings.map(({id}) => id)).size, findings.length);
  t.regex(findings.find(({id}) => id === 'kernel.struct_ops')?.found ?? '', /tcp_congestion_ops/);
});

interface Case {
  readonly files?: Files;
  readonly kernel?: KernelId | null;
  readonly shim?: string;
  readonly id: string;
  readonly severity: Severity;
  /** In what was found, or in the remedy. */
  readonly says: RegExp;
}

const finds = test.macro({
  async exec(t, {files, kernel, shim: executor = shim, id, severity, says}: Case) {
    const {usable, findings} = diagnose({root: await machine(files, kernel), shim: executor});
    const finding = findings.find(one => one.id === id);
    t.is(finding?.severity, severity, JSON.stringify(findings));
    t.regex(`${finding?.found}\n${finding?.why}\n${finding?.remedy}`, says);
    if (severity !== 'ok') t.truthy(finding?.remedy);
    t.notRegex(finding?.remedy ?? '', /\n/);
    t.is(usable, severity !== 'error');
    const others = findings.filter(one => one.id !== id && one.severity === 'error');
    t.deepEqual(others, []);
  },
  title: (what = '', {id, severity}: Case) => `${id}: ${what}: ${severity}`,
});

const status = (fields: Partial<typeof STATUS>) => ({'proc/self/status': statusText(fields)});

test('no /proc', finds, {
  files: {'proc/sys/kernel/osrelease': undefined},
  ...{id: 'kernel.release', severity: 'error', says: /no Linux[\s\S]*--btf/},
});
test('no BTF', finds, {
  kernel: null,
  ...{id: 'kernel.btf', severity: 'error', says: /CONFIG_DEBUG_INFO_BTF/},
});
test('something else in its place', finds, {
  ...{kernel: null, files: {'sys/kernel/btf/vmlinux': 'no BTF'}},
  ...{id: 'kernel.btf', severity: 'error', says: /BTF/},
});
test('Linux 6.1', finds, {
  kernel: '6.1',
  ...{id: 'kernel.links', severity: 'warning', says: /Linux 6\.4 or newer/},
});
test('the newest', finds, {
  kernel: 'newest',
  ...{id: 'kernel.struct_ops', severity: 'ok', says: /Qdisc_ops.*sched_ext_ops/},
});
test('features and their versions', finds, {
  ...{id: 'kernel.features', severity: 'ok'},
  says: /has struct_ops links.*; has not .*programs associated with a struct_ops \(Linux 7\.0\)/,
});
test('none', finds, {
  files: {'boot/config-6.12.1-test': undefined},
  ...{id: 'kernel.kconfig', severity: 'warning', says: /--kconfig FILE/},
});
test('in /proc', finds, {
  files: {
    'boot/config-6.12.1-test': undefined,
    'proc/config.gz': gzipSync('CONFIG_BPF=y\nCONFIG_HZ=250\nCONFIG_SMP=y\n'),
  },
  ...{id: 'kernel.kconfig', severity: 'ok', says: /^3 options/},
});
test('damaged', finds, {
  files: {
    'boot/config-6.12.1-test': undefined,
    'proc/config.gz': Buffer.from('1f8b0000', 'hex'),
  },
  ...{id: 'kernel.kconfig', severity: 'warning', says: /cannot unpack[\s\S]*repair/},
});
test('off', finds, {
  files: {'proc/sys/net/core/bpf_jit_enable': '0\n'},
  ...{id: 'kernel.jit', severity: 'error', says: /sysctl -w net\.core\.bpf_jit_enable=1/},
});
test('not to be seen', finds, {
  files: {'proc/sys/net/core/bpf_jit_enable': undefined},
  ...{id: 'kernel.jit', severity: 'warning', says: /cannot be told/},
});
test('not to be seen, and always on', finds, {
  files: {
    'proc/sys/net/core/bpf_jit_enable': undefined,
    'boot/config-6.12.1-test': 'CONFIG_BPF_JIT_ALWAYS_ON=y\n',
  },
  ...{id: 'kernel.jit', severity: 'ok', says: /always on/},
});
test('confidentiality', finds, {
  files: {'sys/kernel/security/lockdown': 'none integrity [confidentiality]\n'},
  ...{id: 'kernel.lockdown', severity: 'warning', says: /lockdown=integrity/},
});
test('integrity', finds, {
  files: {'sys/kernel/security/lockdown': 'none [integrity] confidentiality\n'},
  ...{id: 'kernel.lockdown', severity: 'ok', says: /^integrity/},
});
test('hidden', finds, {
  files: {'proc/sys/kernel/kptr_restrict': '2\n'},
  ...{id: 'kernel.kallsyms', severity: 'warning', says: /kptr_restrict=1/},
});
test('one in force', finds, {
  files: {
    'sys/kernel/sched_ext/state': 'enabled\n',
    'sys/kernel/sched_ext/root/ops': 'so_other\n',
  },
  ...{id: 'kernel.sched_ext', severity: 'warning', says: /so_other is in force/},
});
test('none in force', finds, {
  files: {'sys/kernel/sched_ext/state': 'disabled\n'},
  ...{id: 'kernel.sched_ext', severity: 'ok', says: /no scheduler/},
});
test('a user', finds, {
  files: status({CapEff: '0000000000000000'}),
  ...{id: 'privilege.capabilities', severity: 'warning', says: /CAP_PERFMON, CAP_BPF[\s\S]*--sudo/},
});
test('one of them', finds, {
  files: status({CapEff: (1n << 39n).toString(16)}),
  ...{id: 'privilege.capabilities', severity: 'warning', says: /has not CAP_PERFMON\n/},
});
test('CAP_SYS_ADMIN alone', finds, {
  files: status({CapEff: (1n << 21n).toString(16)}),
  ...{id: 'privilege.capabilities', severity: 'ok', says: /CAP_BPF/},
});
test('a container', finds, {
  files: status({CapEff: 'a80425fb', CapBnd: 'a80425fb'}),
  ...{id: 'privilege.capabilities', severity: 'error', says: /--cap-add BPF/},
});
test('a rootless container', finds, {
  files: {'proc/self/uid_map': '0 1000 1\n'},
  ...{id: 'privilege.user_namespace', severity: 'error', says: /do not count/},
});
test('a filter', finds, {
  files: status({Seccomp: '2'}),
  ...{id: 'privilege.seccomp', severity: 'warning', says: /bpf\(2\)/},
});
test('set', finds, {
  files: status({NoNewPrivs: '1'}),
  ...{id: 'privilege.no_new_privs', severity: 'warning', says: /sudo/},
});
test('not mounted', finds, {
  files: {'proc/self/mounts': 'proc /proc proc rw 0 0\n'},
  ...{id: 'host.bpffs', severity: 'warning', says: /mount -t bpf/},
});
test('no such file', finds, {
  ...{shim: '/nowhere/structops-shim'},
  ...{id: 'host.executor', severity: 'error', says: /nowhere[\s\S]*build:shim/},
});

test("a module's kind is found in its BTF, which only mentions it if it has one", async t => {
  const root = await machine({}, '6.1');
  const module = await getModuleBtf(await getKernel('6.1'), 'net/ipv4/tcp_bbr');
  await symlink(module, join(root, 'sys/kernel/btf/tcp_bbr'));
  const {findings} = diagnose({root, shim});
  t.is(
    findings.find(({id}) => id === 'kernel.struct_ops')?.found,
    'bpf_dummy_ops, tcp_congestion_ops',
  );
});

test('the command: a line for each finding, and exit code 1 where one is an error', async t => {
  const well = await runCli(['doctor', '--root', await machine(), '--shim', shim]);
  t.is(well.exitCode, 0, well.stdout);
  t.regex(well.stdout, /^ok {6}kernel\.btf +[\d,]+ bytes/m);
  const off = await machine({'proc/sys/net/core/bpf_jit_enable': '0\n'});
  const ill = await runCli(['doctor', '--root', off, '--shim', shim]);
  t.is(ill.exitCode, 1);
  t.regex(ill.stdout, /^error {3}kernel\.jit +the JIT is off\n.*\n +try: sysctl -w/m);
  t.regex(ill.stdout, /no struct_ops can be applied here/);
});

test('the command: --json is the same as a document', async t => {
  const root = await machine();
  const {exitCode, stdout} = await runCli(['doctor', '--json', '--root', root, '--shim', shim]);
  t.is(exitCode, 0);
  t.deepEqual(JSON.parse(stdout), diagnose({root, shim}));
});

test('docs/doctor.md has every finding', async t => {
  const root = await machine({'sys/kernel/sched_ext/state': 'disabled\n'});
  const text = await readFile('docs/doctor.md', 'utf8');
  const told = [...text.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, id]) => id);
  t.deepEqual(
    diagnose({root, shim}).findings.map(({id}) => id),
    told,
  );
});

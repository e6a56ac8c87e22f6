import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import test from 'ava';
import {execa} from 'execa';
import {checkObjects} from '../../src/check/check_objects.js';
import type {CheckReport} from '../../src/check/check_report.js';
import {checkMarkdown} from '../../src/render/check_markdown.js';
import {bpfObject, exampleObject} from '../helpers/bpf_objects.js';
import {buildElf} from '../helpers/elf_builder.js';
import {bzImageOf, debOf} from '../helpers/kernel_packages.js';
import {smallKernel} from '../malformed/refused.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';
import {runCli} from './run_cli.js';

/** Objects by kernels: the table, the reasons, and inputs that are neither. */

const FIRST = 'examples/tcp/first.bpf.o';
const LINK = 'examples/tcp/first_link.bpf.o';
let directory = '';
let old = '';
let recent = '';

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'structops-check-'));
  old = (await getKernel('6.1')).btf;
  recent = (await getKernel('6.12')).btf;
  await mkdir(join(directory, 'kernels/below'), {recursive: true});
  const kernels = {
    'a.btf': await readFile(old),
    'below/b.btf': await readFile(recent),
    'notes.txt': 'what I found\n',
    'empty.btf': '',
  };
  for (const [name, content] of Object.entries(kernels)) {
    await writeFile(join(directory, 'kernels', name), content);
  }
  await writeFile(join(directory, 'no_btf.deb'), await debWithoutBtf());
  const other = Buffer.from(await smallKernel());
  other.subarray(0, 2).swap16();
  await writeFile(join(directory, 'other.btf'), other);
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

function debWithoutBtf() {
  const files = {'./boot/vmlinuz-5.4': bzImageOf(gzipSync(buildElf([], [])))};
  return debOf(files, gzipSync, '.gz');
}

async function reportOf(names: readonly string[], kernels: readonly string[], rest = {}) {
  const objects = await Promise.all(
    names.map(async name => ({object: await exampleObject(name), objectName: `${name}.bpf.o`})),
  );
  return checkObjects({objects, kernels, ...rest});
}

test('each object on each kernel: loads, or every reason why not', async t => {
  const {cells, kernels, problems, schema} = await reportOf(['first', 'first_link'], [old, recent]);
  t.is(schema, 'structops.check/1');
  t.deepEqual(problems, []);
  t.deepEqual(
    kernels.map(({machine}) => machine),
    ['x86-64', 'x86-64'],
  );
  t.deepEqual(
    cells.map(({object, kernel, loader, verifier}) => ({object, kernel, loader, verifier})),
    [
      {object: 0, kernel: 0, loader: 'loads', verifier: 'not_run'},
      {object: 1, kernel: 0, loader: 'refused', verifier: 'not_run'},
      {object: 0, kernel: 1, loader: 'loads', verifier: 'not_run'},
      {object: 1, kernel: 1, loader: 'loads', verifier: 'not_run'},
    ],
  );
  t.like(cells[1]?.faults[0], {
    ...{code: 'KERN_NO_LINKS', feature: 'struct_ops links', since: '6.4'},
    ...{wanted: 'Linux 6.4 or newer', where: {symbol: 'so_first'}},
  });
  t.regex(cells[0]?.plan_sha256 ?? '', /^[\da-f]{64}$/);
});

test('what an object can do without is a loss, and it loads', async t => {
  const object = await readFile(join(REPOSITORY, 'examples/sched_ext/shared.bpf.o'));
  const {btf} = await getKernel('newest');
  const {cells} = await checkObjects({
    objects: [{object, objectName: 'shared.bpf.o'}],
    kernels: [btf],
  });
  t.is(cells[0]?.loader, 'loads_with_losses');
  t.regex(cells[0]?.losses.join('\n') ?? '', /no kfunc scx_bpf_dispatch/);
});

test("a package's own configuration and release are what __kconfig variables get", async t => {
  const vmlinux = buildElf([{name: '.BTF', content: await smallKernel()}], []);
  const path = join(directory, 'own.deb');
  const files = {
    './boot/config-6.6.1': 'CONFIG_HZ=250\nCONFIG_NAME="x"\n',
    './boot/vmlinuz-6.6.1': bzImageOf(gzipSync(vmlinux)),
  };
  await writeFile(path, await debOf(files, gzipSync, '.gz'));
  const object = await bpfObject('library/kconfig_weak');
  const objects = [{object, objectName: 'kconfig_weak.bpf.o'}];
  const {cells, kernels} = await checkObjects({objects, kernels: [path]});
  t.true(kernels[0]?.kconfig);
  t.deepEqual(
    cells[0]?.warnings.filter(text => text.includes('configuration was not given')),
    [],
  );
});

test('settings hold for every kernel', async t => {
  const {cells} = await reportOf(['second'], [old, recent], {settings: {set: {no_such: 1}}});
  t.deepEqual(
    cells.map(({faults}) => faults[0]?.code),
    ['OPTION_UNKNOWN', 'OPTION_UNKNOWN'],
  );
});

test('progress is told file by file', async t => {
  const told: string[] = [];
  const onProgress = (done: number, all: number) => told.push(`${done}/${all}`);
  await reportOf(['first'], [old, recent], {onProgress});
  t.deepEqual(told, ['1/2', '2/2']);
});

interface CliCase {
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly says: readonly RegExp[];
}

/** `DIR` stands for the test's directory, OLD and RECENT for kernels. */
const CLI: Readonly<Record<string, CliCase>> = {
  'all load': {
    args: [FIRST, '--btf', 'OLD'],
    exitCode: 0,
    says: [/first\.bpf\.o/, /loader: ok/, /verifier: not run/],
  },
  'some do not': {
    args: [FIRST, LINK, '--btf', 'OLD', '--btf', 'RECENT'],
    exitCode: 1,
    says: [
      /loader: no, KERN_NO_LINKS/,
      /first_link\.bpf\.o does not load on 6\.1/,
      /since: Linux 6\.4/,
      /of the kernels here it loads on 6\.12/,
    ],
  },
  'a directory with other files: said, and no error': {
    args: [FIRST, '--btf', 'DIR/kernels'],
    exitCode: 0,
    says: [/a\.btf +loader: ok/, /b\.btf +loader: ok/, /notes\.txt is not a kernel/, /it is empty/],
  },
  'a file that is no kernel': {
    args: [FIRST, '--btf', 'DIR/kernels/notes.txt', '--btf', 'RECENT'],
    exitCode: 2,
    says: [/notes\.txt is not a kernel/, /loader: ok/],
  },
  'a package whose kernel has no BTF': {
    args: [FIRST, '--btf', 'DIR/no_btf.deb', '--btf', 'RECENT'],
    exitCode: 2,
    says: [/no section \.BTF/, /CONFIG_DEBUG_INFO_BTF/, /loader: ok/],
  },
  'a BTF of the other byte order': {
    args: [FIRST, '--btf', 'DIR/other.btf', '--btf', 'RECENT'],
    exitCode: 2,
    says: [/not BTF of this byte order/, /loader: ok/],
  },
  'an object that is none: the others go on': {
    args: [FIRST, 'package.json', 'none.bpf.o', '--btf', 'RECENT'],
    exitCode: 2,
    says: [/does not start with the ELF magic/, /none\.bpf\.o/, /loader: ok/],
  },
  'a number of threads that is none': {
    args: [FIRST, '--btf', 'RECENT', '--threads', '0'],
    exitCode: 2,
    says: [/--threads 0/],
  },
};

for (const [what, {args, exitCode, says}] of Object.entries(CLI)) {
  test(`structops check, ${what}: exit code ${exitCode}`, async t => {
    const paths: Record<string, string> = {OLD: old, RECENT: recent};
    const typed = args.map(arg => paths[arg] ?? arg.replace('DIR', directory));
    const run = await runCli(['check', ...typed]);
    const text = run.stdout + run.stderr;
    t.is(run.exitCode, exitCode, text);
    for (const pattern of says) t.regex(text, pattern);
  });
}

test('--json: structops.check/1, with the problems in it; with several threads', async t => {
  const kernels = Array.from({length: 6}, (_, i) => ['--btf', i % 2 === 0 ? old : recent]).flat();
  const {stdout, exitCode} = await execa(
    'node',
    ['dist/cli.js', 'check', LINK, ...kernels, '--btf', 'nowhere', '--json', '--threads', '2'],
    {cwd: REPOSITORY, reject: false},
  );
  const report: CheckReport = JSON.parse(stdout);
  t.is(exitCode, 2);
  t.deepEqual(
    report.cells.map(({kernel, loader}) => [kernel, loader]),
    [0, 1, 2, 3, 4, 5].map(kernel => [kernel, kernel % 2 === 0 ? 'refused' : 'loads']),
  );
  t.like(report.problems, [{path: 'nowhere', code: 'FILE_NOT_FOUND'}]);
});

test('Markdown: a table, the reasons folded away, and no markup of strangers', t => {
  const fault = {
    ...{code: 'KERN_NO_KFUNC', number: 311, message: 'no <b>kfunc</b> | @all', hint: 'x'},
    where: {},
  };
  const text = checkMarkdown({
    schema: 'structops.check/1',
    objects: [{name: 'a`|b.o', path: 'a'}],
    kernels: [
      {
        ...{name: '6.6', path: 'k', machine: 'arm64', btf_size: 1, btf_xxh64: '0'},
        ...{struct_ops: [], kconfig: false},
      },
    ],
    cells: [
      {
        ...{object: 0, kernel: 0, loader: 'refused', losses: [], warnings: []},
        ...{faults: [fault], verifier: 'not_run'},
      },
    ],
    problems: [],
  });
  t.true(
    text.startsWith(
      "| kernel | `a'\\|b.o` |\n| --- | --- |\n| `6.6 (arm64)` | ❌ KERN_NO_KFUNC |\n",
    ),
  );
  t.true(text.includes('no \\<b\\>kfunc\\</b\\> \\| \\@all'));
  t.true(text.includes('verifier: not run'));
});

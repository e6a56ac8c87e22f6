import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {encode} from '../shim/frame_builder.js';
import {linkFrame} from '../shim/sample_frames.js';
import {runCli} from './run_cli.js';

/** What is refused before anything is planned or applied. */

const OBJECT = 'examples/tcp/first.bpf.o';
let directory = '';

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'structops-cli-'));
  await writeFile(join(directory, 'x.plan'), encode(linkFrame()));
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

interface Case {
  readonly args: readonly string[];
  readonly code: string;
  /** What the person is told: on standard error, or in the JSON. */
  readonly says: RegExp;
}

/** `DIR` stands for the test's directory. */
const CASES: Readonly<Record<string, Case>> = {
  'no object': {args: ['plan'], code: 'USAGE', says: /missing required argument 'object'/},
  'an unknown command': {args: ['explode'], code: 'USAGE', says: /unknown command 'explode'/},
  'an unknown option': {args: ['plan', '--btff', 'x', OBJECT], code: 'USAGE', says: /--btff/},
  'two objects': {args: ['plan', OBJECT, OBJECT], code: 'USAGE', says: /too many arguments/},
  'an option without its value': {args: ['plan', OBJECT, '--btf'], code: 'USAGE', says: /--btf/},
  'a missing object': {
    args: ['inspect', 'DIR/none.bpf.o'],
    code: 'FILE_NOT_FOUND',
    says: /none\.bpf\.o[\s\S]*there is no such file/,
  },
  'a directory instead of an object': {
    args: ['plan', 'DIR'],
    code: 'FILE_NOT_READABLE',
    says: /it is a directory/,
  },
  'a file below a file': {
    args: ['show', 'DIR/x.plan/y'],
    code: 'FILE_NOT_FOUND',
    says: /not a directory/,
  },
  'a plan instead of an object': {
    args: ['plan', 'DIR/x.plan'],
    code: 'BAD_ARGUMENT',
    says: /is a plan, not an object[\s\S]*structops show/,
  },
  'an object instead of a plan': {
    args: ['show', OBJECT],
    code: 'BAD_ARGUMENT',
    says: /is not a plan[\s\S]*structops plan/,
  },
  'a missing kernel BTF': {
    args: ['plan', OBJECT, '--btf', 'DIR/none.btf'],
    code: 'FILE_NOT_FOUND',
    says: /kernel BTF .*none\.btf/,
  },
  'an ELF file for a kernel BTF': {
    args: ['plan', OBJECT, '--btf', OBJECT],
    code: 'NOT_RAW_BTF',
    says: /objcopy --dump-section/,
  },
  'a module without a name': {
    args: ['plan', OBJECT, '--module-btf', '=x.btf'],
    code: 'BAD_ARGUMENT',
    says: /module's name is missing/,
  },
  'a module that the running kernel has not': {
    args: ['plan', OBJECT, '--module-btf', 'no_such_module'],
    code: 'FILE_NOT_FOUND',
    says: /\/sys\/kernel\/btf\/no_such_module/,
  },
  'a kernel for a plan that has one': {
    args: ['apply', 'DIR/x.plan', '--btf', OBJECT],
    code: 'BAD_ARGUMENT',
    says: /for one kernel already/,
  },
  'an executor that is missing': {
    args: ['apply', 'DIR/x.plan', '--shim', 'DIR/no-shim'],
    code: 'SHIM_NOT_STARTED',
    says: /no-shim[\s\S]*build:shim/,
  },
};

const refused = test.macro({
  async exec(t, {args, code, says}: Case) {
    const real = args.map(argument => argument.replace('DIR', directory));
    const forPeople = await runCli(real);
    t.is(forPeople.exitCode, 2);
    t.is(forPeople.stdout, '');
    t.regex(forPeople.stderr, /^error: /);
    t.regex(forPeople.stderr, says);
    const forMachines = await runCli([...real.slice(0, 1), '--json', ...real.slice(1)]);
    t.is(forMachines.exitCode, 2);
    t.is(forMachines.stderr, '');
    const error = JSON.parse(forMachines.stdout);
    t.like(error, {schema: 'structops.error/1', code});
    t.regex([error.message, error.why, error.hint].join('\n'), says);
  },
  title: (title = '') => `exit code 2: ${title}`,
});

for (const [title, one] of Object.entries(CASES)) test(title, refused, one);

test('a file that may not be read', async t => {
  // One of those that a kernel lets nobody read, not even root.
  const {exitCode, stderr} = await runCli(['inspect', '/sys/bus/platform/drivers_probe']);
  t.is(exitCode, 2);
  t.regex(stderr, /drivers_probe\n {2}this user may not read it/);
});

test('no arguments: the help on standard error, exit code 2', async t => {
  const {exitCode, stdout, stderr} = await runCli([]);
  t.is(exitCode, 2);
  t.is(stdout, '');
  t.regex(stderr, /Usage: structops/);
});

for (const command of [[], ['inspect'], ['plan'], ['show'], ['apply']]) {
  const args = [...command, '--help'];
  test(`${args.join(' ')}: examples, and what the exit codes mean`, async t => {
    const {exitCode, stdout, stderr} = await runCli(args);
    t.is(exitCode, 0);
    t.is(stderr, '');
    t.regex(stdout, /Examples?:\n.*structops/);
    for (const line of stdout.split('\n')) t.true(line.length <= 100, line);
  });
}

test('--version is that of package.json', async t => {
  const {readFile} = await import('node:fs/promises');
  const {version} = JSON.parse(await readFile('package.json', 'utf8'));
  t.deepEqual(await runCli(['--version']), {exitCode: 0, stdout: version, stderr: ''});
});

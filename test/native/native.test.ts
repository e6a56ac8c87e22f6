import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {PlanError} from '../../src/errors.js';
import {type PlanRequest, planObject} from '../../src/plan/plan_object.js';
import {renderError} from '../../src/render/error.js';
import {screenOf} from '../../src/render/screen.js';
import {everyObject} from '../helpers/bpf_objects.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel, KERNEL_IDS} from '../rig/kernels.js';
import {getModuleBtf} from '../rig/modules.js';
import {builtNativePlanner} from './structops_plan.js';

/** build/structops-plan: the core as C, and a host for it. */

const OBJECT = join(REPOSITORY, 'examples/tcp/second.bpf.o');
const SETTINGS = join(REPOSITORY, 'test/bpf/library/settings.bpf.o');
const KCONFIG = join(REPOSITORY, 'test/bpf/library/kconfig.bpf.o');

let planner: string;
let btf: string;
let scratch: string;

test.before(async () => {
  planner = await builtNativePlanner();
  btf = (await getKernel('6.12')).btf;
  scratch = await mkdtemp(join(tmpdir(), 'structops-native-'));
});

test.after.always(() => rm(scratch, {recursive: true, force: true}));

const run = (args: readonly string[], input?: Uint8Array) =>
  execa(planner, args, {
    reject: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    ...(input && {input}),
  });

/** What the library makes of the same: a plan, or the text of its faults. */
function expected(request: PlanRequest): {plan: Uint8Array} | {text: string} {
  try {
    return {plan: planObject(request).bytes};
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return {text: `${renderError(error, screenOf({}, {}))}\n`};
  }
}

async function expectSame(t: ExecutionContext, args: readonly string[], request: PlanRequest) {
  const {exitCode, stdout, stderr} = await run([...args, '-o', '-']);
  const wanted = expected(request);
  const what = args.join(' ');
  if ('plan' in wanted) {
    t.is(exitCode, 0, `${what}: ${Buffer.from(stderr)}`);
    t.true(Buffer.from(stdout).equals(wanted.plan), what);
  } else {
    t.is(exitCode, 2, what);
    t.is(Buffer.from(stderr).toString(), wanted.text, what);
  }
  return 'plan' in wanted;
}

test('every object for every kernel: the plan of the library, or its faults in its words', async t => {
  t.timeout(300_000);
  let plans = 0;
  for (const id of KERNEL_IDS) {
    const kernel = await getKernel(id);
    const kernelBtf = await readFile(kernel.btf);
    for (const [path, object] of await everyObject()) {
      const request = {object, objectName: basename(path), kernelBtf};
      const args = [join(REPOSITORY, path), '--btf', kernel.btf];
      if (await expectSame(t, args, request)) plans++;
    }
  }
  t.true(plans > 30, String(plans));
});

test('modules, configuration, version and settings reach the core as from the library', async t => {
  const kernel = await getKernel('6.1');
  const kernelBtf = await readFile(kernel.btf);
  const module = await getModuleBtf(kernel, 'net/ipv4/tcp_vegas');
  await expectSame(t, [OBJECT, '--btf', kernel.btf, '--module-btf', `tcp_vegas=${module}`], {
    object: await readFile(OBJECT),
    objectName: basename(OBJECT),
    kernelBtf,
    moduleBtfs: [{name: 'tcp_vegas', bytes: await readFile(module)}],
  });
  const config = join(scratch, 'config');
  await writeFile(config, 'CONFIG_HZ=250\nCONFIG_SMP=y\n');
  await expectSame(
    t,
    [
      KCONFIG,
      '--btf',
      btf,
      '--kconfig',
      config,
      '--kernel-version',
      '6.12.1',
      '--set',
      'CONFIG_A=y',
    ],
    {
      object: await readFile(KCONFIG),
      objectName: basename(KCONFIG),
      kernelBtf: await readFile(btf),
      kconfig: await readFile(config),
      kernelVersion: '6.12.1',
      settings: {set: {CONFIG_A: 'y'}},
    },
  );
  await expectSame(
    t,
    [
      ...[SETTINGS, '--btf', btf, '--null-unknown-callbacks', '--create', 'one=no'],
      ...['--set', 'threshold=7', '--map', 'flows.max_entries=0x10', '--autoload', 'x=yes'],
      ...['--resize', 'samples=64', '--enum-constants', '__', '--associate', 'a'],
    ],
    {
      object: await readFile(SETTINGS),
      objectName: basename(SETTINGS),
      kernelBtf: await readFile(btf),
      settings: {
        set: {threshold: '7'},
        maps: {flows: {maxEntries: 16}},
        autoload: {x: true},
        create: {one: false},
        nullUnknownCallbacks: true,
        enumConstants: '__',
        resize: {samples: 64},
        associate: 'a',
      },
    },
  );
});

test('--json describes the plan that -o keeps', async t => {
  const kept = join(scratch, 'kept.plan');
  const {exitCode, stdout} = await run([OBJECT, '--btf', btf, '-o', kept, '--json']);
  t.is(exitCode, 0);
  const plan = planObject({
    object: await readFile(OBJECT),
    objectName: basename(OBJECT),
    kernelBtf: await readFile(btf),
  });
  t.true((await readFile(kept)).equals(plan.bytes));
  t.deepEqual(JSON.parse(Buffer.from(stdout).toString()), plan.describe());
});

test('an object from a pipe is called stdin.bpf.o', async t => {
  const object = await readFile(OBJECT);
  const {stdout} = await run(['-', '--btf', btf, '-o', '-'], object);
  const kernelBtf = await readFile(btf);
  const wanted = planObject({object, objectName: 'stdin.bpf.o', kernelBtf});
  t.true(Buffer.from(stdout).equals(wanted.bytes));
});

const refused = test.macro({
  async exec(t, args: () => string[], text: RegExp) {
    const {exitCode, stdout, stderr} = await run(args());
    t.is(exitCode, 2);
    t.is(stdout.length, 0);
    t.regex(Buffer.from(stderr).toString(), text);
  },
  title: (title = '') => `refused with exit code 2: ${title}`,
});

test('no arguments', refused, () => [], /are needed\n {2}try: structops-plan --help/);
test('no output', refused, () => [OBJECT, '--btf', btf], /-o PLAN or --json/);
test(
  'an option that there is not',
  refused,
  () => [OBJECT, '--what', 'x'],
  /--what: no such option/,
);
test('two objects', refused, () => [OBJECT, OBJECT, '--json'], /one object at a time/);
test('a setting without a value', refused, () => [OBJECT, '--set'], /its value is missing/);
test('a setting without a name', refused, () => [OBJECT, '--set', '=1'], /--set NAME=VALUE/);
test('a map size in words', refused, () => [OBJECT, '--map', 'a.max_entries=b'], /max_entries=N/);
test('a switch that is none', refused, () => [OBJECT, '--create', 'a=1'], /VARIABLE=yes/);
test(
  'no such object',
  refused,
  () => ['/none', '--btf', btf, '--json'],
  /read \/none\n {2}No such file/,
);
test('a directory', refused, () => [scratch, '--btf', btf, '--json'], /Is a directory/);
test('no such kernel', refused, () => [OBJECT, '--btf', '/none', '--json'], /read \/none/);
test(
  'an output that cannot be',
  refused,
  () => [OBJECT, '--btf', btf, '-o', '/none/x'],
  /write \/none\/x/,
);

test('it is static, and says its version', async t => {
  const {stdout} = await execa('readelf', ['-lW', planner]);
  t.notRegex(stdout, /INTERP|DYNAMIC/);
  const {version} = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8'));
  t.is((await execa(planner, ['--version'])).stdout, version);
});

import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {InputError} from '../../src/errors.js';
import type {PlanSettings} from '../../src/inputs/settings.js';
import {parseSettings} from '../../src/inputs/settings_file.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';
import {runCli} from './run_cli.js';

/** `--settings FILE`: what a file says, what is wrong with one, and what a plan keeps of it. */

const reads = test.macro({
  exec: (t, text: string, expected: PlanSettings) => t.deepEqual(parseSettings(text), expected),
  title: (what = '') => `a settings file: ${what}`,
});
test('nothing', reads, '', {});
test('a key without a value', reads, 'set:\n', {set: {}});
test('values of every type', reads, 'set: {a: 1, b: -0x10, c: text, d: true, e: null, f: "7"}', {
  set: {a: 1n, b: '-0x10', c: 'text', d: true, e: null, f: '7'},
});
test('64 bits', reads, 'set: {a: 18446744073709551615}', {set: {a: 18446744073709551615n}});
test('members, nested and not', reads, 'set:\n  x.a: 1\n  y: {b: 2}\n', {
  set: {'x.a': 1n, 'y.b': 2n},
});
test('JSON', reads, '{"maps": {"m": {"max_entries": 8}}, "associate": "x"}', {
  maps: {m: {maxEntries: 8}},
  associate: 'x',
});
test(
  'all other keys',
  reads,
  'autoload: {p: false}\ncreate: {v: true}\nresize: {a: 64}\nnull_unknown_callbacks: true\n' +
    'enum_constants: __SCX_\nhotplug_seq: ops.seq\n',
  {
    ...{autoload: {p: false}, create: {v: true}, resize: {a: 64}, nullUnknownCallbacks: true},
    ...{enumConstants: '__SCX_', hotplugSeq: 'ops.seq'},
  },
);

test('the example of docs/settings.md is one', async t => {
  const document = await readFile(join(REPOSITORY, 'docs/settings.md'), 'utf8');
  const settings = parseSettings(/```yaml\n(.*?)```/s.exec(document)?.[1] ?? '');
  t.is(settings.set?.['so_second.init'], null);
  t.deepEqual(settings.maps, {flows: {maxEntries: 1024}});
});

const refuses = test.macro({
  exec(t, text: string, says: RegExp) {
    const error = t.throws(() => parseSettings(text, 'x.yaml'), {instanceOf: InputError});
    t.is(error?.code, 'BAD_ARGUMENT');
    t.regex(error?.message ?? '', says);
  },
  title: (what = '') => `a settings file is refused: ${what}`,
});
test('no YAML', refuses, 'set: {a: 1', /x\.yaml is no YAML: line 1/);
test('a list', refuses, '- a\n', /the file is not names with values/);
test('text', refuses, 'hello', /the file is not names with values/);
test(
  'an unknown key, with the line and what was meant',
  refuses,
  'set: {}\nautolaod: {}\n',
  /x\.yaml:2: there is no setting autolaod\nthere are set, maps[\s\S]*did you mean autoload/,
);
test(
  'an unknown setting of a map',
  refuses,
  'maps:\n  m:\n    size: 4\n',
  /x\.yaml:3: there is no setting maps\.m\.size\nthere are max_entries/,
);
test(
  'a number with a fraction',
  refuses,
  'set: {a: 1.5}',
  /set\.a is not a whole number, a text[\s\S]*it is 1\.5/,
);
test(
  'a list for a value',
  refuses,
  'set:\n  a: [1, 2]\n',
  /x\.yaml:2: set\.a is not a whole number/,
);
test('text for a switch', refuses, 'autoload: {p: maybe}', /autoload\.p is not true or false/);
test(
  'a size that is negative',
  refuses,
  'maps: {m: {max_entries: -1}}',
  /not a whole number from 0/,
);
test('an alias that grows', refuses, 'a: &a [x]\nset: {b: *a}\n', /there is no setting a/);

let directory = '';
test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'structops-settings-'));
});
test.after.always(() => rm(directory, {recursive: true, force: true}));

test('what was typed counts before the file, and the plan tells what each changes', async t => {
  const path = join(directory, 's.yaml');
  await writeFile(path, 'set:\n  window_min: 7\n  so_second: {name: gentle}\n');
  const {btf} = await getKernel('6.12');
  const args = ['plan', 'examples/tcp/second.bpf.o', '--btf', btf, '--settings', path];
  const run = await runCli([...args, '--set', 'window_min=5', '--json']);
  t.is(run.exitCode, 0, run.stderr);
  const plan = JSON.parse(run.stdout);
  t.deepEqual(plan.settings, ['set.window_min=5', 'set.so_second.name=gentle']);
  t.deepEqual(plan.setting_changes, [
    {name: 'set.window_min', old: '2', new: '5'},
    {name: 'set.so_second.name', old: 'so_second', new: 'gentle'},
  ]);
  const shown = await runCli(args);
  t.regex(shown.stdout, /setting +set\.window_min: 2 → 7/);
});

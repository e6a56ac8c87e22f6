import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {optionLines, type PlanSettings} from '../../src/inputs/settings.js';
import type {PlanDescription} from '../../src/plan/plan_description.js';
import {smallKernel} from '../malformed/refused.js';
import {faultsSmall, mapValue, planSmall, stepOf} from './plan_small.js';
import {runCli} from './run_cli.js';

/** What settings do to a plan, and how they are refused. */

const SETTINGS = 'test/bpf/library/settings.bpf.o';
let directory = '';
let btf = '';

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'structops-settings-'));
  btf = join(directory, 'small.btf');
  await writeFile(btf, await smallKernel());
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

/** What the kernel of these tests lacks is left out. */
const BASE: PlanSettings = {nullUnknownCallbacks: true};

type Reader = (plan: PlanDescription) => unknown;

/** Bytes of the read-only variables, in hex. */
const constant =
  (offset: number, size: number): Reader =>
  plan =>
    mapValue(plan, '.rodata')
      ?.subarray(offset, offset + size)
      .toString('hex');
const attrOf =
  (map: string, field: string): Reader =>
  plan =>
    stepOf(plan, 'BPF_MAP_CREATE', map)?.attr[field];
const memberOf =
  (variable: string, name: string): Reader =>
  plan => {
    const members = stepOf(plan, 'BPF_MAP_UPDATE_ELEM', variable)?.members;
    const {slot, hex} = members?.find(member => member.name === name) ?? {};
    return slot === undefined ? hex : plan.steps.find(step => step.slot === slot)?.name;
  };
const loaded =
  (program: string): Reader =>
  plan =>
    stepOf(plan, 'BPF_PROG_LOAD', program) !== undefined;
const isLost =
  (text: RegExp): Reader =>
  ({losses}) =>
    losses.some(loss => text.test(loss.text));

const hexOf = (text: string, size: number) =>
  Buffer.alloc(size).fill(`${text}\0`, 0, text.length).toString('hex');

/** What settings change: where it is seen, without them and with them. */
const EFFECTS: Readonly<Record<string, readonly [PlanSettings, Reader, unknown, unknown]>> = {
  'an int': [{set: {threshold: -7}}, constant(0, 4), '05000000', 'f9ffffff'],
  'an enumerator': [{set: {mode: 'LOUD'}}, constant(4, 4), '00000000', '01000000'],
  'a text': [{set: {label: 'after'}}, constant(8, 8), hexOf('before', 8), hexOf('after', 8)],
  'a bool': [{set: {enabled: true}}, constant(16, 1), '00', '01'],
  'a large number': [
    {set: {large: 2n ** 64n - 1n}},
    constant(24, 8),
    '00'.repeat(8),
    'ff'.repeat(8),
  ],
  'a constant of the kernel': [
    {enumConstants: '__TCP_'},
    constant(32, 8),
    '00'.repeat(8),
    '0400000000000000',
  ],
  'a member': [{set: {'so_first.flags': 3}}, memberOf('so_first', 'flags'), undefined, '03000000'],
  'a name': [
    {set: {'so_second.name': 'other'}},
    memberOf('so_second', 'name'),
    hexOf('so_second', 16),
    hexOf('other', 16),
  ],
  'a callback': [
    {set: {'so_second.ssthresh': 'first_ssthresh'}},
    memberOf('so_second', 'ssthresh'),
    'second_ssthresh',
    'first_ssthresh',
  ],
  'a callback that is null': [
    {set: {'so_first.undo_cwnd': null}},
    memberOf('so_first', 'undo_cwnd'),
    'undo',
    undefined,
  ],
  'the size of a map': [{maps: {flows: {maxEntries: 99}}}, attrOf('flows', 'max_entries'), 16, 99],
  'the size of an array': [
    {resize: {samples: 4096}},
    attrOf('.data.samples', 'value_size'),
    16,
    4096,
  ],
  'a program': [{autoload: {other: false}}, loaded('other'), true, false],
  'a struct_ops variable': [
    {create: {so_second: false}},
    attrOf('so_second', 'map_type'),
    26,
    undefined,
  ],
  'programs that belong to a variable, on a kernel without that': [
    {associate: 'so_first'},
    isLost(/does not associate programs/),
    false,
    true,
  ],
};

for (const [title, [settings, read, before, after]] of Object.entries(EFFECTS)) {
  test(`planned with another value: ${title}`, async t => {
    t.deepEqual(read(await planSmall('settings', {settings: BASE})), before);
    const plan = await planSmall('settings', {settings: {...BASE, ...settings}});
    t.deepEqual(read(plan), after);
    const lines = optionLines({...BASE, ...settings});
    t.deepEqual(plan.settings, lines.trimEnd().split('\n'), 'the plan tells of them');
  });
}

const callbackIsLost = isLost(/no member invented/);

test('callbacks that the kernel does not have: a fault, or a loss', async t => {
  const faults = await faultsSmall('settings');
  t.deepEqual(
    faults.map(({code, where}) => [code, where.member]),
    [['KERN_NO_MEMBER', 'invented']],
  );
  t.true(callbackIsLost(await planSmall('settings', {settings: BASE})));
});

/** Settings that do not fit the object -> code and symbol of the fault. */
const MISFITS: Readonly<Record<string, readonly [PlanSettings, string, string?]>> = {
  'no such variable': [{set: {treshold: 1}}, 'OPTION_UNKNOWN', 'treshold'],
  'no such member': [{set: {'so_first.flag': 1}}, 'OPTION_UNKNOWN', 'so_first.flag'],
  'no such map': [{maps: {flow: {maxEntries: 1}}}, 'OPTION_UNKNOWN', 'flow.max_entries'],
  'no such program': [{autoload: {undone: true}}, 'OPTION_UNKNOWN', 'undone'],
  'no such struct_ops variable': [{create: {so_third: true}}, 'OPTION_UNKNOWN', 'so_third'],
  'an int that is too large': [{set: {threshold: 2 ** 31}}, 'OPTION_BAD_VALUE', 'threshold'],
  'a text that is too long': [{set: {label: '12345678'}}, 'OPTION_BAD_VALUE', 'label'],
  'no such enumerator': [{set: {mode: 'SILENT'}}, 'OPTION_BAD_VALUE', 'mode'],
  'no such callback': [{set: {'so_first.ssthresh': 'x'}}, 'OPTION_BAD_VALUE', 'so_first.ssthresh'],
  'an array inside its section': [{resize: {label: 16}}, 'OPTION_UNKNOWN', 'label'],
  'a size of no whole elements': [{resize: {samples: 0}}, 'OPTION_BAD_VALUE', 'samples'],
  'another variable than one of struct_ops': [{associate: 'mode'}, 'OPTION_BAD_VALUE', 'associate'],
  'no member for the hotplug events': [
    {hotplugSeq: 'so_first.name'},
    'OPTION_UNKNOWN',
    'hotplug_seq',
  ],
};

for (const [title, [settings, code, symbol]] of Object.entries(MISFITS)) {
  test(`a fault: ${title}`, async t => {
    const faults = await faultsSmall('settings', {settings: {...BASE, ...settings}});
    t.is(faults.length, 1, JSON.stringify(faults));
    t.like(faults[0], {code, where: {input: 'options', ...(symbol !== undefined && {symbol})}});
  });
}

/** Every option of the command, as typed and as the plan tells of it. */
const TYPED: readonly (readonly [readonly string[], string])[] = [
  [['--kernel-version', '6.12.107'], 'kernel_version=6.12.107'],
  [['--set', 'threshold=-7'], 'set.threshold=-7'],
  [['--set', 'so_first.flags=3'], 'set.so_first.flags=3'],
  [['--set', 'CONFIG_HZ=250'], 'CONFIG_HZ=250'],
  [['--map', 'flows.max_entries=99'], 'map.flows.max_entries=99'],
  [['--autoload', 'other=no'], 'autoload.other=0'],
  [['--create', 'so_second=yes'], 'create.so_second=1'],
  [['--null-unknown-callbacks'], 'null_unknown_callbacks=1'],
  [['--enum-constants', '__TCP_'], 'enum_constants=__TCP_'],
  [['--resize', 'samples=4096'], 'resize.samples=4096'],
  [['--associate', 'so_first'], 'associate=so_first'],
  [['--hotplug-seq', 'so_first.events'], 'hotplug_seq=so_first.events'],
];

test('structops plan: every option arrives in the plan', async t => {
  const args = TYPED.flatMap(([typed]) => typed);
  const run = await runCli(['plan', SETTINGS, '--btf', btf, '--json', ...args]);
  t.is(run.exitCode, 0, run.stdout + run.stderr);
  const plan: PlanDescription = JSON.parse(run.stdout);
  t.deepEqual(
    plan.settings,
    TYPED.map(([, line]) => line),
  );
});

test('structops apply takes the same options, for an object alone', async t => {
  const plan = join(directory, 'kept.plan');
  const made = await runCli([
    'plan',
    SETTINGS,
    '--btf',
    btf,
    '--null-unknown-callbacks',
    '-o',
    plan,
  ]);
  t.is(made.exitCode, 0, made.stderr);
  const args = TYPED.flatMap(([typed]) => typed);
  const run = await runCli(['apply', plan, ...args]);
  t.is(run.exitCode, 2);
  t.regex(run.stderr, /is a plan: it is for one kernel already, and with its settings/);
  for (const [[flag = '']] of TYPED) t.true(run.stderr.includes(flag), flag);
});

test('structops plan: an option that says nothing is told with its form', async t => {
  const run = await runCli(['plan', SETTINGS, '--btf', btf, '--autoload', 'other']);
  t.is(run.exitCode, 2);
  t.regex(run.stderr, /--autoload other does not say[\s\S]*try: --autoload PROGRAM=yes/);
});

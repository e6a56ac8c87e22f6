import test from 'ava';
import {type SettingArguments, settingsOf} from '../../src/commands/setting_arguments.js';
import {InputError} from '../../src/errors.js';
import {optionLines, type PlanSettings} from '../../src/inputs/settings.js';

/** Settings as the library and as the command take them, to the lines that the core takes. */

interface Row {
  readonly settings: PlanSettings;
  /** The lines of the core's input. */
  readonly lines: readonly string[];
  /** What is typed for the same, if all of it can be. */
  readonly typed?: SettingArguments;
}

const ROWS: Readonly<Record<string, Row>> = {
  none: {settings: {}, lines: [], typed: {}},
  values: {
    settings: {set: {threshold: '-7', label: 'a=b', 'so_first.flags': '0x3'}},
    lines: ['set.threshold=-7', 'set.label=a=b', 'set.so_first.flags=0x3'],
    typed: {set: ['threshold=-7', 'label=a=b', 'so_first.flags=0x3']},
  },
  'typed values': {
    settings: {set: {threshold: -7, enabled: true, large: 2n ** 64n - 1n, 'so_first.init': null}},
    lines: [
      'set.threshold=-7',
      'set.enabled=true',
      'set.large=18446744073709551615',
      'set.so_first.init=null',
    ],
  },
  'an empty text': {settings: {set: {label: ''}}, lines: ['set.label='], typed: {set: ['label=']}},
  'the last value of a name': {
    settings: {set: {threshold: '2'}},
    lines: ['set.threshold=2'],
    typed: {set: ['threshold=1', 'threshold=2']},
  },
  'a name that JavaScript has as well': {
    settings: {set: Object.fromEntries([['__proto__', '1']])},
    lines: ['set.__proto__=1'],
    typed: {set: ['__proto__=1']},
  },
  'options of the kernel': {
    settings: {set: {CONFIG_HZ: '250', CONFIG_DEFAULT_TCP_CONG: '"cubic"'}},
    lines: ['CONFIG_HZ=250', 'CONFIG_DEFAULT_TCP_CONG="cubic"'],
    typed: {set: ['CONFIG_HZ=250', 'CONFIG_DEFAULT_TCP_CONG="cubic"']},
  },
  'typed options of the kernel': {
    settings: {set: {CONFIG_HZ: 250, CONFIG_BPF: true, CONFIG_SMP: false}},
    lines: ['CONFIG_HZ=250', 'CONFIG_BPF=y', 'CONFIG_SMP=n'],
  },
  maps: {
    settings: {maps: {flows: {maxEntries: 1024}, small: {maxEntries: 16}}},
    lines: ['map.flows.max_entries=1024', 'map.small.max_entries=16'],
    typed: {map: ['flows.max_entries=1024', 'small.max_entries=0x10']},
  },
  'a map without a setting': {settings: {maps: {flows: {}}}, lines: []},
  switches: {
    settings: {autoload: {undo: true, other: false}, create: {so_second: false}},
    lines: ['autoload.undo=1', 'autoload.other=0', 'create.so_second=0'],
    typed: {autoload: ['undo=yes', 'other=no'], create: ['so_second=no']},
  },
  'a switch that is off': {settings: {nullUnknownCallbacks: false}, lines: []},
  'the rest': {
    settings: {
      nullUnknownCallbacks: true,
      enumConstants: '__SCX_',
      resize: {samples: 4096},
      associate: 'so_first',
      hotplugSeq: 'so_first.events',
    },
    lines: [
      'null_unknown_callbacks=1',
      'enum_constants=__SCX_',
      'resize.samples=4096',
      'associate=so_first',
      'hotplug_seq=so_first.events',
    ],
    typed: {
      nullUnknownCallbacks: true,
      enumConstants: '__SCX_',
      resize: ['samples=4096'],
      associate: 'so_first',
      hotplugSeq: 'so_first.events',
    },
  },
};

const textOf = (lines: readonly string[]) => lines.map(line => `${line}\n`).join('');

for (const [title, {settings, lines, typed}] of Object.entries(ROWS)) {
  test(`as lines: ${title}`, t => t.is(optionLines(settings), textOf(lines)));
  if (typed === undefined) continue;
  test(`as typed: ${title}`, t => t.is(optionLines(settingsOf(typed)), textOf(lines)));
}

test('the version of the kernel is the first line', t => {
  t.is(optionLines({set: {a: 1}}, '6.12.107'), 'kernel_version=6.12.107\nset.a=1\n');
});

const cannotBeGiven = test.macro({
  exec(t, make: () => unknown, says: RegExp) {
    const error = t.throws(make, {instanceOf: InputError});
    t.is(error?.code, 'BAD_ARGUMENT');
    t.regex(error?.message ?? '', says);
  },
  title: (title = '') => `refused: ${title}`,
});

const UNUSABLE: Readonly<Record<string, readonly [PlanSettings, RegExp]>> = {
  'a value of two lines': [{set: {a: '1\nset.b=2'}}, /a character/],
  'a value that ends early': [{set: {a: '1\0'}}, /a character/],
  'a name of two lines': [{set: {'a\nb': 1}}, /"set\.a\\nb"/],
  'a name with a value': [{set: {'a=b': 1}}, /"set\.a=b"/],
  'a program with a value': [{autoload: {'a=b': true}}, /"autoload\.a=b"/],
  'a prefix of two lines': [{enumConstants: 'a\r'}, /enum_constants/],
  'half a number': [{set: {a: 0.5}}, /0\.5 is not a whole number/],
  'no number': [{maps: {a: {maxEntries: Number.NaN}}}, /NaN is not a whole number/],
  'a number that is not exact': [{set: {a: 2 ** 53}}, /give a bigint/],
  'an option of the kernel that is null': [{set: {CONFIG_HZ: null}}, /CONFIG_HZ cannot be null/],
};
for (const [title, [settings, says]] of Object.entries(UNUSABLE)) {
  test(title, cannotBeGiven, () => optionLines(settings), says);
}

test('a version of two lines', cannotBeGiven, () => optionLines({}, '6.12\n'), /kernel_version/);

const MISTYPED: Readonly<Record<string, readonly [SettingArguments, RegExp]>> = {
  'a value without a name': [{set: ['=1']}, /--set =1[\s\S]*--set NAME=VALUE/],
  'a name without a value': [{set: ['threshold']}, /--set threshold does not say/],
  'a map that has no such thing': [{map: ['flows.flags=1']}, /NAME\.max_entries=N/],
  'a size that is no number': [{map: ['flows.max_entries=many']}, /flows\.max_entries=many/],
  'a size below zero': [{resize: ['samples=-1']}, /samples=-1[\s\S]*BYTES/],
  'neither yes nor no': [{autoload: ['undo=maybe']}, /PROGRAM=yes or/],
  'a property of objects': [{create: ['so_first=constructor']}, /VARIABLE=yes or/],
};
for (const [title, [typed, says]] of Object.entries(MISTYPED)) {
  test(`typed: ${title}`, cannotBeGiven, () => settingsOf(typed), says);
}

import type {Command} from 'commander';
import {InputError} from '../errors.js';
import type {PlanSettings} from '../inputs/settings.js';
import {openSettings} from '../inputs/settings_file.js';

/** What is changed in an object before it is planned, as it was typed. */
export interface SettingArguments {
  readonly settings?: string;
  readonly set?: readonly string[];
  readonly map?: readonly string[];
  readonly autoload?: readonly string[];
  readonly create?: readonly string[];
  readonly nullUnknownCallbacks?: boolean;
  readonly enumConstants?: string;
  readonly resize?: readonly string[];
  readonly associate?: string;
  readonly hotplugSeq?: string;
}

/** For an option that may be given again. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Those that a help shows which has other things to say as well. */
const MOST_USED = ['--settings', '--set'];

/**
 * Descriptions that fit into a line of 80 characters.
 *
 * @param all - Whether its help shows all of them; otherwise it says where they are.
 */
export function withSettingOptions(command: Command, all = false): Command {
  const heading = all
    ? 'Settings, written into the plan; those with = may be given again:'
    : 'Settings, written into the plan; `structops plan --help` has all of them:';
  const before = command.options.length;
  command
    .optionsGroup(heading)
    .option('--settings <file>', 'YAML or JSON of all these (docs/settings.md)')
    .option('--set <name=value>', 'a global, VARIABLE.member, or CONFIG_ option', collect)
    .option('--map <name.max_entries=n>', 'the size of a map', collect)
    .option('--autoload <prog=yes|no>', 'whether a program is loaded', collect)
    .option('--create <var=yes|no>', 'whether a struct_ops variable is made', collect)
    .option('--null-unknown-callbacks', 'leave out those that the kernel does not have')
    .option('--enum-constants <prefix>', 'fill globals such as __SCX_* from kernel enums')
    .option('--resize <var=bytes>', 'the array at the end of a data section', collect)
    .option('--associate <var>', 'the struct_ops variable of other programs')
    .option('--hotplug-seq <var.member>', 'the member for the count of hotplug events');
  for (const option of command.options.slice(before)) {
    option.hideHelp(!all && !MOST_USED.includes(option.long ?? ''));
  }
  return command;
}

/** @throws {InputError} One of them is not as its help says. */
export function settingsOf(typed: SettingArguments): PlanSettings {
  const {nullUnknownCallbacks, enumConstants, associate, hotplugSeq} = typed;
  const file = typed.settings === undefined ? {} : openSettings(typed.settings);
  return {
    ...file,
    // What was typed counts.
    set: {...file.set, ...record('--set', typed.set, value => value)},
    maps: {...file.maps, ...maps(typed.map)},
    autoload: {...file.autoload, ...record('--autoload', typed.autoload, yesOrNo)},
    create: {...file.create, ...record('--create', typed.create, yesOrNo)},
    resize: {...file.resize, ...record('--resize', typed.resize, wholeNumber)},
    ...(nullUnknownCallbacks !== undefined && {nullUnknownCallbacks}),
    ...(enumConstants !== undefined && {enumConstants}),
    ...(associate !== undefined && {associate}),
    ...(hotplugSeq !== undefined && {hotplugSeq}),
  };
}

/** Of one name the last value counts. */
function record<Value>(
  flag: string,
  typed: readonly string[] = [],
  parse: (text: string) => Value | undefined,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    typed.map(argument => {
      const [name = '', ...rest] = argument.split('=');
      const value = rest.length === 0 ? undefined : parse(rest.join('='));
      if (name === '' || value === undefined) throw malformed(flag, argument);
      return [name, value];
    }),
  );
}

const MAP_SETTING = '.max_entries';

function maps(typed?: readonly string[]): NonNullable<PlanSettings['maps']> {
  const entries = Object.entries(record('--map', typed, wholeNumber));
  return Object.fromEntries(
    entries.map(([name, maxEntries]) => {
      if (!name.endsWith(MAP_SETTING)) throw malformed('--map', `${name}=${maxEntries}`);
      return [name.slice(0, -MAP_SETTING.length), {maxEntries}];
    }),
  );
}

function yesOrNo(text: string): boolean | undefined {
  if (text === 'yes') return true;
  return text === 'no' ? false : undefined;
}

function wholeNumber(text: string): number | undefined {
  return /^(\d+|0x[\da-f]+)$/i.test(text) ? Number(text) : undefined;
}

const FORMS: Readonly<Record<string, string>> = {
  '--set': '--set NAME=VALUE, such as --set threshold=10 or --set CONFIG_HZ=250',
  '--map': '--map NAME.max_entries=N, such as --map flows.max_entries=1024',
  '--autoload': '--autoload PROGRAM=yes or --autoload PROGRAM=no',
  '--create': '--create VARIABLE=yes or --create VARIABLE=no',
  '--resize': '--resize VARIABLE=BYTES, such as --resize samples=4096',
};

function malformed(flag: string, argument: string): InputError {
  return new InputError('BAD_ARGUMENT', {
    what: `${flag} ${argument} does not say what to set`,
    hint: FORMS[flag] ?? '',
  });
}

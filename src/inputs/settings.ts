import {InputError} from '../errors.js';

/** As text in the form that `structops plan --set` takes; null is a null pointer. */
export type SettingValue = string | number | bigint | boolean | null;

/** What of an object is changed before it is planned: docs/embedding.md, "Options". */
export interface PlanSettings {
  /**
   * By name: a global variable, `VARIABLE.member` of a struct_ops variable, or `CONFIG_…` for an
   * option of the kernel's configuration, as text of a .config file (`y`, `250`, `"text"`).
   */
  readonly set?: Readonly<Record<string, SettingValue>>;
  /** By name of a map that the object defines. */
  readonly maps?: Readonly<Record<string, MapSettings>>;
  /** By name of a program: whether it is loaded. */
  readonly autoload?: Readonly<Record<string, boolean>>;
  /** By name of a struct_ops variable: whether its map is made and attached. */
  readonly create?: Readonly<Record<string, boolean>>;
  /** Leave out callbacks that the kernel does not have. Default: they are faults. */
  readonly nullUnknownCallbacks?: boolean;
  /** Fill variables that begin so, such as `__SCX_`, with the kernel's enumerators. */
  readonly enumConstants?: string;
  /** By name of the array at the end of a data section: its new size in bytes. */
  readonly resize?: Readonly<Record<string, number>>;
  /** The struct_ops variable that the other programs are associated with. */
  readonly associate?: string;
  /** `VARIABLE.member` that gets the number of hotplug events, read when the plan is applied. */
  readonly hotplugSeq?: string;
  /**
   * By name of a struct_ops variable: where its link is pinned, or its map if it has none; a path
   * below the pin root, such as `structops/so_second`. What is pinned stays when its loader ends.
   */
  readonly pins?: Readonly<Record<string, string>>;
  /** By name of a struct_ops variable: the registration in whose place it comes. */
  readonly replace?: Readonly<Record<string, Replacement>>;
}

export interface Replacement {
  /** `link:ID`, `map:ID`, `link_pin:PATH` or `map_pin:PATH`. */
  readonly registration: string;
  /** The map that the link must have when it is updated; by default any. */
  readonly mapId?: number;
  /** Pins of it that are removed with it. */
  readonly unpin?: readonly string[];
  /** Default: `update` where the kernel can, which puts the new one in its place at once. */
  readonly swap?: 'update' | 'detach';
}

export interface MapSettings {
  readonly maxEntries?: number;
}

/** Name and value of a line. */
type Line = readonly [name: string, value: SettingValue];

/**
 * The lines of the core's input `options`, each ending in a line break; empty without any.
 *
 * @throws {InputError} A name or value cannot stand in a line, or a number is not exact.
 */
export function optionLines(settings: PlanSettings, kernelVersion?: string): string {
  const {nullUnknownCallbacks = false, enumConstants, associate, hotplugSeq} = settings;
  const lines: readonly Line[] = [
    ...one('kernel_version', kernelVersion),
    ...Object.entries(settings.set ?? {}).map(valueLine),
    ...Object.entries(settings.maps ?? {}).flatMap(([name, {maxEntries}]) =>
      one(`map.${name}.max_entries`, maxEntries),
    ),
    ...switches('autoload', settings.autoload),
    ...switches('create', settings.create),
    ...(nullUnknownCallbacks ? one('null_unknown_callbacks', 1) : []),
    ...one('enum_constants', enumConstants),
    ...Object.entries(settings.resize ?? {}).map(([name, size]): Line => [`resize.${name}`, size]),
    ...one('associate', associate),
    ...one('hotplug_seq', hotplugSeq),
    ...Object.entries(settings.replace ?? {}).flatMap(replaceLines),
    ...Object.entries(settings.pins ?? {}).map(([name, path]): Line => [`pin.${name}`, path]),
  ];
  return lines.map(optionLine).join('');
}

function one(name: string, value: string | number | undefined): Line[] {
  return value === undefined ? [] : [[name, value]];
}

function switches(kind: string, settings: Readonly<Record<string, boolean>> = {}): Line[] {
  return Object.entries(settings).map(([name, on]) => [`${kind}.${name}`, on ? 1 : 0]);
}

function replaceLines([name, replacement]: [string, Replacement]): Line[] {
  const {registration, mapId, unpin = [], swap} = replacement;
  return [
    [`replace.${name}`, registration],
    ...one(`replace_map.${name}`, mapId),
    ...unpin.map((path): Line => [`unpin.${name}`, path]),
    ...one(`swap.${name}`, swap),
  ];
}

function valueLine([name, value]: [string, SettingValue]): Line {
  if (!name.startsWith('CONFIG_')) return [`set.${name}`, value];
  if (value === null) {
    throw new InputError('BAD_ARGUMENT', {
      what: `${name} cannot be null`,
      why: 'an option of the kernel has a value, or is not given',
    });
  }
  return [name, typeof value === 'boolean' ? (value ? 'y' : 'n') : value];
}

function optionLine([name, value]: Line): string {
  const text = String(value);
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new InputError('BAD_ARGUMENT', {
      what: `${name}: ${text} is not a whole number that JavaScript holds exactly`,
      hint: `above ${Number.MAX_SAFE_INTEGER} give a bigint`,
    });
  }
  // Each of these would end the name or the line early: the rest would be another setting.
  if (/[\r\n\0=]/.test(name) || /[\r\n\0]/.test(text)) {
    throw new InputError('BAD_ARGUMENT', {
      what: `setting ${JSON.stringify(name)}: a character of its name or value cannot be given`,
      why: 'names have no line break, NUL or "=", values no line break or NUL',
    });
  }
  return `${name}=${text}\n`;
}

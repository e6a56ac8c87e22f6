import type {LineCounter, Node, Pair} from 'yaml';
import {InputError} from '../errors.js';
import {nearest} from '../nearest.js';
import type {MapSettings, PlanSettings, SettingValue} from './settings.js';

/** The package, which whoever needs it brings: commands have it only when there are settings to read. */
export type Yaml = typeof import('yaml');

type Mutable<Type> = {-readonly [Key in keyof Type]: Type[Key]};

/** Reads one key of the file into the settings. */
type Reader = (value: Node | null, place: Place, settings: Mutable<PlanSettings>) => void;

/** The keys of a settings file, as the core's options call them: docs/settings.md. */
const KEYS: Readonly<Record<string, Reader>> = {
  set: (value, place, settings) => {
    settings.set = valuesOf(value, place);
  },
  maps: (value, place, settings) => {
    settings.maps = record(value, place, mapSettings);
  },
  autoload: (value, place, settings) => {
    settings.autoload = record(value, place, switchOf);
  },
  create: (value, place, settings) => {
    settings.create = record(value, place, switchOf);
  },
  resize: (value, place, settings) => {
    settings.resize = record(value, place, countOf);
  },
  null_unknown_callbacks: (value, place, settings) => {
    settings.nullUnknownCallbacks = switchOf(value, place);
  },
  enum_constants: (value, place, settings) => {
    settings.enumConstants = textOf(value, place);
  },
  associate: (value, place, settings) => {
    settings.associate = textOf(value, place);
  },
  hotplug_seq: (value, place, settings) => {
    settings.hotplugSeq = textOf(value, place);
  },
};

/** `parseSettings` of settings_file.ts, for hosts without Node as well. */
export function settingsIn(text: string, name: string, yaml: Yaml): PlanSettings {
  const lines = new yaml.LineCounter();
  // Integers may have 64 bits; anchors that multiply into gigabytes may not be.
  const document = yaml.parseDocument(text, {lineCounter: lines, intAsBigInt: true, merge: false});
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new InputError('BAD_ARGUMENT', {
      what: `${name} is no YAML: line ${problem.linePos?.[0].line ?? '?'}`,
      why: problem.message.split('\n')[0] ?? '',
      hint: 'docs/settings.md has an example',
    });
  }
  const settings: Mutable<PlanSettings> = {};
  const root = new Place(yaml, name, lines, '');
  for (const {key, value, place} of entriesOf(document.contents as Node | null, root)) {
    const read = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (read === undefined) throw place.unknown(key, Object.keys(KEYS));
    read(value, place, settings);
  }
  return settings;
}

/** Where in the file a value is, for errors. */
class Place {
  constructor(
    readonly yaml: Yaml,
    readonly file: string,
    readonly lines: LineCounter,
    /** The keys that lead here: `maps.flows`. */
    readonly path: string,
    readonly node?: Node,
  ) {}

  below(key: string, node: Node | undefined): Place {
    return new Place(
      this.yaml,
      this.file,
      this.lines,
      this.path ? `${this.path}.${key}` : key,
      node,
    );
  }

  wrong(wanted: string): InputError {
    const found = this.node === undefined ? 'nothing' : String(this.node).trim().split('\n')[0];
    return new InputError('BAD_ARGUMENT', {
      what: `${this.#line()}${this.path || 'the file'} is not ${wanted}`,
      why: `it is ${found || 'nothing'}`,
      hint: 'docs/settings.md has an example',
    });
  }

  unknown(key: string, known: readonly string[]): InputError {
    const near = nearest(key, known);
    return new InputError('BAD_ARGUMENT', {
      what: `${this.#line()}there is no setting ${this.path}`,
      why: `there are ${known.join(', ')}`,
      hint: near === undefined ? 'docs/settings.md has an example' : `did you mean ${near}?`,
    });
  }

  #line(): string {
    const offset = this.node?.range?.[0];
    const line = offset === undefined ? '' : `:${this.lines.linePos(offset).line}`;
    return `${this.file}${line}: `;
  }
}

function entriesOf(value: Node | null, place: Place) {
  const {isMap, isScalar} = place.yaml;
  if (value === null || (isScalar(value) && value.value === null)) return [];
  if (!isMap(value)) throw place.wrong('names with values');
  return value.items.map((item: Pair) => {
    const key = isScalar(item.key) ? String(item.key.value) : String(item.key);
    const node = (item.value ?? null) as Node | null;
    return {key, value: node, place: place.below(key, node ?? (item.key as Node))};
  });
}

/** undefined: it is a list, a map or an alias. */
function scalarOf(value: Node | null, {yaml}: Place): unknown {
  return yaml.isScalar(value) ? value.value : undefined;
}

function record<Value>(
  value: Node | null,
  place: Place,
  read: (value: Node | null, place: Place) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    entriesOf(value, place).map(one => [one.key, read(one.value, one.place)]),
  );
}

/** `so_second: {init: null}` is the same as `so_second.init: null`. */
function valuesOf(value: Node | null, place: Place): Readonly<Record<string, SettingValue>> {
  const pairs = entriesOf(value, place).flatMap(({key, value: inner, place: at}) => {
    if (!place.yaml.isMap(inner)) return [[key, valueIn(inner, at)] as const];
    return entriesOf(inner, at).map(
      one => [`${key}.${one.key}`, valueIn(one.value, one.place)] as const,
    );
  });
  return Object.fromEntries(pairs);
}

function valueIn(value: Node | null, place: Place): SettingValue {
  const scalar = value === null ? null : scalarOf(value, place);
  if (scalar === null || typeof scalar === 'bigint') return scalar;
  if (typeof scalar === 'string' || typeof scalar === 'boolean') return scalar;
  throw place.wrong('a whole number, a text, true, false or null');
}

function mapSettings(value: Node | null, place: Place): MapSettings {
  const settings: Mutable<MapSettings> = {};
  for (const {key, value: inner, place: at} of entriesOf(value, place)) {
    if (key !== 'max_entries') throw at.unknown(key, ['max_entries']);
    settings.maxEntries = countOf(inner, at);
  }
  return settings;
}

function switchOf(value: Node | null, place: Place): boolean {
  const scalar = scalarOf(value, place);
  if (typeof scalar === 'boolean') return scalar;
  throw place.wrong('true or false');
}

function countOf(value: Node | null, place: Place): number {
  const scalar = scalarOf(value, place);
  if (typeof scalar === 'bigint' && scalar >= 0n && scalar <= 0xffff_ffffn) return Number(scalar);
  throw place.wrong('a whole number from 0 to 4294967295');
}

function textOf(value: Node | null, place: Place): string {
  const scalar = scalarOf(value, place);
  if (typeof scalar === 'string') return scalar;
  throw place.wrong('a text');
}

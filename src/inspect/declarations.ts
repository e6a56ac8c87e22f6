import {callCoreForJson, utf8} from '../core/wasm_core.js';
import {InputError} from '../errors.js';
import type {InspectRequest} from './inspect_object.js';

/** What `structops.types/1` of the core looks like: docs/embedding.md, "Types". */
export interface TypesDescription {
  readonly schema: 'structops.types/1';
  /** The file's name. */
  readonly object: string;
  readonly variables: readonly (TypedName & {readonly grows: boolean})[];
  readonly struct_ops: readonly {
    readonly name: string;
    readonly struct: string;
    readonly members: readonly TypedName[];
  }[];
  /** Names of programs. */
  readonly programs: readonly string[];
  /** Those that a callback may be. */
  readonly callbacks: readonly string[];
  /** Names of maps that the object defines. */
  readonly maps: readonly string[];
}

export interface TypedName {
  readonly name: string;
  /** In C. */
  readonly type: string;
  readonly takes: Takes;
}

/** Which values it takes; sizes in bytes. */
export type Takes =
  | {readonly kind: 'integer'; readonly size: number; readonly signed: boolean}
  | {readonly kind: 'bool'}
  | {readonly kind: 'enum'; readonly size: number; readonly enumerators: readonly string[]}
  | {readonly kind: 'text'; readonly size: number}
  | {readonly kind: 'callback'}
  | {readonly kind: 'nothing'};

/** Larger integers are not exact as numbers. */
const EXACT_BYTES = 4;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * What of an object can be set, and to what.
 *
 * @throws {PlanError} The object cannot be used.
 */
export function describeTypes({object, objectName, core}: InspectRequest): TypesDescription {
  return callCoreForJson<TypesDescription>(
    'describeTypes',
    [
      {kind: 'object', bytes: object},
      {kind: 'objectName', bytes: utf8(objectName)},
    ],
    core,
  );
}

/**
 * A TypeScript module that declares what of an object can be set: for `loadObject` and
 * `typedSettings`.
 *
 * @param name - Of the interface. Default: made from the file's.
 * @throws {InputError} with code `BAD_ARGUMENT`: the name is none that TypeScript takes.
 */
export function declarationsOf(types: TypesDescription, name = nameFor(types.object)): string {
  if (!IDENTIFIER.test(name)) {
    throw new InputError('BAD_ARGUMENT', {
      what: `${JSON.stringify(name)} cannot be the name of an interface`,
      hint: '--name MyObject',
    });
  }
  const {variables, struct_ops, programs, callbacks, maps} = types;
  const callback = `${name}Callback`;
  // Of variables with the same name the first is set.
  const settable = new Map<string, TypedName>();
  for (const one of variables) if (!settable.has(one.name)) settable.set(one.name, one);
  for (const {name: variable, members} of struct_ops) {
    for (const member of members) settable.set(`${variable}.${member.name}`, member);
  }
  const properties = [...settable].map(([path, one]) => property(one, path, callback));
  const growing = variables.filter(({grows}) => grows).map(one => one.name);
  return [
    `// What can be set in ${comment(types.object)}, by \`structops types\`.`,
    '',
    '/** Programs that a callback may be; null takes it away. */',
    `export type ${callback} = ${[...callbacks.map(text), 'null'].join(' | ')};`,
    '',
    `export interface ${name} {`,
    '  set: {',
    ...properties.filter(line => line !== '').map(line => `    ${line}`),
    '  };',
    `  maps: ${union(maps)};`,
    `  programs: ${union(programs)};`,
    `  structOps: ${union(struct_ops.map(one => one.name))};`,
    `  arrays: ${union(growing)};`,
    '}',
    '',
  ].join('\n');
}

/** `my-sched.bpf.o` → `MySched` */
function nameFor(object: string): string {
  const words = object.replace(/(\.bpf)?\.o$/, '').match(/[A-Za-z0-9]+/g) ?? [];
  const name = words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return IDENTIFIER.test(name) ? name : `Object${name}`;
}

/** A line for one that can be set; empty for one that cannot. */
function property({type, takes}: TypedName, name: string, callback: string): string {
  const values = valuesOf(takes, callback);
  return values === '' ? '' : `${text(name)}: ${values}; // ${comment(type)}`;
}

function valuesOf(takes: Takes, callback: string): string {
  switch (takes.kind) {
    case 'integer':
      return takes.size <= EXACT_BYTES ? 'number' : 'number | bigint';
    case 'bool':
      return 'boolean';
    case 'enum':
      return [...takes.enumerators.map(text), 'number', 'bigint'].join(' | ');
    case 'text':
      return 'string';
    case 'callback':
      return callback;
    case 'nothing':
      return '';
  }
}

function union(names: readonly string[]): string {
  return names.length === 0 ? 'never' : [...new Set(names)].map(text).join(' | ');
}

/** A string literal. Names come from strangers: nothing but a literal may become of them. */
function text(name: string): string {
  const escaped = name.replace(/[^\x20-\x7e]|['\\]/g, character => {
    return `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
  });
  return `'${escaped}'`;
}

/** What ends no line. */
function comment(words: string): string {
  return words.replace(/[^\x20-\x7e]/g, '?');
}

import type {PlanSettings} from '../../../src/inputs/settings.js';
import type {Random} from '../../helpers/random.js';
import {CONTEXTS, type Functions, makeFunctions} from './c_functions.js';
import {makeGlobals} from './c_globals.js';
import {enums, KFUNCS, makeKernel, RELEASES} from './c_kernel.js';
import {makeMaps} from './c_maps.js';
import {makeSettings, type Variable} from './c_settings.js';
import {DECLARATIONS, makeLicense, makeStatement} from './c_statements.js';
import {
  COMMON,
  declarationOf,
  FIXED,
  type Kind,
  type Member,
  makeFixedMember,
  makeMember,
  makeStruct,
  type Struct,
  vary,
} from './c_types.js';

/** A BPF object, and a kernel for it, whose BTF is that of an object as well. */
export interface CProgram {
  readonly object: string;
  readonly kernel: string;
  /** What a module has beside the kernel; empty or absent: there is none. */
  readonly module?: string;
  /** Of the kernel; by default the newest. */
  readonly release?: string;
  readonly settings?: PlanSettings;
}

/** What is on both sides, and what is odd about it. */
interface World {
  readonly structs: readonly Struct[];
  readonly kinds: readonly Kind[];
  readonly isOdd: boolean;
}

const list = <Item>(length: number, make: (i: number) => Item) =>
  Array.from({length}, (_, i) => make(i));

const PLAIN_SECTIONS = [
  ...['syscall', 'socket', 'xdp', 'tc', '?socket', 'kprobe/kf_0', 'raw_tp/x', 'cgroup_skb/egress'],
  ...['fentry/kf_0', 'fexit/kf_1', 'fmod_ret/kf_2', 'uprobe', 'xdp.frags', 'tp/a/b'],
  ...['fentry.s/kf_0', 'perf_event', 'sk_lookup'],
];
const ODD_SECTIONS = ['fentry/no_such', 'lsm/kf_0', 'iter/kf_0', 'tp_btf/x', 'unknown/x'];
const CALLBACK_SECTIONS = [
  'struct_ops',
  'struct_ops',
  'struct_ops/x',
  'struct_ops.s',
  '?struct_ops',
];

const OPS_SECTIONS = ['.struct_ops', '.struct_ops.link', '.struct_ops.link'];
const OPTIONAL_VARIABLE = 'v_k0_ops_0';
/** For one variable: libbpf forgets that a section is optional after the first. */
const OPTIONAL_SECTION = '?.struct_ops.link';

const VARIABLE_WORDS = [
  ...['', '', '', 'static ', 'volatile ', '__weak ', '__attribute__((visibility("hidden"))) '],
  '__tag("a_tag") ',
];

/** Of so many programs one has what mostly ends in a fault. */
const ODD_EVERY = 3;

/** Seeded. What the kernel has of it, and in which form, is left to chance. */
export function makeProgram(random: Random): CProgram {
  const isOdd = random.below(ODD_EVERY) === 0;
  // Without an array they are of a known size.
  const structs: Struct[] = [];
  for (let i = 0; i < 2 + random.below(4); i++) structs.push(makeStruct(random, `s${i}`, structs));
  const hasModule = random.below(3) === 0;
  const kinds = list(1 + random.below(3), i =>
    makeKind(random, `k${i}_ops`, structs, {isOdd, inModule: hasModule && random.below(2) === 0}),
  );
  const ofModule = makeStruct(random, 's_of_module', structs.slice(0, 1));
  const release = random.pick([...RELEASES, ...RELEASES.slice(1), ...RELEASES.slice(2)]);
  return {
    ...makeObject(random, {structs: [...structs, ofModule], kinds, isOdd}),
    ...makeKernel(random, {structs, kinds, ofModule, release, hasModule, isOdd}),
    release,
  };
}

function makeKind(
  random: Random,
  name: string,
  structs: readonly Struct[],
  {isOdd, inModule}: {readonly isOdd: boolean; readonly inModule: boolean},
): Kind {
  const members = list(2 + random.below(6), (i): Member => {
    const called = `${name}_${i}`;
    if (random.below(2) === 0) {
      if (random.below(4) === 0) return makeFixedMember(random, called);
      const member = makeMember(random, called, isOdd ? structs.slice(0, 1) : []);
      // Bits cannot be set.
      if (isOdd || !member.text.includes(' : ')) return member;
    }
    return callback(called);
  });
  const extras = list(random.below(3) === 0 ? 1 + random.below(2) : 0, i => {
    const called = `${name}_only_${i}`;
    return random.pick([
      callback(called),
      makeFixedMember(random, called),
      {name: called, text: `char ${called}[12]`, reads: [], values: ['"ab"']},
    ]);
  });
  const flavour = random.below(5) === 0 ? '___v2' : '';
  return {name, keyword: 'struct', members, extras, inModule, called: `${name}${flavour}`};
}

const callback = (name: string): Member => ({
  ...{name, text: `int (*${name})(struct s0 *p)`, reads: []},
  isCallback: true,
});

function makeObject(
  random: Random,
  {structs: plain, kinds, isOdd}: World,
): {readonly object: string; readonly settings: PlanSettings} {
  const structs = [...plain, ...flavours(random, plain)];
  const globals = makeGlobals(random, plain, isOdd);
  const others = list(random.below(3), i => `other_${i}`);
  const maps = makeMaps(random, structs, others);
  const functions = makeFunctions(random, isOdd);
  const {calls} = functions;
  const around = {structs, maps: maps.names, globals: globals.reads, calls, isOdd};
  const body = () => list(1 + random.below(6), () => makeStatement(random, around)).join('');
  const programs = new Map<string, string>();
  const variables = kinds.flatMap(kind =>
    list(1 + random.below(2), i =>
      makeVariable(random, kind, {index: i, isOdd}, name => programs.set(name, body())),
    ),
  );
  const object = [
    ...[COMMON, 'typedef u64 u64_of;\n', DECLARATIONS, makeLicense(random), FIXED],
    ...[enums(random, false), CONTEXTS],
    ...structs.map(struct => declarationOf(struct, ' __attribute__((preserve_access_index))')),
    ...kinds.map(kind => declarationOf(asCalled(kind))),
    ...KFUNCS.map(
      ([ours]) => `extern ${ours} __ksym${random.below(2) === 0 || !isOdd ? ' __weak' : ''};\n`,
    ),
    ...[globals.text, others.map(name => `int ${name}(void *ctx);\n`).join(''), maps.text],
    'static __attribute__((noinline)) long callback(u32 i, u64 *sum) { *sum += i; return 0; }\n',
    functions.prototypes,
    ...[...programs].map(([name, text]) => makeCallback(random, name, text, functions)),
    ...others.map(name => makeOther(random, name, body(), {functions, isOdd})),
    functions.define(body),
    ...variables.map(({text}) => text),
  ].join('');
  const settings = makeSettings(random, {globals, variables, maps: maps.names, others});
  return {object, settings};
}

/** Other ideas of the same structs. */
const flavours = (random: Random, structs: readonly Struct[]): Struct[] =>
  structs
    .filter(() => random.below(3) === 0)
    .map(struct => ({...vary(random, struct, true), name: `${struct.name}___old`}));

const asCalled = ({called, keyword, members, extras}: Kind): Struct => ({
  ...{name: called, keyword},
  members: [...extras, ...members],
});

function makeCallback(
  random: Random,
  name: string,
  body: string,
  {exceptionTag}: Functions,
): string {
  return (
    `__attribute__((section("${random.pick(CALLBACK_SECTIONS)}"), used))\n${exceptionTag()}int ${name}(u64 *ctx)\n{\n` +
    `\tstruct s0 *p = (void *)ctx[0];\n\tu64 sum = 0;\n${body}\treturn sum;\n}\n`
  );
}

function makeOther(
  random: Random,
  name: string,
  body: string,
  {functions, isOdd}: {readonly functions: Functions; readonly isOdd: boolean},
): string {
  const at = random.pick(isOdd ? [...PLAIN_SECTIONS, ...ODD_SECTIONS] : PLAIN_SECTIONS);
  return (
    `__attribute__((section("${at}"), used))\n${functions.exceptionTag()}int ${name}(void *ctx)\n{\n` +
    `\tstruct s0 *p = 0;\n\tu64 sum = 0;\n${body}\treturn sum;\n}\n`
  );
}

/** A variable of a kind, with some of its members set; `called` learns its programs. */
function makeVariable(
  random: Random,
  kind: Kind,
  {index, isOdd}: {readonly index: number; readonly isOdd: boolean},
  called: (name: string) => void,
): Variable & {readonly text: string} {
  const name = `v_${kind.name}_${index}`;
  const callbacks: Record<string, string> = {};
  const set = [...kind.members, ...kind.extras].flatMap((member, i) => {
    const isExtra = i >= kind.members.length;
    // What the kernel does not know has to be zero.
    if (isExtra ? !isOdd || random.below(4) > 0 : random.below(4) === 0) return [];
    if (member.isCallback) {
      // One program may be in two variables, and in the wrong place.
      const of = random.below(6) === 0 ? 0 : index;
      const program =
        isOdd && random.below(10) === 0 ? `p_${kind.name}_0` : `p_${kind.name}_${of}_${i}`;
      called(program);
      callbacks[member.name] = program;
      return [`\t.${member.name} = (void *)${program},\n`];
    }
    const value = member.values === undefined ? undefined : random.pick(member.values);
    return value === undefined ? [] : [`\t.${member.name} = ${value},\n`];
  });
  const section =
    name === OPTIONAL_VARIABLE && random.below(2) === 0
      ? OPTIONAL_SECTION
      : random.pick(OPS_SECTIONS);
  const of = (pattern: RegExp) =>
    kind.members.filter(({text}) => pattern.test(text)).map(member => member.name);
  return {
    ...{name, callbacks, numbers: of(/^[us]\d+ \w+$/), texts: of(/^char \w+\[[3-9]\]$/)},
    text: `__attribute__((section("${section}"), used))\n${random.pick(VARIABLE_WORDS)}struct ${kind.called} ${name} = {\n${set.join('')}};\n`,
  };
}

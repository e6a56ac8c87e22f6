import type {Random} from '../../helpers/random.js';
import {makeMaps} from './c_maps.js';
import {
  COMMON,
  declarationOf,
  type Member,
  makeMember,
  makeStruct,
  SCALARS,
  type Struct,
  vary,
} from './c_types.js';

/** A BPF object, and a kernel for it, whose BTF is that of an object as well. */
export interface CProgram {
  readonly object: string;
  readonly kernel: string;
}

const list = <Item>(length: number, make: (i: number) => Item) =>
  Array.from({length}, (_, i) => make(i));

/** Kernel functions, as the object declares them and as the kernel has them. */
const KFUNCS: readonly (readonly [ours: string, theirs: string])[] = [
  ['int kf_0(int n)', 'int kf_0(int n)'],
  ['u64 kf_1(void *p, u32 n)', 'u64 kf_1(void *p, u32 n)'],
  ['int kf_2(struct s0 *p)', 'int kf_2(struct s0 *p)'],
  ['int kf_3(int n)', 'int kf_3(int n, int m)'],
  ['int kf_4(int n)', 'void kf_4(int n)'],
  ['int kf_5___v2(int n)', 'int kf_5(int n)'],
  ['int kf_6(int n)', ''],
  ['int kf_7(struct s0 *p)', 'int kf_7(u64 *p)'],
];
const CALL_OF_KFUNC = ['(1)', '(p, 2)', '(p)', '(3)', '(4)', '(5)', '(6)', '(p)'];

/** So many of them are in every kernel. */
const SAFE_KFUNCS = 3;

const DATA_SECTIONS = ['', '', '', '.data.own', '.rodata.own', '.bss.own', '.data.b'];
const PLAIN_SECTIONS = [
  ...['syscall', 'socket', 'xdp', 'tc', '?socket', 'kprobe/kf_0', 'raw_tp/x', 'cgroup_skb/egress'],
  ...[
    'fentry/kf_0',
    'fexit/kf_1',
    'fmod_ret/kf_2',
    'uprobe',
    'xdp.frags',
    'tp/a/b',
    'fentry.s/kf_0',
  ],
  ...['perf_event', 'sk_lookup'],
];
const ODD_SECTIONS = ['fentry/no_such', 'lsm/kf_0', 'iter/kf_0', 'tp_btf/x', 'unknown/x'];

const OPS_SECTIONS = ['.struct_ops', '.struct_ops.link', '.struct_ops.link'];
const OPTIONAL_VARIABLE = 'v_k0_ops_0';
/** For one variable: libbpf forgets that a section is optional after the first. */
const OPTIONAL_SECTION = '?.struct_ops.link';

/** Of so many programs one has what mostly ends in a fault. */
const ODD_EVERY = 3;

/** Seeded. What the kernel has of it, and in which form, is left to chance. */
export function makeProgram(random: Random): CProgram {
  const isOdd = random.below(ODD_EVERY) === 0;
  const structs: Struct[] = [];
  for (let i = 0; i < 2 + random.below(4); i++) structs.push(makeStruct(random, `s${i}`, structs));
  const kinds = list(1 + random.below(2), i => makeKind(random, `k${i}_ops`, structs, isOdd));
  const theirs = structs
    .map(struct => vary(random, struct, true))
    .filter(() => random.below(12) > 0);
  return {
    object: objectOf(random, structs, kinds, isOdd),
    kernel: kernelOf(random, theirs, structs, kinds, isOdd),
  };
}

function makeKind(
  random: Random,
  name: string,
  structs: readonly Struct[],
  isOdd: boolean,
): Struct {
  const members = list(2 + random.below(6), (i): Member => {
    const called = `${name}_${i}`;
    if (random.below(2) === 0) {
      const member = makeMember(random, called, isOdd ? structs.slice(0, 1) : []);
      // Bits cannot be set.
      if (isOdd || !member.text.includes(' : ')) return member;
    }
    return {name: called, text: `int (*${called})(struct s0 *p)`, reads: [], isCallback: true};
  });
  return {name, keyword: 'struct', members};
}

const enums = (random: Random, isKernel: boolean) =>
  list(2, i => {
    const names = list(3, n => `E${i}_${n}`).filter(() => !isKernel || random.below(8) > 0);
    const values = (names.length > 0 ? names : [`E${i}_9`]).map(
      name => `${name} = ${random.below(isKernel ? 9 : 3) + (random.below(9) === 0 ? 5e9 : 0)}`,
    );
    return `enum e${i} { ${values.join(', ')} };\n`;
  }).join('');

function kernelOf(
  random: Random,
  structs: readonly Struct[],
  all: readonly Struct[],
  kinds: readonly Struct[],
  isOdd: boolean,
): string {
  const named = new Set(structs.map(({name}) => name));
  // What others hold by value has to be there.
  const missing = all.filter(({name}) => !named.has(name)).map(struct => declarationOf(struct));
  const varied = kinds
    .map(kind => vary(random, kind, isOdd))
    .filter(() => !isOdd || random.below(12) > 0);
  const whole = all.map(({name}) => structs.find(one => one.name === name));
  const used = whole.some(one => one === undefined) ? missing.length : 0;
  const functions = KFUNCS.map(([, theirs]) => theirs)
    .filter((text, i) => text !== '' && (i < SAFE_KFUNCS || random.below(8) > 0))
    .map(text => `${text} { ${text.startsWith('void') ? '' : 'return 0; '}}\n`);
  return [
    COMMON,
    enums(random, true),
    ...all.map(struct => declarationOf(structs.find(({name}) => name === struct.name) ?? struct)),
    ...varied.map(kind => declarationOf(kind)),
    'enum state { STATE_INIT };\nstruct refcount { int refs; };\n',
    'struct bpf_struct_ops_common_value { struct refcount refcnt; enum state state; };\n',
    ...varied.map(
      ({name}) =>
        `struct bpf_struct_ops_${name} { struct bpf_struct_ops_common_value common; ` +
        `struct ${name} data __attribute__((aligned(64))); } ${name}_value;\n`,
    ),
    ...all
      .filter(({name}) => named.has(name) || used > 0)
      .map(({keyword, name}) => `${keyword} ${name} a_${name};\n`),
    'enum e0 an_e0; enum e1 an_e1; int kv_0; u64 kv_1;\n',
    ...['link', 'desc'].map(name => `struct bpf_struct_ops_${name} { u64 x; } a_${name};\n`),
    ...['bpf_trace_run_ctx', 'bpf_uprobe_multi_link', 'bpf_arena', 'btf_layout'].map(
      name => `struct ${name} { u64 x; } a_${name};\n`,
    ),
    ...['bpf_prog_assoc_struct_ops', 'bpf_ktime_get_coarse_ns'].map(
      name => `int ${name}(void) { return 0; }\n`,
    ),
    ...functions,
  ].join('');
}

function objectOf(
  random: Random,
  structs: readonly Struct[],
  kinds: readonly Struct[],
  isOdd: boolean,
): string {
  const maps = makeMaps(random, structs);
  const globals = list(random.below(6), i => {
    const section = random.pick(isOdd ? [...DATA_SECTIONS, 'odd_name'] : DATA_SECTIONS);
    const isConst = section.startsWith('.rodata') || (section === '' && random.below(4) === 0);
    const isZero =
      section.startsWith('.bss') || (!isConst && section === '' && random.below(2) === 0);
    const where = section === '' ? '' : ` __attribute__((section("${section}")))`;
    const words = [random.pick(['', '', 'static ']), isConst ? 'const volatile ' : 'volatile '];
    const value = isZero ? '' : ` = ${1 + i}`;
    return `${words.join('')}${random.pick(SCALARS.slice(0, 8))} g_${i}${where}${value};\n`;
  });
  const programs = new Map<string, string>();
  const body = (depth: number) =>
    list(1 + random.below(6), () =>
      statement(random, {structs, maps: maps.names, globals: globals.length, depth, isOdd}),
    ).join('');
  const variables = kinds.flatMap(kind =>
    list(1 + random.below(2), i =>
      variableOf(random, kind, {index: i, isOdd}, name => programs.set(name, body(2))),
    ),
  );
  const subprograms = list(2, i => {
    const words = random.pick([
      'static ',
      '',
      '__attribute__((visibility("hidden"))) ',
      '__attribute__((weak)) ',
    ]);
    return `${words}__attribute__((noinline)) int sub_${i}(struct s0 *p, int n)\n{\n\tu64 sum = n;\n${body(i)}\treturn sum;\n}\n`;
  });
  const others = list(random.below(3), i => {
    const at = random.pick(isOdd ? [...PLAIN_SECTIONS, ...ODD_SECTIONS] : PLAIN_SECTIONS);
    return `__attribute__((section("${at}"), used))\nint other_${i}(void *ctx)\n{\n\tstruct s0 *p = 0;\n\tu64 sum = 0;\n${body(0)}\treturn sum;\n}\n`;
  });
  return [
    COMMON,
    HELPERS,
    enums(random, false),
    ...structs.map(struct => declarationOf(struct, ' __attribute__((preserve_access_index))')),
    ...kinds.map(kind => declarationOf(kind)),
    ...KFUNCS.map(
      ([ours]) => `extern ${ours} __ksym${random.below(2) === 0 || !isOdd ? ' __weak' : ''};\n`,
    ),
    'extern const int kv_0 __ksym;\nextern const u64 kv_1 __ksym __weak;\n',
    'extern const void a_symbol_of_the_kernel __ksym;\n',
    'extern int LINUX_KERNEL_VERSION __kconfig;\nextern int CONFIG_HZ __kconfig;\n',
    'extern bool CONFIG_NOT_THERE __kconfig __weak;\n',
    maps.text,
    ...globals,
    ...subprograms,
    ...[...programs].map(
      ([name, text]) =>
        `__attribute__((section("struct_ops${random.pick(['', '/x', '.s'])}"), used))\nint ${name}(u64 *ctx)\n{\n` +
        `\tstruct s0 *p = (void *)ctx[0];\n\tu64 sum = 0;\n${text}\treturn sum;\n}\n`,
    ),
    ...others,
    ...variables,
  ].join('');
}

/** A variable of a kind, with some of its members set; `called` learns its programs. */
function variableOf(
  random: Random,
  kind: Struct,
  {index, isOdd}: {readonly index: number; readonly isOdd: boolean},
  called: (name: string) => void,
): string {
  const name = `v_${kind.name}_${index}`;
  const set = kind.members.flatMap((member, i) => {
    if (random.below(4) === 0) return [];
    if (member.isCallback) {
      // One program may be in two variables, and in the wrong place.
      const program =
        isOdd && random.below(10) === 0 ? `p_${kind.name}_0` : `p_${kind.name}_${index}_${i}`;
      called(program);
      return [`\t.${member.name} = (void *)${program},\n`];
    }
    const value = member.values === undefined ? undefined : random.pick(member.values);
    return value === undefined ? [] : [`\t.${member.name} = ${value},\n`];
  });
  const section =
    name === OPTIONAL_VARIABLE && random.below(2) === 0
      ? OPTIONAL_SECTION
      : random.pick(OPS_SECTIONS);
  return `__attribute__((section("${section}"), used))\nstruct ${kind.name} ${name} = {\n${set.join('')}};\n`;
}

interface Surroundings {
  readonly structs: readonly Struct[];
  /** Names of those that can be looked into. */
  readonly maps: readonly string[];
  /** How many there are. */
  readonly globals: number;
  /** How many subprograms may be called. */
  readonly depth: number;
  readonly isOdd: boolean;
}

function statement(random: Random, {structs, maps, globals, depth, isOdd}: Surroundings): string {
  const struct = random.pick(structs);
  const type = `${struct.keyword} ${struct.name}`;
  const reads = struct.members.flatMap(member => member.reads);
  const read = reads.length > 0 ? random.pick(reads).slice(1) : undefined;
  const of = `((${type} *)p)->${read}`;
  const add = (value: string) => `\tsum += (u64)(${value});\n`;
  switch (random.below(11)) {
    case 0:
    case 1:
    case 2:
      return read === undefined ? '' : add(of);
    case 3:
      // clang breaks off at elements of arrays, and at shifts and signs of what is no plain integer.
      return read === undefined || read.includes('[')
        ? ''
        : add(`__builtin_preserve_field_info(${of}, ${random.below(random.pick([3, 3, 3, 6]))})`);
    case 4:
      return add(`__builtin_preserve_type_info(*(${type} *)0, ${random.below(3)})`);
    case 5:
      return random.below(2) === 0
        ? add(`__builtin_btf_type_id(*(${type} *)0, ${random.below(2)})`)
        : add(
            `__builtin_preserve_enum_value(*(enum e0 *)E0_${random.below(3)}, ${random.below(2)})`,
          );
    case 6:
      return globals === 0 ? '' : add(`g_${random.below(globals)}`);
    case 7: {
      if (maps.length === 0) return '';
      return `\t{ u64 key = ${random.below(3)}; sum += !!map_lookup_elem(&${random.pick(maps)}, &key); }\n`;
    }
    case 8:
      return depth === 0 ? '' : add(`sub_${random.below(depth)}(p, ${random.below(9)})`);
    case 9: {
      // The last but one is nowhere.
      const kfunc = isOdd ? random.below(KFUNCS.length) : random.pick([0, 1, 2, 6]);
      return add(`${/(\w+)\(/.exec(KFUNCS[kfunc]?.[0] ?? '')?.[1]}${CALL_OF_KFUNC[kfunc]}`);
    }
    default:
      return add(
        random.pick([
          ...['kv_0', '(u64)&kv_1', '(u64)&a_symbol_of_the_kernel', 'LINUX_KERNEL_VERSION'],
          ...['CONFIG_HZ', 'CONFIG_NOT_THERE'],
        ]),
      );
  }
}

const HELPERS = `
#define __ksym __attribute__((section(".ksyms")))
#define __kconfig __attribute__((section(".kconfig")))
#define __weak __attribute__((weak))
#define __uint(name, value) int (*name)[value]
#define __type(name, value) typeof(value) *name
#define __array(name, value) typeof(value) *name[]
static void *(*const map_lookup_elem)(void *map, const void *key) = (void *)1;
char LICENSE[] __attribute__((section("license"), used)) = "GPL";
`;

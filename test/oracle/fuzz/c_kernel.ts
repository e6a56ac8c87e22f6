import type {Random} from '../../helpers/random.js';
import {COMMON, declarationOf, FIXED, type Kind, type Struct, vary} from './c_types.js';

/** Kernel functions, as the object declares them and as the kernel has them. */
export const KFUNCS: readonly (readonly [ours: string, theirs: string])[] = [
  ['int kf_0(int n)', 'int kf_0(int n)'],
  ['u64 kf_1(void *p, u32 n)', 'u64 kf_1(void *p, u32 n)'],
  ['int kf_2(struct s0 *p)', 'int kf_2(struct s0 *p)'],
  ['int kf_3(int n)', 'int kf_3(int n, int m)'],
  ['int kf_4(int n)', 'void kf_4(int n)'],
  ['int kf_5___v2(int n)', 'int kf_5(int n)'],
  ['int kf_6(int n)', ''],
  ['int kf_7(struct s0 *p)', 'int kf_7(u64 *p)'],
  // libbpf gives its parameters a name.
  ['int kf_8(int, void *)', 'int kf_8(int n, void *p)'],
];

/** So many of them are in every kernel. */
const SAFE_KFUNCS = 3;

const structs = (...names: string[]) =>
  names.map(name => `struct ${name} { u64 x; } a_${name};\n`).join('');
const functions = (...names: string[]) =>
  names.map(name => `int ${name}(void) { return 0; }\n`).join('');

/** What the core tells features by (assembly/kernel/target.ts), by the release that has them first. */
const FEATURES: readonly (readonly [release: string, text: string])[] = [
  ['6.1.0', structs('bpf_trace_run_ctx') + functions('bpf_ktime_get_coarse_ns', '__x64_sys_bpf')],
  [
    '6.12.0',
    structs('bpf_struct_ops_link', 'bpf_uprobe_multi_link', 'bpf_struct_ops_desc', 'bpf_arena') +
      'enum btf_arg_tag { ARG_TAG_CTX = 1 } an_arg_tag;\n',
  ],
  ['7.2.0', structs('btf_layout') + functions('bpf_prog_assoc_struct_ops')],
];

export const RELEASES = FEATURES.map(([release]) => release);

/** What a kernel has of an object. */
export interface Wanted {
  readonly structs: readonly Struct[];
  readonly kinds: readonly Kind[];
  /** One that only a module has. */
  readonly ofModule: Struct;
  readonly release: string;
  readonly hasModule: boolean;
  readonly isOdd: boolean;
}

/** Of a kernel, and of a module for it: what it adds. */
export interface CKernel {
  readonly kernel: string;
  readonly module: string;
}

/** Both sides have it, the kernel with other values, and not all. */
export const enums = (random: Random, isKernel: boolean): string =>
  [0, 1]
    .map(i => {
      const names = [0, 1, 2].map(n => `E${i}_${n}`);
      const here = names.filter(() => !isKernel || random.below(8) > 0);
      const values = (here.length > 0 ? here : [`E${i}_9`]).map(name => {
        const large = random.below(9) === 0 ? random.pick([5e9, -7e9, -20]) : 0;
        return `${name} = ${random.below(isKernel ? 9 : 3) + large}`;
      });
      return `enum e${i} { ${values.join(', ')} };\n`;
    })
    .join('');

/** In which form the kernel has it, and what it lacks, is left to chance. */
export function makeKernel(random: Random, wanted: Wanted): CKernel {
  const {structs: all, kinds, release, hasModule, isOdd} = wanted;
  const theirs = all.map(struct => vary(random, struct, true)).filter(() => random.below(12) > 0);
  const named = new Set(theirs.map(({name}) => name));
  // What others hold by value has to be there.
  const isWhole = theirs.length === all.length;
  const varied = kinds
    .map(kind => ({...vary(random, kind, isOdd), inModule: kind.inModule}))
    .filter(() => !isOdd || random.below(12) > 0);
  const kfuncs = KFUNCS.map(([, text]) => text)
    .filter((text, i) => text !== '' && (i < SAFE_KFUNCS || random.below(8) > 0))
    .map(text => ({
      text: `${text} { ${text.startsWith('void') ? '' : 'return 0; '}}\n`,
      inModule: hasModule && random.below(3) === 0,
    }));
  const here = RELEASES.indexOf(release);
  const kernel = [
    COMMON,
    FIXED,
    enums(random, true),
    ...all.map(struct => declarationOf(theirs.find(({name}) => name === struct.name) ?? struct)),
    'struct fixed a_fixed; union either an_either;\n',
    'enum state { STATE_INIT };\nstruct refcount { int refs; };\n',
    'struct bpf_struct_ops_common_value { struct refcount refcnt; enum state state; } a_common;\n',
    ...varied.filter(({inModule}) => !inModule).map(kindOf),
    ...all
      .filter(({name}) => named.has(name) || !isWhole)
      .map(({keyword, name}) => `${keyword} ${name} a_${name};\n`),
    'enum e0 an_e0; enum e1 an_e1; int kv_0; u64 kv_1;\n',
    ...FEATURES.filter((_, i) => i <= here).map(([, text]) => text),
    ...kfuncs.filter(({inModule}) => !inModule).map(({text}) => text),
  ].join('');
  const {ofModule} = wanted;
  const module = [
    declarationOf(vary(random, ofModule, true)),
    `${ofModule.keyword} ${ofModule.name} a_${ofModule.name};\n`,
    'int mv_0;\n',
    ...varied.filter(({inModule}) => inModule).map(kindOf),
    ...kfuncs.filter(({inModule}) => inModule).map(({text}) => text),
  ].join('');
  return {kernel, module: hasModule ? module : ''};
}

function kindOf(kind: Struct): string {
  const {name} = kind;
  return (
    `${declarationOf(kind)}struct bpf_struct_ops_${name} { struct bpf_struct_ops_common_value common; ` +
    `struct ${name} data __attribute__((aligned(64))); } ${name}_value;\n`
  );
}

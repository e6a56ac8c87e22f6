import type {Random} from '../../helpers/random.js';
import {KFUNCS} from './c_kernel.js';
import type {Struct} from './c_types.js';

const CALL_OF_KFUNC = ['(1)', '(p, 2)', '(p)', '(3)', '(4)', '(5)', '(6)', '(p)', '(8, p)'];
/** Those that a kernel may lack without harm, or has for sure. */
const GOOD_KFUNCS = [0, 1, 2, 6, 8];

/** What is outside of vmlinux and the object's own data. */
const EXTERNS = `
extern const int kv_0 __ksym;
extern const u64 kv_1 __ksym __weak;
extern const int mv_0 __ksym __weak;
extern const void a_symbol_of_the_kernel __ksym;
extern const void no_such_symbol __ksym __weak;
enum libbpf_tristate { TRI_NO, TRI_YES, TRI_MODULE };
extern int LINUX_KERNEL_VERSION __kconfig;
extern bool LINUX_HAS_BPF_COOKIE __kconfig __weak;
extern bool LINUX_HAS_SYSCALL_WRAPPER __kconfig __weak;
extern int CONFIG_HZ __kconfig;
extern bool CONFIG_SMP __kconfig;
extern bool CONFIG_NOT_THERE __kconfig __weak;
extern char CONFIG_TEXT[6] __kconfig __weak;
extern u64 CONFIG_BIG __kconfig;
extern s8 CONFIG_NEGATIVE __kconfig;
extern enum libbpf_tristate CONFIG_TRI __kconfig;
`;

/** What a kernel says of CONFIG_…. */
export const KCONFIG = `
CONFIG_HZ=250
CONFIG_SMP=y
CONFIG_TEXT="longer than that"
CONFIG_BIG=0x123456789abcdef0
CONFIG_NEGATIVE=-5
CONFIG_TRI=m
`;

const VALUES = [
  ...['kv_0', '(u64)&kv_1', '(u64)&mv_0', '(u64)&a_symbol_of_the_kernel', '(u64)&no_such_symbol'],
  ...['LINUX_KERNEL_VERSION', 'LINUX_HAS_BPF_COOKIE', 'LINUX_HAS_SYSCALL_WRAPPER', 'CONFIG_HZ'],
  ...['CONFIG_SMP', 'CONFIG_NOT_THERE', 'CONFIG_TEXT[1]', 'CONFIG_BIG', 'CONFIG_NEGATIVE'],
  ...['CONFIG_TRI', '(u64)kf_6', '(u64)kf_0'],
];

/** What statements are made of. */
export const DECLARATIONS = `
#define __ksym __attribute__((section(".ksyms")))
#define __kconfig __attribute__((section(".kconfig")))
#define __weak __attribute__((weak))
#define __uint(name, value) int (*name)[value]
#define __type(name, value) typeof(value) *name
#define __ulong(name, value) enum { name##_of_this_map_##value = value } name
#define __array(name, value) typeof(value) *name[]
#define __arena __attribute__((address_space(1)))
static void *(*const map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const trace_printk)(const char *format, u32 size, ...) = (void *)6;
static long (*const probe_read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static long (*const loop)(u32 rounds, void *function, void *context, u64 flags) = (void *)181;
static long (*const tail_call)(void *context, void *map, u32 index) = (void *)12;
enum e0___v2 { E0_0___old = 1, E0_1___old, E0_2___old };
enum e1___v2 { E1_0___old = 0x123456789, E1_1___old, E1_2___old };
${EXTERNS}`;

const LICENSES = ['GPL', 'GPL', 'GPL', 'Dual BSD/GPL', 'Proprietary', '', 'x'.repeat(80)];

/** It may be none, or longer than the kernel reads; a version is for kernels before 5.0. */
export function makeLicense(random: Random): string {
  const at = (section: string) => `__attribute__((section("${section}"), used))`;
  const license = `char LICENSE[] ${at('license')} = "${random.pick(LICENSES)}";\n`;
  return [
    random.below(8) === 0 ? '' : license,
    random.below(8) === 0 ? `u32 VERSION ${at('version')} = 0x60203;\n` : '',
  ].join('');
}

export interface Surroundings {
  readonly structs: readonly Struct[];
  /** Names of maps that can be looked into. */
  readonly maps: readonly string[];
  /** What of global variables can be read. */
  readonly globals: readonly string[];
  /** Calls of functions. */
  readonly calls: readonly string[];
  readonly isOdd: boolean;
}

const add = (value: string) => `\tsum += (u64)(${value});\n`;

/** A line of a function that has `p` and `sum`. */
export function makeStatement(random: Random, around: Surroundings): string {
  const {maps, globals, calls, isOdd} = around;
  switch (random.below(15)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      return makeRelocation(random, around);
    case 6:
      return globals.length === 0 ? '' : add(random.pick(globals));
    case 7: {
      if (maps.length === 0) return '';
      const map = random.pick(maps);
      if (random.below(6) === 0) return `\ttail_call(p, &${map}, ${random.below(4)});\n`;
      return `\t{ u64 key = ${random.below(3)}; sum += !!map_lookup_elem(&${map}, &key); }\n`;
    }
    case 8:
    case 13:
    case 14:
      return add(random.pick(calls));
    case 9: {
      const kfunc = isOdd ? random.below(KFUNCS.length) : random.pick(GOOD_KFUNCS);
      return add(`${/(\w+)\(/.exec(KFUNCS[kfunc]?.[0] ?? '')?.[1]}${CALL_OF_KFUNC[kfunc]}`);
    }
    case 10:
      return random.pick([
        `\tloop(${random.below(9)}, callback, &sum, 0);\n`,
        '\t{ static const char text[] = "number %d"; trace_printk(text, sizeof(text), sum); }\n',
        '\tprobe_read_kernel(&sum, sizeof(sum), p);\n',
        `\tloop(${random.below(9)}, ${random.pick(calls).replace(/\(.*/, '')}, &sum, 0);\n`,
        '\ttrace_printk("a text", 7);\n',
      ]);
    default:
      return add(random.pick(VALUES));
  }
}

/** What CO-RE relocates. */
function makeRelocation(random: Random, {structs}: Surroundings): string {
  const struct = random.pick(structs);
  const type = `${struct.keyword} ${struct.name}`;
  const reads = struct.members.flatMap(member => member.reads);
  const read = reads.length > 0 ? random.pick(reads).slice(1) : undefined;
  const of = `((${type} *)p)->${read}`;
  switch (random.below(6)) {
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
      return add(
        `__builtin_preserve_type_info(*(${random.pick([type, type, 'enum e1', 'u64_of'])} *)0, ${random.below(3)})`,
      );
    default: {
      const e = random.below(2);
      return random.below(2) === 0
        ? add(`__builtin_btf_type_id(*(${type} *)0, ${random.below(2)})`)
        : add(
            random.below(4) === 0
              ? `__builtin_preserve_enum_value(*(enum e${e}___v2 *)E${e}_${random.below(3)}___old, ${random.below(2)})`
              : `__builtin_preserve_enum_value(*(enum e${e} *)E${e}_${random.below(3)}, ${random.below(2)})`,
          );
    }
  }
}

import type {Random} from '../../helpers/random.js';

/** A function that others call. */
interface CFunction {
  /** Up to its body. */
  readonly head: string;
  readonly call: string;
}

/** The functions of an object beside its programs. */
export interface Functions {
  /** Of each, before all others. */
  readonly prototypes: string;
  /** How each is called in a function that has `p`. */
  readonly calls: readonly string[];
  /** Their bodies, by the statements of each. */
  define(body: () => string): string;
  /** For a program: the tag that names the function by which bpf_throw() ends it, or nothing. */
  exceptionTag(): string;
}

const HIDDEN = '__attribute__((visibility("hidden"))) ';
const WORDS = ['static ', '', '', HIDDEN, '__weak ', `__weak ${HIDDEN}`];

/** What kernels before 6.8 know a context by, and what they do not. */
export const CONTEXTS = `
struct pt_regs { u64 ip; };
struct user_pt_regs { u64 pc; };
typedef struct pt_regs bpf_user_pt_regs_t;
struct __sk_buff { u32 len; };
struct xdp_md { u32 data; };
struct bpf_perf_event_data { bpf_user_pt_regs_t regs; };
#define __tag(name) __attribute__((btf_decl_tag(name)))
`;
const CONTEXT_POINTERS = [
  ...['void *', 'void *', 'const void *', 'u64 *', 'const u64 *', 'struct pt_regs *'],
  ...['bpf_user_pt_regs_t *', 'const volatile struct pt_regs *', 'struct user_pt_regs *'],
  ...['struct __sk_buff *', 'struct xdp_md *', 'struct bpf_perf_event_data *', 'u32 *', 'u64 '],
];
const ARGUMENT_TAGS = ['arg:nonnull', 'arg:trusted', 'arg:nullable', 'arg:arena', 'arg:ctx'];

/** Where no function can be called. */
const ELSEWHERE = ['syscall', 'helpers', '.text.unlikely', 'struct_ops'];

/** Some plain, some with tags, some that end programs; of those of an odd object not all are good. */
export function makeFunctions(random: Random, isOdd: boolean): Functions {
  const functions: CFunction[] = [];
  for (let i = 0; i < 1 + random.below(5); i++) functions.push(makePlain(random, i));
  for (let i = random.below(4); i > 0; i--) functions.push(makeTagged(random, i));
  if (isOdd && random.below(6) === 0) functions.push(makeElsewhere(random));
  const ends = makeEnds(random, isOdd);
  functions.push(...ends.filter(({call}) => call !== ''));
  return {
    prototypes: functions.map(({head}) => `${head};\n`).join(''),
    calls: functions.map(({call}) => call),
    define: body =>
      functions
        .map(
          ({head}) =>
            `${head}\n{\n\tstruct s0 *p = 0;\n\tu64 sum = 1;\n${body()}\treturn sum;\n}\n`,
        )
        .join(''),
    exceptionTag: () => (random.below(3) === 0 ? makeExceptionTag(random, isOdd) : ''),
  };
}

function makePlain(random: Random, i: number): CFunction {
  const words = random.pick(WORDS);
  return {
    head: `${words}__attribute__((noinline)) int sub_${i}(struct s0 *of, int n)`,
    call: `sub_${i}(p, ${random.below(9)})`,
  };
}

/** Its first parameter is a context, or what is called so; static ones have tags that mean nothing. */
function makeTagged(random: Random, i: number): CFunction {
  const words = random.pick(['', '', '', '__weak ', HIDDEN, 'static ']);
  const context = `${random.pick(CONTEXT_POINTERS)}ctx __tag("arg:ctx")`;
  const others = Array.from({length: random.below(3)}, (_, n) => {
    const tag = random.below(2) === 0 ? '' : ` __tag("${random.pick(ARGUMENT_TAGS)}")`;
    return `${random.pick(['struct s0 *', 'int ', 'void *', 'u32 *'])}a${n}${tag}`;
  });
  const parameters = [context, ...others];
  if (random.below(4) === 0) parameters.reverse();
  const given = parameters.map(text => (text.includes('*') ? '(void *)p' : '3'));
  return {
    head: `${words}__attribute__((noinline)) int tagged_${i}(${parameters.join(', ')})`,
    call: `tagged_${i}(${given.join(', ')})`,
  };
}

function makeElsewhere(random: Random): CFunction {
  const words = random.pick(['', 'static ', '__weak ', HIDDEN]);
  const section = `__attribute__((noinline, section("${random.pick(ELSEWHERE)}")))`;
  return {head: `${words}${section} int elsewhere(void *ctx)`, call: 'elsewhere(p)'};
}

/** What exception callbacks can be: `end` is good, and `end_bad` is not. */
function makeEnds(random: Random, isOdd: boolean): CFunction[] {
  const end = (name: string, words: string): CFunction => ({
    head: `${words}__attribute__((noinline, used)) int ${name}(u64 cookie)`,
    call: `${name}(${random.below(9)})`,
  });
  const ends = [end('end', random.pick(['', '', '__weak ']))];
  if (isOdd) ends.push(end('end_bad', random.pick(['static ', HIDDEN, `__weak ${HIDDEN}`])));
  return ends;
}

function makeExceptionTag(random: Random, isOdd: boolean): string {
  const tag = (name: string) => `__tag("exception_callback:${name}") `;
  if (!isOdd || random.below(2) === 0) return tag('end');
  return random.pick([
    ...[tag('end_bad'), tag('nowhere'), tag(''), tag('end') + tag('sub_0'), tag('sub_0')],
    '__tag("exception_callback") ',
  ]);
}

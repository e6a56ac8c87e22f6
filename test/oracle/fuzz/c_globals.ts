import type {Random} from '../../helpers/random.js';
import {SCALARS, type Struct} from './c_types.js';

const SECTIONS = [
  ...['', '', '', '.data.own', '.rodata.own', '.bss.own', '.data.b', '.bss.a.b', '.rodata.x-y'],
  '.data.of_a_very_long_name',
];
/** Without enums, of which the values differ. */
const PLAIN_SCALARS = SCALARS.slice(0, 8);
const ARENA_PAGES = 64;

export interface Globals {
  readonly text: string;
  /** Expressions that read them. */
  readonly reads: readonly string[];
  /** Those that hold one number. */
  readonly numbers: readonly string[];
  /** An array that is last in its section. */
  readonly grows: string | undefined;
}

/** Variables of all sections, some of them arrays and structs, some in an arena. */
export function makeGlobals(random: Random, structs: readonly Struct[], isOdd: boolean): Globals {
  const numbers: string[] = [];
  const reads: string[] = [];
  const texts = Array.from({length: random.below(6)}, (_, i) => {
    numbers.push(`g_${i}`);
    reads.push(`g_${i}`);
    return makeNumber(random, i, isOdd);
  });
  if (random.below(3) === 0) {
    const {keyword, name, members} = random.pick(structs);
    texts.push(`${random.pick(['', 'static '])}${keyword} ${name} g_structs[3];\n`);
    const inside = members.flatMap(member => member.reads);
    reads.push(...inside.map(read => `g_structs[${random.below(3)}]${read}`));
  }
  const grows = random.below(4) === 0 ? 'g_grows' : undefined;
  if (grows !== undefined) {
    const section = '__attribute__((section(".data.grows")))';
    texts.push(`u32 g_before ${section} = 5;\nu32 ${grows}[4] ${section} = {1, 2};\n`);
    reads.push(`${grows}[1]`);
  }
  if (random.below(4) === 0) {
    texts.push('const volatile u64 __E0_0 = 77;\nconst volatile u32 __E1_1 = 78;\n');
    reads.push('__E0_0', '__E1_1');
  }
  if (numbers.length > 0 && random.below(6) === 0) {
    // No loader relocates data: it stays null.
    texts.push(`volatile void *g_pointer = (void *)&${random.pick(numbers)};\n`);
    reads.push('g_pointer');
  }
  if (random.below(8) === 0) {
    texts.push(makeArena(random));
    reads.push('in_arena', 'array_in_arena[2]');
  }
  return {text: texts.join(''), reads, numbers, grows};
}

function makeNumber(random: Random, i: number, isOdd: boolean): string {
  const section = random.pick(isOdd ? [...SECTIONS, 'odd_name'] : SECTIONS);
  const isConst = section.startsWith('.rodata') || (section === '' && random.below(4) === 0);
  const isZero =
    section.startsWith('.bss') || (!isConst && section === '' && random.below(2) === 0);
  const where = section === '' ? '' : ` __attribute__((section("${section}")))`;
  const words = [
    random.pick([
      '',
      '',
      'static ',
      '__attribute__((visibility("hidden"))) ',
      '__weak ',
      '__tag("a") ',
    ]),
    isConst ? 'const volatile ' : 'volatile ',
  ];
  const value = isZero ? '' : ` = ${1 + i}`;
  return `${words.join('')}${random.pick(PLAIN_SCALARS)} g_${i}${where}${value};\n`;
}

function makeArena(random: Random): string {
  const address = random.pick([
    '',
    ' __uint(map_extra, 1 << 30);',
    ' enum { a = 1ull << 44 } map_extra;',
  ]);
  return (
    `struct { __uint(type, 33); __uint(map_flags, 1 << 10); __uint(max_entries, ${ARENA_PAGES});${address} } ` +
    'arena __attribute__((section(".maps"), used));\n' +
    'u64 __arena in_arena = 5;\nu32 __arena array_in_arena[600] = {7, 8, 9};\n'
  );
}

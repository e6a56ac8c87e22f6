import type {Random} from '../../helpers/random.js';

/** A member of a generated struct. */
export interface Member {
  readonly name: string;
  /** What C declares: `u32 a`, `struct s1 *b[2]`. */
  readonly text: string;
  /** How it is read on from here, as `.b[1]`: to something that is a number or a pointer. */
  readonly reads: readonly string[];
  /** For a struct_ops variable: what it can be set to; none for callbacks. */
  readonly values?: readonly string[];
  readonly isCallback?: true;
}

export interface Struct {
  readonly name: string;
  readonly keyword: 'struct' | 'union';
  readonly members: readonly Member[];
}

/** A kind of struct_ops. */
export interface Kind extends Struct {
  /** What the object calls it: it may have a flavour. */
  readonly called: string;
  /** What only the object has. */
  readonly extras: readonly Member[];
  readonly inModule: boolean;
}

export const SCALARS = [
  ...['u8', 'u16', 'u32', 'u64', 's8', 's16', 's32', 's64', 'bool', 'char', 'enum e0', 'enum e1'],
];

/** What both sides begin with. */
export const COMMON = `
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef _Bool bool;
typedef u32 number_of;
typedef struct s0 *first_of;
`;

/** What members of kinds can be, and is the same on both sides. */
export const FIXED = `
struct fixed { u32 one; struct { u16 two; u8 three[2]; } in; };
union either { u32 a; u8 b[4]; };
`;
const FIXED_MEMBERS: readonly (readonly [text: (name: string) => string, value: string])[] = [
  [name => `struct fixed ${name}`, '{1, {2, {3, 4}}}'],
  [name => `struct fixed ${name}[2]`, '{{1}, {.in = {.two = 9}}}'],
  [name => `union either ${name}`, '{.b = {1, 2, 3, 4}}'],
  [name => `u64 ${name}[3]`, '{1, 2, 3}'],
];

/** A member that is a whole of others. */
export function makeFixedMember(random: Random, name: string): Member {
  const [text, value] = random.pick(FIXED_MEMBERS);
  return {name, text: text(name), reads: [], values: [value, '{}']};
}

/** A member of a struct, by the structs that are whole before it. */
export function makeMember(random: Random, name: string, before: readonly Struct[]): Member {
  const scalar = random.pick(SCALARS);
  const plain = {name, text: `${scalar} ${name}`, reads: [`.${name}`], values: ['1', '0', '7']};
  switch (random.below(13)) {
    case 11:
      return makeRareMember(random, name);
    case 0: {
      const bits = 1 + random.below(7);
      return {...plain, text: `${random.pick(['u8', 'u32', 'u64', 's32'])} ${name} : ${bits}`};
    }
    case 1: {
      const length = 1 + random.below(5);
      const values = scalar === 'char' && length > 2 ? ['"ab"', '{}'] : ['{1}', '{}'];
      const read = `.${name}[${random.below(length)}]`;
      return {...plain, text: `${scalar} ${name}[${length}]`, reads: [read], values};
    }
    case 2:
      return {...plain, text: `u16 ${name}[2][3]`, reads: [`.${name}[1][2]`], values: ['{}']};
    case 3:
    case 4: {
      const of = before.length > 0 ? random.pick(before) : undefined;
      const target = of === undefined ? 'void' : `${of.keyword} ${of.name}`;
      const through = of?.members.flatMap(({reads}) =>
        reads.map(read => `.${name}->${read.slice(1)}`),
      );
      const reads = [`.${name}`, ...(through ?? [])];
      return {...plain, text: `${target} *${name}`, reads, values: ['0']};
    }
    case 5: {
      if (before.length === 0) return plain;
      const of = random.pick(before);
      const reads = of.members.flatMap(member => member.reads.map(read => `.${name}${read}`));
      return {...plain, text: `${of.keyword} ${of.name} ${name}`, reads, values: ['{}']};
    }
    case 6: {
      const [a, b] = [`${name}_a`, `${name}_b`];
      const text = `${random.pick(['struct', 'union'])} { u32 ${a}; ${scalar} ${b}; }`;
      return {name, text, reads: [`.${a}`, `.${b}`]};
    }
    case 7: {
      const of = before.length > 0 ? random.pick(before) : undefined;
      if (of === undefined) return plain;
      const reads = of.members.flatMap(member => member.reads.map(read => `.${name}[1]${read}`));
      return {...plain, text: `${of.keyword} ${of.name} ${name}[2]`, reads, values: ['{}']};
    }
    default:
      return plain;
  }
}

/** Of each kind of type that is left, with a value. */
const RARE_MEMBERS: readonly (readonly [before: string, after: string, value: string])[] = [
  ['double ', '', '1.5'],
  ['float ', '[2]', '{2}'],
  ['unsigned __int128 ', '', '9'],
  ['int (*', ')(int n, void *p)', '0'],
  ['struct not_there *', '', '0'],
  ['u64 __attribute__((btf_type_tag("user"))) *', '', '0'],
  ['const volatile number_of ', '', '5'],
  ['first_of ', '', '0'],
  ['void *const *', '', '0'],
  ['void *', '[3]', '{}'],
  ['number_of __attribute__((btf_decl_tag("a_tag"))) ', '', '6'],
];

function makeRareMember(random: Random, name: string): Member {
  const [before, after, value] = random.pick(RARE_MEMBERS);
  // The compiler knows no such numbers, or would end in an element.
  const isRead = !/double|float|__int128/.test(before) && !after.startsWith('[');
  const text = `${before}${name}${after}`;
  return {name, text, reads: isRead ? [`.${name}`] : [], values: [value]};
}

export function makeStruct(random: Random, name: string, before: readonly Struct[]): Struct {
  const members = Array.from({length: 1 + random.below(7)}, (_, i) =>
    makeMember(random, `${name}_${i}`, before),
  );
  // Callbacks and functions take the first.
  const isUnion = before.length > 0 && random.below(6) === 0;
  return {name, keyword: isUnion ? 'union' : 'struct', members};
}

/** The same struct as another kernel may have it: members in another order, new, and if `isOdd` gone or of another type. */
export function vary(random: Random, {members, ...struct}: Struct, isOdd: boolean): Struct {
  const varied = [...members];
  for (let changes = random.below(4); changes > 0; changes--) {
    const at = random.below(varied.length);
    const member = varied[at];
    if (member === undefined) break;
    const extra = `extra_${random.below(1000)}`;
    switch (random.below(isOdd ? 4 : 2)) {
      case 0:
        varied.splice(at, 1);
        varied.splice(random.below(varied.length + 1), 0, member);
        break;
      case 1:
        if (!varied.some(({name}) => name === extra)) {
          varied.splice(at, 0, {name: extra, text: `${random.pick(SCALARS)} ${extra}`, reads: []});
        }
        break;
      case 2:
        if (varied.length > 1) varied.splice(at, 1);
        break;
      default:
        if (!member.isCallback) varied[at] = makeMember(random, member.name, []);
    }
  }
  return {...struct, members: varied};
}

export function declarationOf({keyword, name, members}: Struct, attributes = ''): string {
  const lines = members.map(({text}) => `\t${text};\n`).join('');
  return `${keyword} ${name} {\n${lines}}${attributes};\n`;
}

import {BtfBuilder} from '../helpers/btf_builder.js';
import type {Inputs} from '../helpers/core_wasm.js';
import {buildElf, relocations, SHF_EXECINSTR, SHT, STT} from '../helpers/elf_builder.js';

/** Files of some megabytes in which everything is right but the numbers: made to take time or memory. */

const range = (length: number) => Array.from({length}, (_, i) => i);

/** `mov r0, 0; exit` */
const PROGRAM = Buffer.from('b7000000000000009500000000000000', 'hex');
/** `r1 = 0 ll` */
const LOAD = Buffer.from('18010000000000000000000000000000', 'hex');
const license = {name: 'license', content: Buffer.from('GPL\0')};

/** Symbols and variables that all have one name. */
export function oneName(count: number): Inputs {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4);
  const parts = range(count).map(() => ({type: btf.variable('x', int), size: 4}));
  btf.section('.bss', 0, parts);
  const sections = [
    {name: '.bss', type: SHT.NOBITS, size: 8},
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = range(count).map(() => ({name: 'x', type: STT.FUNC, section: '.bss'}));
  return {object: buildElf(sections, symbols)};
}

/** Types, and symbols to be looked up, with names that differ at their ends only. */
export function longNames(count: number, length: number): Inputs {
  const long = 'a'.repeat(length);
  const btf = new BtfBuilder();
  const start = btf.string(long);
  for (const i of range(count)) btf.struct(start + (i % (length - 1)), 0, []);
  const symbols = range(count).map(i => ({name: 1 + (i % (length - 1)), type: STT.NOTYPE}));
  return {object: buildElf([license, {name: '.BTF', content: btf.build()}], symbols, long)};
}

/** Names that begin alike for longer than a hash may look. */
export function likeNames(count: number): Inputs {
  const btf = new BtfBuilder();
  const like = (i: number) => `${'like'.repeat(40)}${i}`;
  for (const i of range(count)) btf.struct(like(i), 0, []);
  const symbols = range(count).map(i => ({name: like(i), type: STT.NOTYPE}));
  return {object: buildElf([license, {name: '.BTF', content: btf.build()}], symbols)};
}

/** Relocations, none of which is right. */
export function badRelocations(count: number): Inputs {
  const sections = [
    license,
    {name: 'struct_ops', flags: SHF_EXECINSTR, content: PROGRAM},
    {
      ...{name: '.relstruct_ops', type: SHT.REL, of: 'struct_ops'},
      content: relocations(range(count).map(i => [i * 8 + 3, 0xffff_ff00 + (i % 200)])),
    },
    {name: '.BTF', content: new BtfBuilder().build()},
  ];
  const symbols = [{name: 'f', type: STT.FUNC, section: 'struct_ops', size: 16}];
  return {object: buildElf(sections, symbols)};
}

/** Relocations between the instructions of a program: each fault names section and symbol. */
export function crookedRelocations(count: number): Inputs {
  const sections = [
    license,
    {name: 'struct_ops', flags: SHF_EXECINSTR, content: PROGRAM},
    {
      ...{name: '.relstruct_ops', type: SHT.REL, of: 'struct_ops'},
      content: relocations(range(count).map(() => [3, 1])),
    },
    {name: '.BTF', content: new BtfBuilder().build()},
  ];
  const name = 'f'.repeat(120);
  const symbols = [{name, type: STT.FUNC, section: 'struct_ops', size: 16}];
  return {object: buildElf(sections, symbols)};
}

interface Shape {
  readonly variables: number;
  readonly members: number;
  readonly relocations: number;
}

/** A struct of pointers to functions, so many variables of it, so many relocations into the last member of the last. */
export function structOps({variables, members, relocations: count}: Shape): Inputs {
  const size = members * 8;
  const btf = new BtfBuilder();
  const callback = btf.pointer(btf.prototype(0));
  const struct = btf.struct(
    'wide_ops',
    size,
    range(members).map(i => ({name: `m${i}`, type: callback, offset: i * 64})),
  );
  const parts = range(variables).map(i => ({
    ...{type: btf.variable(`v${i}`, struct), offset: i * size},
    size,
  }));
  btf.section('.struct_ops', 0, parts);
  const end = variables * size - 8;
  const sections = [
    license,
    {name: 'struct_ops', flags: SHF_EXECINSTR, content: PROGRAM},
    {name: '.struct_ops', content: Buffer.alloc(variables * size)},
    {
      ...{name: '.rel.struct_ops', type: SHT.REL, of: '.struct_ops'},
      content: relocations(range(count).map(() => [end, 1])),
    },
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [
    {name: 'f', type: STT.FUNC, section: 'struct_ops', size: 16},
    ...range(variables).map(i => ({
      ...{name: `v${i}`, type: STT.OBJECT, section: '.struct_ops', value: i * size},
      size,
    })),
  ];
  return {object: buildElf(sections, symbols)};
}

/** Data sections, and a program of relocations to the last of them. */
export function dataSections(sectionCount: number, count: number): Inputs {
  const program = Buffer.concat([Buffer.alloc(LOAD.length * count, LOAD), PROGRAM]);
  const sections = [
    license,
    {name: 'struct_ops', flags: SHF_EXECINSTR, content: program},
    {
      ...{name: '.relstruct_ops', type: SHT.REL, of: 'struct_ops'},
      content: relocations(range(count).map(i => [LOAD.length * i, 2])),
    },
    ...range(sectionCount).map(i => ({name: `.data.${i}`, content: Buffer.alloc(8)})),
    {name: '.BTF', content: new BtfBuilder().build()},
  ];
  const symbols = [
    {name: 'f', type: STT.FUNC, section: 'struct_ops', size: program.length},
    {name: 'x', type: STT.OBJECT, section: `.data.${sectionCount - 1}`, size: 8},
  ];
  return {object: buildElf(sections, symbols)};
}

/** Programs that no callback names, and a variable with many members. */
export function programsAndMembers(programs: number, members: number): Inputs {
  const btf = new BtfBuilder();
  const char = btf.int('char', 1);
  const struct = btf.struct(
    'wide_ops',
    members,
    range(members).map(i => ({name: 'm', type: char, offset: i * 8})),
  );
  btf.section('.struct_ops', 0, [{type: btf.variable('v', struct), size: members}]);
  const sections = [
    license,
    {name: 'struct_ops', flags: SHF_EXECINSTR, content: Buffer.alloc(16 * programs, PROGRAM)},
    {name: '.struct_ops', content: Buffer.alloc(members)},
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [
    {name: 'v', type: STT.OBJECT, section: '.struct_ops', size: members},
    ...range(programs).map(i => ({
      ...{name: `p${i}`, type: STT.FUNC, section: 'struct_ops', value: 16 * i, size: 16},
    })),
  ];
  return {object: buildElf(sections, symbols), kernelBtf: kernelOf('wide_ops', members, () => 'm')};
}

/** A kernel that has one kind, whose struct has so many members of a byte. */
export function kernelOf(kind: string, members: number, name: (i: number) => string): Buffer {
  const btf = new BtfBuilder();
  const char = btf.int('char', 1);
  const inner = btf.struct(
    kind,
    members,
    range(members).map(i => ({name: name(i), type: char, offset: i * 8})),
  );
  btf.struct(`bpf_struct_ops_${kind}`, members, [{name: 'data', type: inner}]);
  return btf.build();
}

/** Object and kernel have the same members, in opposite order. */
export function oppositeMembers(members: number): Inputs {
  const btf = new BtfBuilder();
  const char = btf.int('char', 1);
  const struct = btf.struct(
    'wide_ops',
    members,
    range(members).map(i => ({name: `m${i}`, type: char, offset: i * 8})),
  );
  btf.section('.struct_ops', 0, [{type: btf.variable('v', struct), size: members}]);
  const sections = [
    license,
    {name: '.struct_ops', content: Buffer.alloc(members)},
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [{name: 'v', type: STT.OBJECT, section: '.struct_ops', size: members}];
  return {
    object: buildElf(sections, symbols),
    kernelBtf: kernelOf('wide_ops', members, i => `m${members - 1 - i}`),
  };
}

/** A kernel of nothing but kinds of struct_ops. */
export function manyKinds(count: number): Buffer {
  const btf = new BtfBuilder();
  for (const i of range(count)) {
    const inner = btf.struct(`kind_${i}_of_many`, 8, []);
    btf.struct(`bpf_struct_ops_kind_${i}_of_many`, 8, [{name: 'data', type: inner}]);
  }
  return btf.build();
}

/** Maps that share a definition of so many attributes, all the same. */
export function mapDefinitions(maps: number, attributes: number): Inputs {
  const btf = new BtfBuilder();
  const one = btf.pointer(btf.array(btf.int('int', 4), 2));
  const definition = btf.struct(
    '',
    8,
    range(attributes).map(() => ({name: 'type', type: one})),
  );
  const parts = range(maps).map(i => ({
    ...{type: btf.variable(`m${i}`, definition), offset: 8 * i},
    size: 8,
  }));
  btf.section('.maps', 0, parts);
  const sections = [
    license,
    {name: '.maps', content: Buffer.alloc(8 * maps)},
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = range(maps).map(i => ({
    ...{name: `m${i}`, type: STT.OBJECT, section: '.maps', value: 8 * i},
    size: 8,
  }));
  return {object: buildElf(sections, symbols)};
}

/** A `__kconfig` variable of a struct of two structs of two structs … */
export function nestedKconfig(depth: number): Inputs {
  const btf = new BtfBuilder();
  let type = btf.int('char', 1);
  for (const i of range(depth)) {
    type = btf.struct(`s${i}`, 2, [
      {name: 'a', type},
      {name: 'b', type},
    ]);
  }
  btf.section('.kconfig', 0, [{type: btf.variable('CONFIG_X', type, 2)}]);
  const sections = [license, {name: '.BTF', content: btf.build()}];
  return {object: buildElf(sections, [{name: 'CONFIG_X', type: STT.NOTYPE}])};
}

/** Functions that have one name and an exception callback, which is said many times. */
export function exceptionCallbacks(count: number): Inputs {
  const btf = new BtfBuilder();
  const func = btf.function('f', btf.prototype(0));
  for (const _ of range(count)) btf.declTag('exception_callback:g', func);
  const sections = [
    license,
    {name: '.text', flags: SHF_EXECINSTR, content: PROGRAM},
    {name: 'struct_ops', flags: SHF_EXECINSTR, content: Buffer.alloc(16 * count, PROGRAM)},
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [
    {name: 'g', type: STT.FUNC, section: '.text', size: 16},
    ...range(count).map(i => ({
      ...{name: 'f', type: STT.FUNC, section: 'struct_ops', value: 16 * i, size: 16},
    })),
  ];
  return {object: buildElf(sections, symbols)};
}

/** Programs, and read-only sections that each of them is bound to. */
export function programsAndSections(programs: number, sectionCount: number): Inputs {
  const sections = [
    license,
    {name: 'syscall', flags: SHF_EXECINSTR, content: Buffer.alloc(16 * programs, PROGRAM)},
    ...range(sectionCount).map(i => ({name: `.rodata.${i}`, content: Buffer.alloc(8, 1)})),
    {name: '.BTF', content: new BtfBuilder().build()},
  ];
  const symbols = range(programs).map(i => ({
    ...{name: `p${i}`, type: STT.FUNC, section: 'syscall', value: 16 * i, size: 16},
  }));
  return {object: buildElf(sections, symbols)};
}

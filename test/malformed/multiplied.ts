import {BtfBuilder} from '../helpers/btf_builder.js';
import type {Inputs} from '../helpers/core_wasm.js';
import {buildElf, relocations, SHF_EXECINSTR, SHT, STT} from '../helpers/elf_builder.js';
import {kernelOf} from './hostile.js';

/** Files that say little many times over: what each part asks for is modest, all together is not. */

const range = (length: number) => Array.from({length}, (_, i) => i);

/** `mov r0, 0; exit` */
const PROGRAM = Buffer.from('b7000000000000009500000000000000', 'hex');
/** `r1 = 0 ll` */
const LOAD = Buffer.from('18010000000000000000000000000000', 'hex');
/** `call pc+0`, of a function in `.text`; `exit` */
const CALL = Buffer.from('85100000ffffffff9500000000000000', 'hex');
const license = {name: 'license', content: Buffer.from('GPL\0')};

/** Sections of one name, and a list of as many empty variables for it. */
export function sectionsOfOneName(name: string, sectionCount: number, variables: number): Inputs {
  const btf = new BtfBuilder();
  const number = btf.pointer(btf.array(btf.int('int', 4), 2));
  const members = name === '.maps' ? [{name: 'type', type: number}] : [];
  const variable = btf.variable('v', btf.struct('empty_ops', 0, members));
  btf.section(
    name,
    1,
    range(variables).map(() => ({type: variable})),
  );
  const sections = [
    license,
    ...range(sectionCount).map(() => ({name, content: Buffer.alloc(1)})),
    {name: '.BTF', content: btf.build()},
  ];
  return {object: buildElf(sections, [{name: 'v', type: STT.OBJECT, section: name}])};
}

/** Sections of one relocation each, all of them for one large section of code. */
export function relocationSections(count: number, codeSize: number): Inputs {
  const sections = [
    license,
    {name: 'struct_ops', flags: SHF_EXECINSTR, content: Buffer.alloc(codeSize, PROGRAM)},
    ...range(count).map(() => ({
      ...{name: '.rel', type: SHT.REL, of: 'struct_ops'},
      content: relocations([[0, 1]]),
    })),
    {name: '.BTF', content: new BtfBuilder().build()},
  ];
  const symbols = [{name: 'f', type: STT.FUNC, section: 'struct_ops', size: 16}];
  return {object: buildElf(sections, symbols)};
}

/** Programs that call one function, which has jump tables that overlap: each ends where all do. */
export function jumpTables(programs: number, tables: number): Inputs {
  const btf = new BtfBuilder();
  btf.function('jumps', btf.prototype(0));
  const text = Buffer.concat([Buffer.alloc(LOAD.length * tables, LOAD), PROGRAM]);
  const sections = [
    license,
    {name: '.text', flags: SHF_EXECINSTR, content: text},
    {name: '.jumptables', content: Buffer.alloc(8 * tables)},
    {name: 'syscall', flags: SHF_EXECINSTR, content: Buffer.alloc(16 * programs, CALL)},
    {
      ...{name: '.rel.text', type: SHT.REL, of: '.text'},
      content: relocations(range(tables).map(i => [LOAD.length * i, i + 1])),
    },
    {
      ...{name: '.relsyscall', type: SHT.REL, of: 'syscall'},
      content: relocations(range(programs).map(i => [16 * i, tables + 1])),
    },
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [
    ...range(tables).map(i => ({
      ...{name: '', type: STT.NOTYPE, section: '.jumptables', value: 8 * i},
      size: 8 * (tables - i),
    })),
    {name: 'jumps', type: STT.FUNC, section: '.text', size: text.length},
    ...range(programs).map(i => ({
      ...{name: `p${i}`, type: STT.FUNC, section: 'syscall', value: 16 * i, size: 16},
    })),
  ];
  return {object: buildElf(sections, symbols)};
}

/** Variables of a struct with members that the kernel does not have. */
export function absentMembers(
  variables: number,
  members: number,
  nameOf = (i: number) => `m${i}`,
): Inputs {
  const btf = new BtfBuilder();
  const char = btf.int('char', 1);
  const struct = btf.struct(
    'wide_ops',
    members,
    range(members).map(i => ({name: nameOf(i), type: char, offset: 8 * i})),
  );
  const parts = range(variables).map(i => ({
    ...{type: btf.variable(`v${i}`, struct), offset: members * i},
    size: members,
  }));
  btf.section('.struct_ops', members * variables, parts);
  const sections = [
    license,
    {name: '.struct_ops', content: Buffer.alloc(members * variables)},
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = range(variables).map(i => ({
    ...{name: `v${i}`, type: STT.OBJECT, section: '.struct_ops', value: members * i},
    size: members,
  }));
  return {object: buildElf(sections, symbols), kernelBtf: kernelOf('wide_ops', 1, () => 'one')};
}

/** Kernel functions of one prototype, whose parameters have no names. */
export function namelessParameters(functions: number, parameters: number): Inputs {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4);
  const prototype = btf.prototype(
    0,
    range(parameters).map(() => int),
  );
  const parts = range(functions).map(i => ({type: btf.function(`f${i}`, prototype, 2)}));
  btf.section('.ksyms', 0, parts);
  return {object: buildElf([license, {name: '.BTF', content: btf.build()}], [])};
}

/** Maps, the last of them an arena, and references to its variables. */
export function arenaReferences(maps: number, references: number): Inputs {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4);
  const number = (value: number) => btf.pointer(btf.array(int, value));
  const define = (type: number) =>
    btf.struct('', 8, [
      {name: 'type', type: number(type)},
      {name: 'max_entries', type: number(1)},
    ]);
  const [array, arena] = [define(2), define(33)];
  const parts = range(maps).map(i => ({
    ...{type: btf.variable(`m${i}`, i === maps - 1 ? arena : array), offset: 8 * i},
    size: 8,
  }));
  btf.section('.maps', 0, parts);
  const program = Buffer.concat([Buffer.alloc(LOAD.length * references, LOAD), PROGRAM]);
  const sections = [
    license,
    {name: 'syscall', flags: SHF_EXECINSTR, content: program},
    {name: '.maps', content: Buffer.alloc(8 * maps)},
    {name: '.addr_space.1', content: Buffer.alloc(8)},
    {
      ...{name: '.relsyscall', type: SHT.REL, of: 'syscall'},
      content: relocations(range(references).map(i => [LOAD.length * i, 1])),
    },
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [
    {name: 'x', type: STT.OBJECT, section: '.addr_space.1', size: 8},
    {name: 'f', type: STT.FUNC, section: 'syscall', size: program.length},
    ...range(maps).map(i => ({
      ...{name: `m${i}`, type: STT.OBJECT, section: '.maps', value: 8 * i},
      size: 8,
    })),
  ];
  return {object: buildElf(sections, symbols)};
}

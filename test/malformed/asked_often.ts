import {BtfBuilder, btfExt} from '../helpers/btf_builder.js';
import type {Inputs} from '../helpers/core_wasm.js';
import {buildElf, relocations, SHF_EXECINSTR, SHT, STT} from '../helpers/elf_builder.js';

const range = (length: number) => Array.from({length}, (_, i) => i);
const license = {name: 'license', content: Buffer.from('GPL\0')};
/** `mov r0, 0; exit` */
const PROGRAM = Buffer.from('b7000000000000009500000000000000', 'hex');
/** `r1 = 0 ll` */
const LOAD = Buffer.from('18010000000000000000000000000000', 'hex');
/** `call pc+0`, of a function in `.text`; `exit` */
const CALL = Buffer.from('85100000ffffffff9500000000000000', 'hex');

/** Loads of the address of a kernel symbol with a long name. */
export function longSymbol(loads: number): Inputs {
  const name = 'k'.repeat(1000);
  const btf = new BtfBuilder();
  btf.section('.ksyms', 0, [{type: btf.variable(name, 0, 2)}]);
  btf.int('int', 4);
  const program = Buffer.concat([Buffer.alloc(LOAD.length * loads, LOAD), PROGRAM]);
  const sections = [
    license,
    {name: 'syscall', flags: SHF_EXECINSTR, content: program},
    {
      ...{name: '.relsyscall', type: SHT.REL, of: 'syscall'},
      content: relocations(range(loads).map(i => [LOAD.length * i, 1])),
    },
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [
    {name, type: STT.NOTYPE},
    {name: 'f', type: STT.FUNC, section: 'syscall', size: program.length},
  ];
  return {object: buildElf(sections, symbols)};
}

/** Tables, and loads of the last of them. */
export function tablesAndJumps(tables: number, jumps: number): Inputs {
  const loads = tables + jumps;
  const program = Buffer.concat([Buffer.alloc(LOAD.length * loads, LOAD), PROGRAM]);
  const sections = [
    license,
    {name: '.jumptables', content: Buffer.alloc(8 * tables)},
    {name: 'syscall', flags: SHF_EXECINSTR, content: program},
    {
      ...{name: '.relsyscall', type: SHT.REL, of: 'syscall'},
      content: relocations(range(loads).map(i => [LOAD.length * i, Math.min(i, tables - 1) + 1])),
    },
    {name: '.BTF', content: new BtfBuilder().build()},
  ];
  const symbols = [
    ...range(tables).map(i => ({
      ...{name: '', type: STT.NOTYPE, section: '.jumptables', value: 8 * i},
      size: 8,
    })),
    {name: 'f', type: STT.FUNC, section: 'syscall', size: program.length},
  ];
  return {object: buildElf(sections, symbols)};
}

/** Programs that call one large function. `lines`: records of line_info of it. */
export function largeFunction(programs: number, insns: number, lines = 0): Inputs {
  const btf = new BtfBuilder();
  btf.function('large', btf.prototype(0));
  const text = Buffer.concat([Buffer.alloc(8 * insns, PROGRAM.subarray(0, 8)), PROGRAM]);
  const [inText, inCode] = [btf.string('.text'), btf.string('syscall')];
  const lineInfo = [
    ...[16, inCode, programs],
    ...range(programs).flatMap(i => [16 * i, 0, 0, 0]),
    ...[inText, lines],
    ...range(lines).flatMap(i => [8 * Math.min(i, insns), 0, 0, 0]),
  ];
  const sections = [
    license,
    {name: '.text', flags: SHF_EXECINSTR, content: text},
    {name: 'syscall', flags: SHF_EXECINSTR, content: Buffer.alloc(16 * programs, CALL)},
    {
      ...{name: '.relsyscall', type: SHT.REL, of: 'syscall'},
      content: relocations(range(programs).map(i => [16 * i, 1])),
    },
    {name: '.BTF', content: btf.build()},
    ...(lines === 0 ? [] : [{name: '.BTF.ext', content: btfExt('lineInfo', lineInfo)}]),
  ];
  const symbols = [
    {name: 'large', type: STT.FUNC, section: '.text', size: text.length},
    ...range(programs).map(i => ({
      ...{name: `p${i}`, type: STT.FUNC, section: 'syscall', value: 16 * i, size: 16},
    })),
  ];
  return {object: buildElf(sections, symbols)};
}

/** Programs that a map holds. */
export function slots(count: number): Inputs {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4);
  const number = (value: number) => btf.pointer(btf.array(int, value));
  const values = btf.array(btf.pointer(btf.prototype(int)), 0);
  const definition = btf.struct('', 8 * 4, [
    {name: 'type', type: number(3)},
    {name: 'key_size', type: number(4), offset: 64},
    {name: 'max_entries', type: number(count), offset: 128},
    {name: 'values', type: values, offset: 192},
  ]);
  const size = 32 + 8 * count;
  btf.section('.maps', 0, [{type: btf.variable('m', definition), size}]);
  const sections = [
    license,
    {name: 'syscall', flags: SHF_EXECINSTR, content: PROGRAM},
    {name: '.maps', type: SHT.NOBITS, size},
    {
      ...{name: '.rel.maps', type: SHT.REL, of: '.maps'},
      content: relocations(range(count).map(i => [24 + 8 * i, 1])),
    },
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [
    {name: 'f', type: STT.FUNC, section: 'syscall', size: 16},
    {name: 'm', type: STT.OBJECT, section: '.maps', size},
  ];
  return {object: buildElf(sections, symbols)};
}

/** Programs that call a function with so many tags that say of a parameter that it is the context. */
export function contextTags(programs: number, tags: number, parameter: number): Inputs {
  const btf = new BtfBuilder();
  const prototype = btf.prototype(0, [{name: 'ctx', type: btf.pointer(0)}]);
  const func = btf.function('tagged', prototype);
  const entry = btf.function('p', prototype);
  for (const _ of range(tags)) btf.declTag('arg:ctx', func, parameter);
  const [inText, inCode] = [btf.string('.text'), btf.string('xdp')];
  const words = [
    ...[8, inCode, programs],
    ...range(programs).flatMap(i => [16 * i, entry]),
    ...[inText, 1, 0, func],
  ];
  const sections = [
    license,
    {name: '.text', flags: SHF_EXECINSTR, content: PROGRAM},
    {name: 'xdp', flags: SHF_EXECINSTR, content: Buffer.alloc(16 * programs, CALL)},
    {
      ...{name: '.relxdp', type: SHT.REL, of: 'xdp'},
      content: relocations(range(programs).map(i => [16 * i, 1])),
    },
    {name: '.BTF', content: btf.build()},
    {name: '.BTF.ext', content: btfExt('funcInfo', words)},
  ];
  const symbols = [
    {name: 'tagged', type: STT.FUNC, section: '.text', size: 16},
    ...range(programs).map(i => ({
      ...{name: 'p', type: STT.FUNC, section: 'xdp', value: 16 * i, size: 16},
    })),
  ];
  return {object: buildElf(sections, symbols)};
}

/** Arenas, of which an object can have one. */
export function arenas(count: number): Inputs {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4);
  const number = (value: number) => btf.pointer(btf.array(int, value));
  const definition = btf.struct('', 8, [
    {name: 'type', type: number(33)},
    {name: 'max_entries', type: number(1)},
  ]);
  const parts = range(count).map(i => ({
    ...{type: btf.variable(`m${i}`, definition), offset: 8 * i},
    size: 8,
  }));
  btf.section('.maps', 0, parts);
  const sections = [
    license,
    {name: '.maps', content: Buffer.alloc(8 * count)},
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = range(count).map(i => ({
    ...{name: `m${i}`, type: STT.OBJECT, section: '.maps', value: 8 * i},
    size: 8,
  }));
  return {object: buildElf(sections, symbols)};
}

/** Programs that are attached to what no kernel has. */
export function absentTargets(programs: number): Inputs {
  const section = `fentry/${'none'.repeat(30)}`;
  const sections = [
    license,
    {name: section, flags: SHF_EXECINSTR, content: Buffer.alloc(16 * programs, PROGRAM)},
    {name: '.BTF', content: new BtfBuilder().build()},
  ];
  const symbols = range(programs).map(i => ({
    ...{name: `p${i}`, type: STT.FUNC, section, value: 16 * i, size: 16},
  }));
  return {object: buildElf(sections, symbols)};
}

/** Options of the kernel's configuration that nobody gives. */
export function absentOptions(count: number): Inputs {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4);
  btf.section(
    '.kconfig',
    0,
    range(count).map(i => ({type: btf.variable(`CONFIG_${i}`, int, 2), size: 4})),
  );
  const sections = [
    license,
    {name: 'syscall', flags: SHF_EXECINSTR, content: PROGRAM},
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [
    {name: 'f', type: STT.FUNC, section: 'syscall', size: 16},
    ...range(count).map(i => ({name: `CONFIG_${i}`, type: STT.NOTYPE})),
  ];
  return {object: buildElf(sections, symbols)};
}

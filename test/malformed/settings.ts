import {BtfBuilder} from '../helpers/btf_builder.js';
import type {Inputs} from '../helpers/core_wasm.js';
import {buildElf, SHF_EXECINSTR, SHT, STT} from '../helpers/elf_builder.js';

/** Objects of which many things can be set. */

const range = (length: number) => Array.from({length}, (_, i) => i);
const license = {name: 'license', content: Buffer.from('GPL\0')};
/** `mov r0, 0; exit` */
const PROGRAM = Buffer.from('b7000000000000009500000000000000', 'hex');
/** Sections of one array each, that can grow. */
export function arrays(sectionCount: number, type: 'data' | 'bss', moreTypes = 0): Inputs {
  const btf = new BtfBuilder();
  const char = btf.int('char', 1);
  const array = btf.array(char, 8);
  for (const i of range(moreTypes)) btf.struct(`more_${i}`, 0, []);
  for (const i of range(sectionCount)) {
    btf.section(`.${type}.${i}`, 8, [{type: btf.variable(`a${i}`, array), size: 8}]);
  }
  const sections = [
    license,
    {name: 'syscall', flags: SHF_EXECINSTR, content: PROGRAM},
    ...range(sectionCount).map(i =>
      type === 'bss'
        ? {name: `.bss.${i}`, type: SHT.NOBITS, size: 60_000_000}
        : {name: `.data.${i}`, content: Buffer.alloc(8, 1)},
    ),
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [
    {name: 'f', type: STT.FUNC, section: 'syscall', size: 16},
    ...range(sectionCount).map(i => ({
      ...{name: `a${i}`, type: STT.OBJECT, section: `.${type}.${i}`, size: 8},
    })),
  ];
  return {object: buildElf(sections, symbols)};
}

/** Variables of one section. */
export function variables(count: number, name = (i: number) => `v${i}`): Inputs {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4);
  btf.section(
    '.data',
    4 * count,
    range(count).map(i => ({type: btf.variable(name(i), int), offset: 4 * i, size: 4})),
  );
  const sections = [
    license,
    {name: 'syscall', flags: SHF_EXECINSTR, content: PROGRAM},
    {name: '.data', content: Buffer.alloc(4 * count)},
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [
    {name: 'f', type: STT.FUNC, section: 'syscall', size: 16},
    ...range(count).map(i => ({
      ...{name: name(i), type: STT.OBJECT, section: '.data', value: 4 * i, size: 4},
    })),
  ];
  return {object: buildElf(sections, symbols)};
}

/** Variables of struct_ops, and programs. */
export function callbacks(counts: {
  readonly variables: number;
  readonly members: number;
  readonly programs: number;
}): Inputs {
  const {members, programs} = counts;
  const size = members * 8;
  const btf = new BtfBuilder();
  const callback = btf.pointer(btf.prototype(0));
  const struct = btf.struct(
    'wide_ops',
    size,
    range(members).map(i => ({name: `m${i}`, type: callback, offset: i * 64})),
  );
  const parts = range(counts.variables).map(i => ({
    ...{type: btf.variable(`v${i}`, struct), offset: i * size},
    size,
  }));
  btf.section('.struct_ops.link', counts.variables * size, parts);
  const sections = [
    license,
    {name: 'struct_ops', flags: SHF_EXECINSTR, content: Buffer.alloc(16 * programs, PROGRAM)},
    {name: '.struct_ops.link', content: Buffer.alloc(counts.variables * size)},
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [
    ...range(programs).map(i => ({
      ...{name: `p${i}`, type: STT.FUNC, section: 'struct_ops', value: 16 * i, size: 16},
    })),
    ...range(counts.variables).map(i => ({
      ...{name: `v${i}`, type: STT.OBJECT, section: '.struct_ops.link', value: i * size},
      size,
    })),
  ];
  const kern = new BtfBuilder();
  const inner = kern.struct('wide_ops', 8, [{name: 'm0', type: kern.pointer(kern.prototype(0))}]);
  kern.struct('bpf_struct_ops_wide_ops', 8, [{name: 'data', type: inner}]);
  kern.struct('bpf_struct_ops_link', 8, []);
  return {object: buildElf(sections, symbols), kernelBtf: kern.build()};
}

import {BtfBuilder} from '../helpers/btf_builder.js';
import type {Inputs} from '../helpers/core_wasm.js';
import {buildElf, SHF_EXECINSTR, STT} from '../helpers/elf_builder.js';
import {CORE, relocated} from './core_relocations.js';

/** Objects, and kernels with which they cost most: each asks much of the other. */

const range = (length: number) => Array.from({length}, (_, i) => i);
const license = {name: 'license', content: Buffer.from('GPL\0')};
/** Another way to say a number, as a name of a fixed length. */
const letters = (i: number, length = 4) =>
  range(length)
    .map(at => String.fromCharCode(97 + (Math.floor(i / 26 ** at) % 26)))
    .join('');

/** A kernel that has one struct in so many flavours, each with one field. */
function flavours(count: number, field = (btf: BtfBuilder) => btf.int('int', 4)): Buffer {
  const btf = new BtfBuilder();
  const type = field(btf);
  for (const i of range(count)) btf.struct(`foo___${i}`, 4, [{name: 'a', type}]);
  return btf.build();
}

/** Relocations of one struct that the kernel has many times. */
export function flavoursOfTheKernel(relos: number, count: number): Inputs {
  const btf = new BtfBuilder();
  const type = btf.struct('foo', 4, [{name: 'a', type: btf.int('int', 4)}]);
  const one = {type, access: '0:0', kind: CORE.fieldExists};
  return {
    object: relocated(
      btf,
      range(relos).map(() => one),
      false,
    ),
    kernelBtf: flavours(count),
  };
}

/** The same of as many structs that are one but for their flavours. */
export function flavoursOfBoth(structs: number, count: number): Inputs {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4);
  const relos = range(structs).map(i => ({
    type: btf.struct(`foo___${i}`, 4, [{name: 'a', type: int}]),
    ...{access: '0:0', kind: CORE.fieldExists},
  }));
  return {object: relocated(btf, relos, false), kernelBtf: flavours(count)};
}

/** The field is an array of arrays, each behind as many modifiers as there may be. */
export function modifiersOfTheKernel(relos: number, count: number): Inputs {
  const btf = new BtfBuilder();
  let array = btf.int('int', 4);
  for (const _ of range(20)) array = btf.array(array, 1);
  const type = btf.struct('foo', 4, [{name: 'a', type: array}]);
  const one = {type, access: '0:0', kind: CORE.byteOffset, value: 0};
  const field = (kern: BtfBuilder) => {
    let inner = kern.int('int', 4);
    for (const _ of range(20)) {
      for (const _ of range(250)) inner = kern.constant(inner);
      inner = kern.array(inner, 1);
    }
    return inner;
  };
  return {
    object: relocated(
      btf,
      range(relos).map(() => one),
      false,
    ),
    kernelBtf: flavours(count, field),
  };
}

/** Names that begin alike, in the object and in the kernel. */
export function namesBeginAlike(structs: number, types: number): Inputs {
  const btf = new BtfBuilder();
  const relos = range(structs).map(i => ({
    type: btf.struct(`same${letters(i)}`, 4, []),
    ...{access: '0', kind: CORE.typeExists},
  }));
  const kern = new BtfBuilder();
  for (const i of range(types)) kern.struct(`same${letters(i)}x`, 4, []);
  return {object: relocated(btf, relos, false), kernelBtf: kern.build()};
}

/** Kernel functions that are declared so many times, and that the kernel has so many times. */
export function oneFunction(externs: number, functions: number, parameters: number): Inputs {
  const make = (btf: BtfBuilder) => {
    const int = btf.int('int', 4);
    return btf.prototype(
      int,
      range(parameters).map(i => ({name: `p${i}`, type: int})),
    );
  };
  const btf = new BtfBuilder();
  const func = btf.function('kernel_func', make(btf), 2);
  btf.section('.ksyms', 0, [{type: func}]);
  const kern = new BtfBuilder();
  const prototype = make(kern);
  for (const _ of range(functions)) kern.function('kernel_func', prototype);
  const sections = [
    license,
    {
      name: 'syscall',
      flags: SHF_EXECINSTR,
      content: Buffer.from('b7000000000000009500000000000000', 'hex'),
    },
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [
    {name: 'f', type: STT.FUNC, section: 'syscall', size: 16},
    ...range(externs).map(() => ({name: 'kernel_func', type: STT.NOTYPE})),
  ];
  return {object: buildElf(sections, symbols), kernelBtf: kern.build()};
}

/** Relocations of a field that the kernel does not have. */
export function absentField(relos: number, fields: number): Inputs {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4);
  const type = btf.struct(
    'task_struct',
    4 * fields,
    range(fields).map(i => ({name: `none_${letters(i)}`, type: int, offset: 32 * i})),
  );
  const all = range(relos).map(i => ({
    type,
    access: `0:${i % fields}`,
    kind: CORE.byteOffset,
    value: 4 * (i % fields),
  }));
  const kern = new BtfBuilder();
  kern.struct('task_struct', 0, []);
  // An instruction for each is a megabyte of its own.
  return {object: relocated(btf, all, relos <= 20_000), kernelBtf: kern.build()};
}

export interface Kinds {
  readonly variables: number;
  /** Of the kernel's struct. */
  readonly members: number;
  readonly valueSize: number;
}

/** Variables of a byte, of a kind whose struct is as large as a kernel's may be. */
export function wideKind({variables, members, valueSize}: Kinds): Inputs {
  const btf = new BtfBuilder();
  const char = btf.int('char', 1);
  const struct = btf.struct('wide_ops', 1, [{name: 'm0', type: char}]);
  const parts = range(variables).map(i => ({
    ...{type: btf.variable(`v${i}`, struct), offset: i},
    size: 1,
  }));
  btf.section('.struct_ops', variables, parts);
  const sections = [
    license,
    {name: '.struct_ops', content: Buffer.alloc(variables)},
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = range(variables).map(i => ({
    ...{name: `v${i}`, type: STT.OBJECT, section: '.struct_ops', value: i},
    size: 1,
  }));
  const kern = new BtfBuilder();
  const kernChar = kern.int('char', 1);
  const inner = kern.struct(
    'wide_ops',
    valueSize,
    range(members).map(i => ({name: `m${i}`, type: kernChar, offset: i * 8})),
  );
  kern.struct('bpf_struct_ops_wide_ops', valueSize, [{name: 'data', type: inner}]);
  return {object: buildElf(sections, symbols), kernelBtf: kern.build()};
}

/** Variables of a struct of members without a size, behind modifiers; in the kernel there is one of them. */
export function membersWithoutSize(variables: number, members: number, modifiers: number): Inputs {
  const size = Math.ceil(members / 8);
  const empty = (btf: BtfBuilder) => {
    let type = btf.array(btf.int('char', 1), 0);
    for (const _ of range(modifiers)) type = btf.constant(type);
    return type;
  };
  const btf = new BtfBuilder();
  const type = empty(btf);
  const struct = btf.struct(
    'wide_ops',
    size,
    range(members).map(() => ({name: 'm', type})),
  );
  const parts = range(variables).map(i => ({
    ...{type: btf.variable(`v${i}`, struct), offset: i * size},
    size,
  }));
  btf.section('.struct_ops', variables * size, parts);
  const sections = [
    license,
    {name: '.struct_ops', content: Buffer.alloc(variables * size)},
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = range(variables).map(i => ({
    ...{name: `v${i}`, type: STT.OBJECT, section: '.struct_ops', value: i * size},
    size,
  }));
  const kern = new BtfBuilder();
  const inner = kern.struct('wide_ops', 8, [{name: 'm', type: empty(kern)}]);
  kern.struct('bpf_struct_ops_wide_ops', 8, [{name: 'data', type: inner}]);
  return {object: buildElf(sections, symbols), kernelBtf: kern.build()};
}

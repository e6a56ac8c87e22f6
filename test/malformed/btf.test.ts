import test from 'ava';
import {exampleObject} from '../helpers/bpf_objects.js';
import {BTF_HEADER, BTF_KINDS, BTF_TYPE, type BtfEdit, type BtfType} from '../helpers/btf_edit.js';
import type {Inputs} from '../helpers/core_wasm.js';
import {ElfEdit, SHDR} from '../helpers/elf_edit.js';
import {type Refusal, refused} from './refused.js';

/** Objects with a damaged .BTF: the second example with one field changed. */

const example = new ElfEdit(await exampleObject('second'));
const section = example.section('.BTF');
const btf = example.btf;
const typeCount = btf.types.length;
const stringsSize = btf.header('str_len');
const afterHeader = section.size - btf.header('hdr_len');

const edited = (edit: (btf: BtfEdit, elf: ElfEdit) => unknown) => (): Inputs => {
  const elf = new ElfEdit(example.bytes);
  edit(elf.btf, elf);
  return {object: elf.bytes};
};

/** A place in the BTF, as the file has it. */
const at = (offset: number) => ({input: 'object', offset: section.offset + offset}) as const;

const ofKind = (kind: string): BtfType => btf.types.find(type => type.kind === kind) as BtfType;
const kindNumber = (kind: string) => BTF_KINDS.indexOf(kind);

const notBtf = (found: string): Refusal => ({
  code: 'BTF_NOT_BTF',
  says: ['not BTF'],
  where: at(0),
  wanted: 'magic 0xeb9f and a header of 24 bytes or more',
  found,
});

const magic = (value: number) => edited(({bytes}) => bytes.writeUInt16LE(value, BTF_HEADER.magic));
test('another magic', refused, magic(0x1234), notBtf('0x1234'));
test('big-endian', refused, magic(0x9feb), notBtf('the magic of the other byte order'));
test(
  'shorter than a header',
  refused,
  edited((_, elf) => elf.u64(section.header + SHDR.size, 20)),
  notBtf('20 bytes'),
);

for (const [field, value] of [
  ['version', 2],
  ['flags', 1],
] as const) {
  test(
    `${field} ${value}`,
    refused,
    edited(({bytes}) => bytes.writeUInt8(value, field === 'version' ? 2 : 3)),
    {
      code: 'BTF_BAD_HEADER',
      says: ['unknown version'],
      where: at(2),
      wanted: 'version 1, flags 0',
      found: field === 'version' ? 'version 2, flags 0' : 'version 1, flags 1',
    },
  );
}

for (const length of [8, section.size + 1, 0xffff_ffff]) {
  test(
    `a header of ${length} bytes`,
    refused,
    edited(one => one.u32(BTF_HEADER.hdr_len, length)),
    {
      code: 'BTF_BAD_HEADER',
      says: ['header', 'length'],
      where: at(BTF_HEADER.hdr_len),
      wanted: `24 to ${section.size}`,
      found: `${length}`,
    },
  );
}

const outside = (what: string, size: number, offset: number): Refusal => ({
  code: 'BTF_TRUNCATED',
  says: [what, 'beyond the end'],
  where: at(0),
  wanted: `${size} bytes at ${offset}`,
  found: `${afterHeader} bytes after the header`,
});

const field = (name: keyof typeof BTF_HEADER, value: number) =>
  edited(one => one.u32(BTF_HEADER[name], value));

const [typeLen, strOff] = [btf.header('type_len'), btf.header('str_off')];
test(
  'types far away',
  refused,
  field('type_off', 0xffff_fff0),
  outside('type section', typeLen, 0xffff_fff0),
);
test(
  '4 GiB of types',
  refused,
  field('type_len', 0xffff_ffff),
  outside('type section', 0xffff_ffff, 0),
);
test(
  'strings far away',
  refused,
  field('str_off', 0xffff_ffff),
  outside('string section', stringsSize, 0xffff_ffff),
);
test(
  '4 GiB of strings',
  refused,
  field('str_len', 0xffff_ffff),
  outside('string section', 0xffff_ffff, strOff),
);

const badOrder = (types: number, strings: number): Refusal => ({
  code: 'BTF_BAD_HEADER',
  says: ['type section', 'misaligned', 'before the strings'],
  where: at(BTF_HEADER.type_off),
  wanted: 'types at a multiple of 4, then strings',
  found: `types at ${types}, ${typeLen} bytes, strings at ${strings}`,
});
test('types at an odd offset', refused, field('type_off', 2), badOrder(2, strOff));
test('strings over the types', refused, field('str_off', 0), badOrder(0, 0));

const badStrings: Refusal = {
  code: 'BTF_BAD_STRINGS',
  says: ['string section', 'NUL'],
  where: at(btf.stringsAt),
};
test('no strings', refused, field('str_len', 0), badStrings);
test('strings that do not end', refused, field('str_len', stringsSize - 1), badStrings);
test(
  'no empty string at the start',
  refused,
  edited(({bytes, stringsAt}) => bytes.fill('x', stringsAt, stringsAt + 1)),
  badStrings,
);

const struct = ofKind('STRUCT');
const last = btf.types.at(-1) as BtfType;

for (const kind of [0, 20, 127]) {
  test(
    `a type of kind ${kind}`,
    refused,
    edited(one => one.setInfo(struct, kind, 0)),
    {
      code: 'BTF_UNKNOWN_KIND',
      says: [`type ${struct.id}`, `kind ${kind}`],
      where: at(struct.at),
    },
  );
}

const reachesBeyond = (type: BtfType, end: number, vlen: number): Refusal => ({
  code: 'BTF_TRUNCATED',
  says: [`type ${type.id}`, 'beyond the type section'],
  where: at(type.at),
  wanted: `a record within ${end - type.at} bytes`,
  found: `vlen ${vlen}`,
});
test(
  'more members than the file has room for',
  refused,
  edited(one => one.setInfo(struct, kindNumber('STRUCT'), 0xff_ffff)),
  reachesBeyond(struct, btf.typesAt + typeLen, 0xff_ffff),
);
test(
  'the last type is cut',
  refused,
  field('type_len', typeLen - 4),
  reachesBeyond(last, btf.typesAt + typeLen - 4, last.vlen),
);

const badId = (type: BtfType, place: number, id: number): Refusal => ({
  code: 'BTF_BAD_ID',
  says: [`type ${type.id}`, `type ${id}`, 'does not exist'],
  where: at(place),
  wanted: `an id below ${typeCount + 1}`,
  found: `${id}`,
});

const proto = btf.types.find(({kind, vlen}) => kind === 'FUNC_PROTO' && vlen > 0) as BtfType;
const datasec = btf.type('DATASEC', '.struct_ops');
const array = ofKind('ARRAY');

/** Where a type names another. */
const REFERENCES: readonly (readonly [string, BtfType, number])[] = [
  ...['PTR', 'TYPEDEF', 'CONST', 'VOLATILE', 'FUNC', 'FUNC_PROTO', 'VAR'].map(
    kind => [`a ${kind}`, ofKind(kind), ofKind(kind).at + BTF_TYPE.size_or_type] as const,
  ),
  ['the elements of an array', array, array.at + BTF_TYPE.more],
  ['the index of an array', array, array.at + BTF_TYPE.more + 4],
  ['a member', struct, btf.part(struct, 0) + 4],
  ['a parameter', proto, btf.part(proto, 0) + 4],
  ['a variable of a section', datasec, btf.part(datasec, 0)],
];
for (const [why, type, place] of REFERENCES) {
  for (const id of [typeCount + 1, 0xffff_ffff]) {
    test(
      `${why} of type ${id}, which does not exist`,
      refused,
      edited(one => one.u32(place, id)),
      badId(type, place, id),
    );
  }
}

const badName = (type: BtfType, place: number, offset: number): Refusal => ({
  code: 'BTF_BAD_STRINGS',
  says: [`type ${type.id}`, 'name beyond the string section'],
  where: at(place),
  wanted: `an offset below ${stringsSize}`,
  found: `${offset}`,
});
const enumeration = ofKind('ENUM');
for (const [why, type, place] of [
  ['a type', struct, struct.at],
  ['a member', struct, btf.part(struct, 0)],
  ['an enumerator', enumeration, btf.part(enumeration, 0)],
  ['a parameter', proto, btf.part(proto, 0)],
] as const) {
  for (const offset of [stringsSize, 0xffff_ffff]) {
    test(
      `${why} with its name at ${offset}`,
      refused,
      edited(one => one.u32(place, offset)),
      badName(type, place, offset),
    );
  }
}

const endless = (type: BtfType): Refusal => ({
  code: 'BTF_CYCLE',
  says: [`type ${type.id}`, 'does not end'],
  where: at(type.at),
});
for (const kind of ['TYPEDEF', 'PTR', 'CONST']) {
  const type = ofKind(kind);
  test(
    `a ${kind} of itself`,
    refused,
    edited(one => one.u32(type.at + BTF_TYPE.size_or_type, type.id)),
    endless(type),
  );
}
test(
  'an array of itself',
  refused,
  edited(one => one.u32(array.at + BTF_TYPE.more, array.id)),
  endless(array),
);
const [constant, unstable] = [ofKind('CONST'), ofKind('VOLATILE')];
test(
  'two modifiers of each other',
  refused,
  edited(one => {
    one.u32(constant.at + BTF_TYPE.size_or_type, unstable.id);
    one.u32(unstable.at + BTF_TYPE.size_or_type, constant.id);
  }),
  endless(constant.id < unstable.id ? constant : unstable),
);

const tcp = btf.type('STRUCT', 'tcp_congestion_ops');
test(
  'a struct that holds itself',
  refused,
  edited(one => one.u32(one.part(tcp, 0) + 4, tcp.id)),
  {code: 'BTF_CYCLE', says: [`type ${tcp.id}`, 'holds itself'], where: at(tcp.at)},
);

const func = ofKind('FUNC');
for (const [found, id] of [
  ['INT', ofKind('INT').id],
  ['void', 0],
] as const) {
  test(
    `a function whose prototype is ${found}`,
    refused,
    edited(one => one.u32(func.at + BTF_TYPE.size_or_type, id)),
    {
      code: 'BTF_BAD_TYPE',
      says: [func.name, `type ${func.id}`, 'no prototype'],
      where: at(func.at + BTF_TYPE.size_or_type),
      wanted: 'FUNC_PROTO',
      found,
    },
  );
}

const inStructOps = {input: 'object', section: '.struct_ops'} as const;

for (const [found, id] of [
  ['STRUCT', tcp.id],
  ['void', 0],
] as const) {
  test(
    `a section that lists a ${found}`,
    refused,
    edited(one => one.u32(one.part(datasec, 0), id)),
    {
      code: 'OBJ_BAD_VARIABLE',
      says: ['.struct_ops', 'no variable'],
      where: inStructOps,
      wanted: 'VAR',
      found,
    },
  );
}
test(
  'a struct_ops section that the BTF calls otherwise',
  refused,
  edited(one => one.u32(datasec.at, btf.bytes.readUInt32LE(btf.type('DATASEC', '.bss').at))),
  {
    code: 'OBJ_BAD_VARIABLE',
    says: ['BTF does not describe section .struct_ops'],
    where: inStructOps,
    at: 0,
  },
);

const variable = btf.type('VAR', 'so_second');
test(
  'a struct_ops variable that is a function',
  refused,
  edited(one => one.u32(variable.at + BTF_TYPE.size_or_type, func.id)),
  {
    code: 'OBJ_BAD_VARIABLE',
    says: ['so_second', 'struct type with a name'],
    where: {...inStructOps, symbol: 'so_second'},
    at: 0,
    wanted: 'STRUCT with a name',
    found: 'FUNC',
  },
);

const badMember = (member: string, what: string): Refusal => ({
  code: 'OBJ_BAD_VARIABLE',
  says: [member, 'so_second', what],
  where: {...inStructOps, symbol: 'so_second', struct: 'tcp_congestion_ops', member},
  at: 0,
});
const lastMember = btf.part(tcp, tcp.vlen - 1);
test(
  'a member that reaches beyond its struct by a bit',
  refused,
  edited(one => one.u32(lastMember + 8, 56 * 8 - 63)),
  {
    ...badMember('undo_cwnd', 'outside its struct'),
    wanted: '448 bits',
    found: '64 bits at 385',
  },
);
test(
  'a member without a size',
  refused,
  edited(one => one.u32(lastMember + 4, 0)),
  badMember('undo_cwnd', 'incomplete type'),
);
test(
  'members over one another',
  refused,
  // The name becomes twice as long.
  edited(one => one.u32(nameType().at + BTF_TYPE.more + 8, 32)),
  {
    ...badMember('set_state', 'overlaps'),
    wanted: 'members of 448 bits together',
    found: '512 bits and more',
  },
);

/** The `char[16]` of the member `name`. */
function nameType(): BtfType {
  const id = btf.bytes.readUInt32LE(btf.part(tcp, 0) + 4);
  return btf.types[id - 1] as BtfType;
}

for (const [size, code] of [
  [57, 'reaches beyond its section'],
  [0xffff_ffff, 'reaches beyond its section'],
  [0, 'more members than bits'],
] as const) {
  test(
    `a struct_ops variable of ${size} bytes`,
    refused,
    edited(one => one.u32(tcp.at + BTF_TYPE.size_or_type, size)),
    {
      code: 'OBJ_BAD_VARIABLE',
      says: ['so_second', code],
      where: {...inStructOps, symbol: 'so_second'},
      at: 0,
      wanted: size === 0 ? 'at most 0 members' : '56 bytes',
      found: size === 0 ? '6 members' : `${size} bytes at 0`,
    },
  );
}

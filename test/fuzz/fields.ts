import {BTF_HEADER, BtfEdit} from '../helpers/btf_edit.js';
import {EHDR, ElfEdit} from '../helpers/elf_edit.js';

/** A little-endian number in a file that means something to whoever reads the file. */
export interface Field {
  readonly at: number;
  /** Bytes: 1, 2, 4 or 8. */
  readonly size: 1 | 2 | 4 | 8;
}

/** Fields of one sort; a mutator picks the sort first, so that rare ones get their share. */
export type FieldGroup = readonly Field[];

type Layout = readonly (readonly [offset: number, size: Field['size']])[];

const U16_FIELDS_OF_EHDR = [EHDR.type, EHDR.machine, 52, 54, 56, EHDR.shentsize, EHDR.shnum, 62];
const SECTION_HEADER: Layout = [
  ...([
    [0, 4],
    [4, 4],
    [8, 8],
    [16, 8],
    [24, 8],
    [32, 8],
    [40, 4],
    [44, 4],
  ] as const),
  ...([
    [48, 8],
    [56, 8],
  ] as const),
];
const SYMBOL: Layout = [
  [0, 4],
  [4, 1],
  [5, 1],
  [6, 2],
  [8, 8],
  [16, 8],
];
const RELOCATION: Layout = [
  [0, 8],
  [8, 4],
  [12, 4],
];
const INSN: Layout = [
  [0, 1],
  [1, 1],
  [2, 2],
  [4, 4],
];
const WORD: Layout = [[0, 4]];
const BYTE: Layout = [[0, 1]];

const SHT_SYMTAB = 2;
const SHT_REL = 9;
const SHF_EXECINSTR = 4;

const laid = (start: number, {length}: {length: number}, step: number, layout: Layout): Field[] =>
  Array.from({length: Math.floor(length / step)}, (_, i) =>
    layout.map(([offset, size]) => ({at: start + i * step + offset, size})),
  ).flat();

/** All fields of a good ELF object. */
export function fieldsOfObject(object: Uint8Array): FieldGroup[] {
  const elf = new ElfEdit(object);
  const groups: FieldGroup[] = [
    [
      ...laid(4, {length: 12}, 1, BYTE),
      ...U16_FIELDS_OF_EHDR.map(at => ({at, size: 2}) as const),
      {at: EHDR.shoff, size: 8},
    ],
    elf.sections.flatMap(({header}) => laid(header, {length: 64}, 64, SECTION_HEADER)),
  ];
  for (const {name, type, header, offset, size} of elf.sections.slice(1)) {
    const length = {length: size};
    const isCode = (Number(elf.bytes.readBigUInt64LE(header + 8)) & SHF_EXECINSTR) !== 0;
    if (type === SHT_SYMTAB) groups.push(laid(offset, length, 24, SYMBOL));
    else if (type === SHT_REL) groups.push(laid(offset, length, 16, RELOCATION));
    else if (name === '.BTF') groups.push(...fieldsOfBtf(elf.btf));
    else if (name === '.BTF.ext') {
      groups.push(laid(offset, {length: 32}, 4, WORD), laid(offset + 32, length, 4, WORD));
    } else if (isCode) groups.push(laid(offset, length, 8, INSN));
    else if (name.startsWith('.') && name !== '.bss') groups.push(laid(offset, length, 1, BYTE));
  }
  return groups.filter(group => group.length > 0);
}

/** All fields of a good BTF: its header, its records, its strings. */
function fieldsOfBtf(btf: BtfEdit): FieldGroup[] {
  const base = btf.fileOffset;
  const end = btf.typesAt + btf.header('type_len');
  const records = btf.types.map(({at}, i) => ({
    at: base + at,
    length: (btf.types[i + 1]?.at ?? end) - at,
  }));
  return [
    [
      ...laid(base, {length: 4}, 1, BYTE),
      ...laid(base + BTF_HEADER.hdr_len, {length: 20}, 4, WORD),
    ],
    // What each record begins with: name, vlen, kind, size or type.
    records.flatMap(({at}) => [
      {at, size: 4},
      {at: at + 4, size: 2},
      {at: at + 7, size: 1},
      {at: at + 8, size: 4},
    ]),
    records.flatMap(({at, length}) => laid(at + 12, {length: length - 12}, 4, WORD)),
    laid(base + btf.stringsAt, {length: btf.header('str_len')}, 1, BYTE),
  ];
}

/** As `fieldsOfBtf`, of a file. */
export function fieldsOfRawBtf(bytes: Uint8Array): FieldGroup[] {
  return fieldsOfBtf(new BtfEdit(Buffer.from(bytes)));
}

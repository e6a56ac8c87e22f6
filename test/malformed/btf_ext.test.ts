import test from 'ava';
import {exampleObject} from '../helpers/bpf_objects.js';
import type {Inputs} from '../helpers/core_wasm.js';
import {ElfEdit, SHDR} from '../helpers/elf_edit.js';
import {planned, type Refusal, refused} from './refused.js';

/** Objects with a damaged .BTF.ext: the second example with one field changed. */

const example = new ElfEdit(await exampleObject('second'));
const section = example.section('.BTF.ext');
const u32 = (offset: number) => example.bytes.readUInt32LE(section.offset + offset);

const edited = (edit: (elf: ElfEdit, at: number) => unknown) => (): Inputs => {
  const elf = new ElfEdit(example.bytes);
  edit(elf, section.offset);
  return {object: elf.bytes};
};

/** Writes one number of the section. */
const field = (offset: number, value: number) => edited((elf, at) => elf.u32(at + offset, value));

const bad = (offset: number, ...says: string[]): Refusal => ({
  code: 'BTF_EXT_BAD',
  says: ['.BTF.ext', ...says],
  where: {input: 'object', section: '.BTF.ext'},
  at: offset,
});

const noHeader = bad(0, 'no usable header');
test(
  'another magic',
  refused,
  edited((elf, at) => elf.u16(at, 0x1234)),
  noHeader,
);
test(
  'another version',
  refused,
  edited((elf, at) => elf.bytes.writeUInt8(2, at + 2)),
  noHeader,
);
test(
  'flags',
  refused,
  edited((elf, at) => elf.bytes.writeUInt8(1, at + 3)),
  noHeader,
);
test('a short header', refused, field(4, 8), noHeader);
test('a header of 4 GiB', refused, field(4, 0xffff_ffff), noHeader);
test(
  'shorter than a header',
  refused,
  edited(elf => elf.u64(section.header + SHDR.size, 20)),
  noHeader,
);

const headerSize = u32(4);

/** Offset of a part's offset in the header, its name, and the least size of its records. */
const PARTS = [
  [8, 'func_info', 8],
  [16, 'line_info', 16],
  [24, 'CO-RE relocation', 16],
] as const;

for (const [head, name, least] of PARTS) {
  const size = u32(head + 4);
  /** u32 record size; then blocks of u32 section name, u32 count, records. */
  const part = headerSize + u32(head);
  const outside = bad(head, name, 'beyond its end or misaligned');

  test(`${name}: far away`, refused, field(head, 0xffff_fff0), outside);
  test(`${name}: at an odd offset`, refused, field(head, 2), outside);
  test(`${name}: of 4 GiB`, refused, field(head + 4, 0xffff_ffff), outside);
  test(`${name}: of two bytes`, refused, field(head + 4, 2), outside);
  for (const record of [0, least - 4, least + 1, 0xffff_fffc]) {
    test(
      `${name}: records of ${record} bytes`,
      refused,
      field(part, record),
      bad(part, `${name} records of ${record} bytes`),
    );
  }
  for (const count of [0, 0xffff_ffff]) {
    test(
      `${name}: ${count} records in a block`,
      refused,
      field(part + 8, count),
      bad(part + 8, `${count} ${name} records where ${size - 12} bytes are left`),
    );
  }
  test(
    `${name}: a cut block`,
    refused,
    field(head + 4, size - u32(part)),
    ...cutBlocks(name, part, size),
  );
}

/** One record fewer: the count of the last block is too large then. */
function cutBlocks(name: string, part: number, size: number): Refusal[] {
  const record = u32(part);
  let block = part + 4;
  let count = u32(block + 4);
  while (block + 8 + count * record < part + size) {
    block += 8 + count * record;
    count = u32(block + 4);
  }
  const left = (count - 1) * record;
  return [bad(block + 4, `${count} ${name} records where ${left} bytes are left`)];
}

const funcInfo = headerSize + u32(8);
const lineInfo = headerSize + u32(16);
const relocations = headerSize + u32(24);

const withoutInfo = (callee: string, caller: string, what: string): Refusal => ({
  code: 'OBJ_NO_DEBUG_INFO',
  says: [callee, caller, what],
  where: {input: 'object', section: '.text', symbol: callee},
});

for (const [name, part, record] of [
  ['func_info', funcInfo, u32(funcInfo)],
  ['line_info', lineInfo, u32(lineInfo)],
] as const) {
  const callees = [
    withoutInfo('time_to_grow', 'second_ssthresh', name),
    withoutInfo('second_cubic', 'second_cong_avoid', name),
  ];
  // The first block is that of .text.
  test(
    `${name}: not in order`,
    refused,
    field(part + 12, 0xffff_fff8),
    bad(part + 12 + record, name, 'not in order'),
    ...callees,
  );
  test(`${name}: a section without a name`, refused, field(part + 4, 0xffff_ffff), ...callees);
}

const [, firstRecord] = [relocations, relocations + 12];

const badRelocation = (code: string, ...says: string[]): Refusal => ({
  code,
  says: ['instruction 0 of second_init', ...says],
  where: {
    ...{input: 'object', offset: section.offset + firstRecord},
    ...{section: 'struct_ops', symbol: 'second_init'},
  },
});

test('CO-RE relocation: a section without a name', refused, field(relocations + 4, 0xffff_ffff), {
  ...bad(firstRecord, 'section without a name'),
  code: 'CORE_BAD_RECORD',
});
test('CO-RE relocation: not on an instruction', refused, field(firstRecord, 3), {
  ...bad(firstRecord),
  code: 'CORE_BAD_RECORD',
  says: ['section struct_ops', 'offset 3', 'not on an instruction'],
});
test(
  'CO-RE relocation: of a type that does not exist',
  refused,
  field(firstRecord + 4, 0xff_ffff),
  {
    ...badRelocation('CORE_BAD_RECORD', 'type 16777215', 'does not exist'),
    wanted: `an id below ${example.btf.types.length + 2}`,
    found: '16777215',
  },
);
test(
  'CO-RE relocation: an access string elsewhere',
  refused,
  field(firstRecord + 8, 0xffff_ffff),
  badRelocation('CORE_BAD_ACCESS', 'struct tcp_sock', 'not a list of numbers'),
);
test(
  'CO-RE relocation: of an unknown kind',
  refused,
  field(firstRecord + 12, 99),
  badRelocation('CORE_UNSUPPORTED', 'kind 99', 'struct tcp_sock'),
);

test(
  'no .BTF.ext at all: the verifier does without, and there is nothing to relocate',
  planned,
  // Without the dot it is a section that nobody knows.
  edited(elf => elf.u32(section.header, elf.bytes.readUInt32LE(section.header) + 1)),
);

test(
  'an empty .BTF.ext',
  refused,
  edited(elf => elf.u64(section.header + SHDR.size, 0)),
  noHeader,
);

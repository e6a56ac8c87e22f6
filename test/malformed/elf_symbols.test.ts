import test from 'ava';
import {EHDR, SYM} from '../helpers/elf_edit.js';
import {edited, example, inObject} from './damaged_example.js';
import {type Refusal, refused} from './refused.js';

/** Objects whose symbols or relocations are damaged. */

const shnum = example.bytes.readUInt16LE(EHDR.shnum);
const code = example.section('struct_ops');
const strtab = example.section('.strtab');

const undo = example.symbol('first_undo_cwnd');

test(
  'a symbol with its name elsewhere',
  refused,
  edited(elf => elf.u32(undo.at + SYM.name, strtab.size)),
  {
    code: 'ELF_BAD_SYMBOL',
    says: [`symbol ${undo.index}`, 'name beyond'],
    where: {...inObject, offset: undo.at, section: '.symtab'},
  },
);

const [, relocation = 0] = example.relocations('.relstruct_ops');
const symbolCount = example.symbols.length;

const outOfRange = (found: string): Refusal => ({
  code: 'ELF_BAD_RELOCATION',
  says: ['relocation 1 of .relstruct_ops', 'out of range'],
  where: {...inObject, offset: relocation, section: '.relstruct_ops'},
  wanted: `an offset below ${code.size} and a symbol below ${symbolCount}`,
  found,
});

test(
  'a relocation with a symbol that is not there',
  refused,
  edited(elf => elf.u32(relocation + 12, symbolCount)),
  outOfRange(`offset 96, symbol ${symbolCount}`),
);
test(
  'a relocation at the end of its section',
  refused,
  edited(elf => elf.u64(relocation, code.size)),
  outOfRange(`offset ${code.size}, symbol ${example.symbol('undo_calls').index}`),
);
test(
  'a relocation far beyond',
  refused,
  edited(elf => elf.u64(relocation, 2n ** 40n)),
  outOfRange(`offset ${2 ** 40}, symbol ${example.symbol('undo_calls').index}`),
);

const badPlace = (offset: number, what: string): Refusal => ({
  code: 'ELF_BAD_RELOCATION',
  says: [`offset ${offset} of struct_ops`, what],
  where: {...inObject, section: 'struct_ops', symbol: 'undo_calls'},
  at: offset,
});

test(
  'two relocations of one instruction',
  refused,
  edited(elf => elf.u64(relocation, elf.bytes.readBigUInt64LE(relocation - 16))),
  badPlace(Number(example.bytes.readBigUInt64LE(relocation - 16)), 'second one of its instruction'),
);
test(
  'a relocation between two instructions',
  refused,
  edited(elf => elf.u64(relocation, 100)),
  badPlace(100, 'not on an instruction'),
);
test(
  'a relocation on an instruction that takes none',
  refused,
  edited(elf => elf.u64(relocation, 112)),
  badPlace(112, 'can take none'),
);

const [, callback = 0] = example.relocations('.rel.struct_ops');
const tcp = 'tcp_congestion_ops';

test(
  'a callback at the end of its section',
  refused,
  edited(elf => elf.u64(callback, 56)),
  {
    ...outOfRange(`offset 56, symbol ${example.symbol('first_cong_avoid').index}`),
    says: ['relocation 1 of .rel.struct_ops'],
    where: {...inObject, offset: callback, section: '.rel.struct_ops'},
    wanted: `an offset below 56 and a symbol below ${symbolCount}`,
  },
);
test(
  'a callback between members',
  refused,
  edited(elf => elf.u64(callback, 20)),
  {
    code: 'OBJ_BAD_CALLBACK',
    says: ['no member starts at offset 20 of so_first'],
    where: {...inObject, section: '.struct_ops', struct: tcp},
    at: 20,
  },
);
test(
  'a callback in a member that is none',
  refused,
  edited(elf => elf.u64(callback, 0)),
  {
    code: 'OBJ_BAD_CALLBACK',
    says: ['name', 'so_first', 'no function pointer'],
    where: {...inObject, section: '.struct_ops', struct: tcp, member: 'name'},
    at: 0,
    wanted: 'a pointer to a function',
    found: 'ARRAY',
  },
);

const notAProgram = (symbol: string): Refusal => ({
  code: 'OBJ_BAD_CALLBACK',
  says: ['cong_avoid', 'so_first', 'not set to the start of a program'],
  where: {...inObject, section: '.struct_ops', symbol, struct: tcp, member: 'cong_avoid'},
  at: 32,
});

const license = example.symbol('LICENSE');

test(
  'a callback set to the licence',
  refused,
  edited(elf => elf.u32(callback + 12, license.index)),
  notAProgram('LICENSE'),
);
for (const value of [8, 2 ** 35]) {
  test(
    `a callback set to byte ${value} of the code`,
    refused,
    edited(elf => elf.u32(callback + 12, 1).u64((elf.symbols[1]?.at ?? 0) + SYM.value, value)),
    notAProgram('struct_ops'),
  );
}

const pastItsSection = (found: string): Refusal => ({
  code: 'OBJ_BAD_PROGRAM',
  says: ['first_undo_cwnd', 'past the end of its section'],
  where: {...inObject, section: 'struct_ops', symbol: 'first_undo_cwnd'},
  at: 0,
  wanted: `${code.size} bytes`,
  found,
});

const withoutProgram: Refusal = {
  code: 'OBJ_BAD_CALLBACK',
  says: ['undo_cwnd', 'so_first'],
  where: {
    ...{...inObject, section: '.struct_ops', symbol: 'first_undo_cwnd'},
    ...{struct: tcp, member: 'undo_cwnd'},
  },
  at: 48,
};

test(
  'a program larger than its section',
  refused,
  edited(elf => elf.u64(undo.at + SYM.size, 0x10000)),
  pastItsSection('65536 bytes at 80'),
  withoutProgram,
);
test(
  'a program far beyond its section',
  refused,
  edited(elf => elf.u64(undo.at + SYM.value, 2n ** 40n)),
  pastItsSection(`80 bytes at ${2 ** 40}`),
  withoutProgram,
);

const notInsns = (found: string, at: number): Refusal => ({
  code: 'OBJ_BAD_PROGRAM',
  says: ['first_undo_cwnd', 'not a sequence of instructions'],
  where: {...inObject, section: 'struct_ops', symbol: 'first_undo_cwnd'},
  at,
  wanted: 'size and offset multiples of 8',
  found,
});

for (const size of [0, 12]) {
  test(
    `a program of ${size} bytes`,
    refused,
    edited(elf => elf.u64(undo.at + SYM.size, size)),
    notInsns(`${size} bytes at 80`, 80),
    withoutProgram,
  );
}
test(
  'a program that starts in an instruction',
  refused,
  edited(elf => elf.u64(undo.at + SYM.value, 84)),
  notInsns('80 bytes at 84', 84),
  withoutProgram,
);
test(
  'a program in a section that is not there',
  refused,
  edited(elf => elf.u16(undo.at + SYM.shndx, shnum)),
  withoutProgram,
);
test(
  'a program in no section',
  refused,
  edited(elf => elf.u16(undo.at + SYM.shndx, 0xfff1)),
  {...withoutProgram, says: ['undo_cwnd', 'so_first', 'not defined']},
);

const noSymbol = (symbol: string, section: string): Refusal => ({
  code: 'OBJ_BAD_VARIABLE',
  says: [symbol, 'has no symbol'],
  where: {...inObject, section, symbol},
});

const beyondSection = (symbol: string, section: string, room: number, found: string): Refusal => ({
  code: 'OBJ_BAD_VARIABLE',
  says: [symbol, 'beyond its section'],
  where: {...inObject, section, symbol},
  wanted: `within ${room} bytes`,
  found,
});

const acks = example.symbol('acks');
test(
  'a variable without a symbol',
  refused,
  edited(elf => elf.u32(acks.at + SYM.name, 0)),
  noSymbol('acks', '.bss'),
);
test(
  'a variable beyond its section',
  refused,
  edited(elf => elf.u64(acks.at + SYM.value, 24)),
  beyondSection('acks', '.bss', 24, '8 bytes at 24'),
);
test(
  'a variable beyond 4 GiB',
  refused,
  edited(elf => elf.u64(acks.at + SYM.value, 2n ** 32n)),
  beyondSection('acks', '.bss', 24, `8 bytes at ${2 ** 32}`),
);
const ops = example.symbol('so_first');
test(
  'a struct_ops variable beyond 4 GiB',
  refused,
  edited(elf => elf.u64(ops.at + SYM.value, 2n ** 32n)),
  beyondSection('so_first', '.struct_ops', 56, `56 bytes at ${2 ** 32}`),
);

import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {exampleObject} from '../helpers/bpf_objects.js';
import type {Inputs} from '../helpers/core_wasm.js';
import {EHDR, ElfEdit, SHDR, SYM} from '../helpers/elf_edit.js';
import {BPF_COMPILER, ensureSystemPackages} from '../rig/system_packages.js';
import {planned, type Refusal, refused} from './refused.js';

/** Files that are no ELF object for BPF, or a damaged one: the first example with one field changed. */

const example = new ElfEdit(await exampleObject('first'));
const {bytes} = example;

const file = (content: Uint8Array | string) => () => ({object: Buffer.from(content)});

/** The example with what `edit` writes. */
const edited = (edit: (elf: ElfEdit) => unknown) => (): Inputs => {
  const elf = new ElfEdit(bytes);
  edit(elf);
  return {object: elf.bytes};
};

const inObject = {input: 'object'} as const;

const notElf = (found: string): Refusal => ({
  code: 'ELF_NOT_ELF',
  says: ['ELF magic'],
  where: {...inObject, offset: 0},
  wanted: '7f 45 4c 46',
  found,
});

test('an empty file', refused, file(''), notElf('0 bytes'));
test('three bytes', refused, file(bytes.subarray(0, 3)), notElf('3 bytes'));
test('a C file', refused, file('#include <vmlinux.h>\n'.repeat(9)), notElf('other bytes'));
test('an archive', refused, file(`!<arch>\n${' '.repeat(100)}`), notElf('other bytes'));

const truncated = (what: string, at: number, size: number, fileSize: number): Refusal => ({
  code: 'ELF_TRUNCATED',
  says: [what, 'beyond the end of the file'],
  where: {...inObject, offset: at},
  wanted: `${size} bytes at ${at}`,
  found: `a file of ${fileSize} bytes`,
});

const shoff = Number(bytes.readBigUInt64LE(EHDR.shoff));
const shnum = bytes.readUInt16LE(EHDR.shnum);

test('cut in the header', refused, file(bytes.subarray(0, 63)), truncated('ELF header', 0, 64, 63));
for (const size of [64, shoff, bytes.length - 1]) {
  test(
    `cut to ${size} bytes`,
    refused,
    file(bytes.subarray(0, size)),
    truncated('section table', shoff, shnum * 64, size),
  );
}
test(
  'more sections than the file has room for',
  refused,
  edited(elf => elf.u16(EHDR.shnum, 0xffff)),
  truncated('section table', shoff, 0xffff * 64, bytes.length),
);
test(
  'a section table at a wrapping offset',
  refused,
  edited(elf => elf.u64(EHDR.shoff, 2n ** 64n - 64n)),
  {
    ...truncated('section table', 0, 0, bytes.length),
    // Above 2^53 a number is a string of hex digits.
    where: {...inObject, offset: '0xffffffffffffffc0' as unknown as number},
    wanted: `${shnum * 64} bytes at 18446744073709551552`,
  },
);

const btf = example.section('.BTF');

test(
  'a section beyond the end',
  refused,
  edited(elf => elf.u64(btf.header + SHDR.offset, bytes.length + 1)),
  {
    ...truncated('section .BTF', bytes.length + 1, btf.size, bytes.length),
    where: {...inObject, offset: bytes.length + 1, section: '.BTF'},
  },
);
test(
  'a section larger than the file',
  refused,
  edited(elf => elf.u64(btf.header + SHDR.size, 2n ** 40n)),
  {
    ...truncated('section .BTF', btf.offset, 2 ** 40, bytes.length),
    where: {...inObject, offset: btf.offset, section: '.BTF'},
  },
);

test(
  'a 32-bit object',
  refused,
  edited(elf => elf.bytes.writeUInt8(1, EHDR.class)),
  {
    code: 'ELF_NOT_64BIT',
    says: ['64-bit'],
    where: {...inObject, offset: EHDR.class},
    wanted: 'class 2',
    found: 'class 1',
  },
);

const foreign = (found: string): Refusal => ({
  code: 'ELF_FOREIGN_ENDIAN',
  says: ['byte order'],
  where: {...inObject, offset: EHDR.data},
  wanted: 'little-endian',
  found,
});

test(
  'a big-endian object',
  refused,
  edited(elf => elf.bytes.writeUInt8(2, EHDR.data)),
  foreign('big-endian'),
);
test(
  'an object of no byte order',
  refused,
  edited(elf => elf.bytes.writeUInt8(7, EHDR.data)),
  foreign('byte order 7'),
);

type Arguments = (from: string, to: string) => string[];

/** What a tool makes of the first example, or a compiler of a line of C. */
const made =
  (command: string, args: Arguments, input = '') =>
  async (): Promise<Inputs> => {
    await ensureSystemPackages(BPF_COMPILER);
    const scratch = await mkdtemp(join(tmpdir(), 'structops-malformed-'));
    try {
      const [from, to] = [join(scratch, 'from.o'), join(scratch, 'to.o')];
      await writeFile(from, bytes);
      await execa(command, args(from, to), {input});
      return {object: await readFile(to)};
    } finally {
      await rm(scratch, {recursive: true});
    }
  };

const compiled = (target: string) =>
  made(
    'clang-19',
    (_, to) => [`--target=${target}`, '-c', '-xc', '-', '-o', to],
    'int number = 1;',
  );

test('compiled for bpfeb', refused, compiled('bpfeb'), foreign('big-endian'));

test('compiled for x86-64', refused, compiled('x86_64-linux-gnu'), {
  code: 'ELF_NOT_BPF',
  says: ['another machine'],
  where: {...inObject, offset: EHDR.machine},
  wanted: 'machine 247',
  found: 'machine 62',
});

test('compiled for 32-bit ARM', refused, compiled('armv7-linux-gnueabi'), {
  code: 'ELF_NOT_64BIT',
  says: ['64-bit'],
  where: {...inObject, offset: EHDR.class},
  wanted: 'class 2',
  found: 'class 1',
});

test('compiled without -g', refused, compiled('bpfel'), {
  code: 'BTF_MISSING',
  says: ['no BTF'],
  where: inObject,
});

test(
  'a file of no machine is taken for BPF',
  planned,
  edited(elf => elf.u16(EHDR.machine, 0)),
);

test(
  'an executable',
  refused,
  edited(elf => elf.u16(EHDR.type, 2)),
  {
    code: 'ELF_NOT_RELOCATABLE',
    says: ['not a relocatable object'],
    where: {...inObject, offset: EHDR.type},
    wanted: 'type 1',
    found: 'type 2',
  },
);

const noSymtab: Refusal = {code: 'ELF_NO_SYMTAB', says: ['no symbol table'], where: inObject};

test(
  'stripped by llvm-strip',
  refused,
  made('llvm-strip-19', (from, to) => [from, '-o', to]),
  noSymtab,
);
test(
  'its symbol table is of another type',
  refused,
  edited(elf => elf.u32(elf.section('.symtab').header + SHDR.type, 1)),
  noSymtab,
);

test(
  'its BTF taken out by llvm-objcopy',
  refused,
  made('llvm-objcopy-19', (from, to) => ['-R', '.BTF', '-R', '.BTF.ext', from, to]),
  {code: 'BTF_MISSING', says: ['no BTF'], where: inObject},
);
test(
  'an empty .BTF',
  refused,
  edited(elf => elf.u64(btf.header + SHDR.size, 0)),
  {
    code: 'BTF_MISSING',
    says: ['no BTF'],
    where: inObject,
  },
);

const noTable = (found: string): Refusal => ({
  code: 'ELF_BAD_SECTION',
  says: ['no usable section table'],
  where: {...inObject, offset: EHDR.shentsize},
  wanted: 'entries of 64 bytes with the names in one of them',
  found,
});

test(
  'section headers of another size',
  refused,
  edited(elf => elf.u16(EHDR.shentsize, 40)),
  noTable(`${shnum} entries of 40 bytes, names in 1`),
);
test(
  'no section headers',
  refused,
  edited(elf => elf.u16(EHDR.shnum, 0)),
  noTable('0 entries of 64 bytes, names in 1'),
);
test(
  'names of sections in a section that is not there',
  refused,
  edited(elf => elf.u16(EHDR.shstrndx, shnum)),
  noTable(`${shnum} entries of 64 bytes, names in ${shnum}`),
);

const badSection = (says: string[], where: Refusal['where']): Refusal => ({
  code: 'ELF_BAD_SECTION',
  says,
  where: {...inObject, ...where},
});

const strtab = example.section('.strtab');
const symtab = example.section('.symtab');
const bss = example.section('.bss');
const code = example.section('struct_ops');
const codeRelocations = example.section('.relstruct_ops');

test(
  'names in what is no string table',
  refused,
  edited(elf => elf.u32(strtab.header + SHDR.type, 1)),
  badSection(['section 1', 'string table'], {offset: strtab.header}),
);
test(
  'names that do not end',
  refused,
  edited(elf => elf.bytes.fill('x', strtab.offset + strtab.size - 1, strtab.offset + strtab.size)),
  badSection(['section 1', 'NUL'], {offset: strtab.offset + strtab.size}),
);
test(
  'no names at all',
  refused,
  edited(elf => elf.u64(strtab.header + SHDR.size, 0)),
  badSection(['section 1', 'NUL'], {offset: strtab.offset}),
);
test(
  'a section with its name elsewhere',
  refused,
  edited(elf => elf.u32(bss.header + SHDR.name, strtab.size)),
  badSection([`section ${bss.index}`, 'name beyond'], {offset: bss.header}),
);
test(
  'a section of a terabyte that is not in the file',
  refused,
  edited(elf => elf.u64(bss.header + SHDR.size, 2n ** 40n)),
  badSection(['.bss', '4 GiB'], {offset: bss.header, section: '.bss'}),
);
test(
  'sections that share their bytes',
  refused,
  edited(elf => {
    for (const name of ['.BTF', '.BTF.ext', '.rel.BTF', '.rel.BTF.ext']) {
      elf.u64(elf.section(name).header + SHDR.offset, 0);
      elf.u64(elf.section(name).header + SHDR.size, bytes.length / 2);
    }
  }),
  badSection(['.rel.BTF', 'overlaps'], {
    offset: example.section('.rel.BTF').header,
    section: '.rel.BTF',
  }),
);
test(
  'two symbol tables',
  refused,
  edited(elf => elf.u32(btf.header + SHDR.type, 2)),
  badSection(['two symbol tables'], {offset: symtab.header, section: '.symtab'}),
);
for (const link of [0, shnum, 0xffff_ffff]) {
  test(
    `names of symbols in section ${link}`,
    refused,
    edited(elf => elf.u32(symtab.header + SHDR.link, link)),
    badSection(['names no string table'], {offset: symtab.header, section: '.symtab'}),
  );
}
test(
  'names of symbols in the code',
  refused,
  edited(elf => elf.u32(symtab.header + SHDR.link, code.index)),
  badSection([`section ${code.index}`, 'string table'], {offset: code.header}),
);

const badRelocations = (found: string): Refusal => ({
  ...badSection(['.relstruct_ops'], {offset: codeRelocations.header, section: '.relstruct_ops'}),
  wanted: `entries of 16 bytes for one of ${shnum} sections`,
  found,
});

test(
  'relocations of another size',
  refused,
  edited(elf => elf.u64(codeRelocations.header + SHDR.entsize, 24)),
  badRelocations(`entries of 24 bytes for section ${code.index}`),
);
test(
  'relocations of a section that is not there',
  refused,
  edited(elf => elf.u32(codeRelocations.header + SHDR.info, shnum)),
  badRelocations(`entries of 16 bytes for section ${shnum}`),
);

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
  'a variable beyond 4 GiB, which a program refers to',
  refused,
  edited(elf => elf.u64(acks.at + SYM.value, 2n ** 32n)),
  beyondSection('acks', '.bss', 24, `8 bytes at ${2 ** 32}`),
  {
    code: 'ELF_BAD_SYMBOL',
    says: ['offset 200 of struct_ops', 'beyond a section'],
    where: {...inObject, section: 'struct_ops', symbol: 'acks'},
    at: 200,
  },
);
const ops = example.symbol('so_first');
test(
  'a struct_ops variable beyond 4 GiB',
  refused,
  edited(elf => elf.u64(ops.at + SYM.value, 2n ** 32n)),
  beyondSection('so_first', '.struct_ops', 56, `56 bytes at ${2 ** 32}`),
);

test(
  'a version of another size',
  refused,
  made('llvm-objcopy-19', (from, to) => ['--add-section', `version=${from}`, from, to]),
  {
    code: 'ELF_BAD_SECTION',
    says: ['version', '32-bit'],
    where: {...inObject, section: 'version'},
    at: 0,
    wanted: '4 bytes',
    found: `${bytes.length} bytes`,
  },
);

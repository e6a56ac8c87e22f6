import test from 'ava';
import {EHDR, SHDR} from '../helpers/elf_edit.js';
import {edited, example, inObject, made} from './damaged_example.js';
import {planned, type Refusal, refused} from './refused.js';

/** Files that are no ELF object for BPF, or less than a whole one. */

const {bytes} = example;

const file = (content: Uint8Array | string) => () => ({object: Buffer.from(content)});

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

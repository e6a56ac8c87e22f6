import {readFile} from 'node:fs/promises';
import test from 'ava';
import {type CoreWasm, faultsOf, openCore, STATUS} from '../helpers/core_wasm.js';
import {buildElf, type NewSection, SHT} from '../helpers/elf_builder.js';
import {EHDR, SHDR} from '../helpers/elf_edit.js';
import {smallKernel} from '../malformed/refused.js';
import {getKernel} from '../rig/kernels.js';

/** The core's extractBtf: a file that holds a kernel in, its raw BTF or faults out. */

let core: CoreWasm;
let btf: Buffer;

test.before(async () => {
  core = await openCore();
  btf = await smallKernel();
});

const before: NewSection = {name: '.text', content: Buffer.alloc(4096, 0x90)};

function vmlinux(): Buffer {
  return buildElf([before, {name: '.BTF', content: btf}, {name: '.BTF_ids'}], []);
}

/** Where the header of section `index` is; 1 is `before`, 2 `.BTF`. */
function headerOf(elf: Buffer, index: number): number {
  return Number(elf.readBigUInt64LE(EHDR.shoff)) + index * EHDR.size;
}

test('section .BTF of an ELF file, byte for byte', t => {
  const {status, output} = core.call('extractBtf', {kernelImage: vmlinux()});
  t.is(status, STATUS.done);
  t.deepEqual(output, btf);
});

test('more sections than the ELF header can count', t => {
  const elf = vmlinux();
  const first = headerOf(elf, 0);
  elf.writeBigUInt64LE(BigInt(elf.readUInt16LE(EHDR.shnum)), first + SHDR.size);
  elf.writeUInt32LE(elf.readUInt16LE(EHDR.shstrndx), first + SHDR.link);
  elf.writeUInt16LE(0, EHDR.shnum);
  elf.writeUInt16LE(0xffff, EHDR.shstrndx);
  t.deepEqual(core.call('extractBtf', {kernelImage: elf}).output, btf);
});

test('an image of memory: the BTF that lies in it', async t => {
  const kernel = await readFile((await getKernel('6.1')).btf);
  // What looks like the start of a BTF, and is none.
  const decoy = Buffer.from('9feb010018000000ffffffff', 'hex');
  const image = Buffer.concat([Buffer.alloc(512), decoy, Buffer.alloc(500), kernel, decoy]);
  const {status, output} = core.call('extractBtf', {kernelImage: image});
  t.is(status, STATUS.done);
  t.true(output.equals(kernel));
});

const refusedImage = test.macro({
  exec(t, make: () => Buffer, code: string, says: RegExp) {
    const {status, output} = core.call('extractBtf', {kernelImage: make()});
    t.is(status, STATUS.faults);
    const [fault, ...more] = faultsOf({output});
    t.deepEqual(more, []);
    t.like(fault, {code, where: {input: 'kernel'}});
    t.regex(`${fault?.message} ${fault?.wanted} ${fault?.found}`, says);
    t.true((fault?.hint.length ?? 0) > 10);
  },
  title: (why = '', _make, code: string) => `${why}: ${code}`,
});

const edited = (edit: (elf: Buffer) => void) => () => {
  const elf = vmlinux();
  edit(elf);
  return elf;
};

test('text', refusedImage, () => Buffer.from('#!/bin/sh\n'), 'KERN_NO_BTF', /no ELF file/);
test('no section .BTF', refusedImage, () => buildElf([before], []), 'KERN_NO_BTF', /no section/);
test(
  '.BTF without bytes, as in separate debug files',
  refusedImage,
  () => buildElf([before, {name: '.BTF', type: SHT.NOBITS, size: 100}], []),
  'KERN_NO_BTF',
  /no bytes/,
);
test(
  'a compressed .BTF',
  refusedImage,
  () => buildElf([{name: '.BTF', flags: 0x800, content: btf}], []),
  'KERN_NO_BTF',
  /no bytes/,
);
test(
  'a 32-bit machine',
  refusedImage,
  edited(elf => elf.writeUInt8(1, EHDR.class)),
  'KERN_FOREIGN',
  /64-bit, little-endian 32-bit/,
);
test(
  'a big-endian machine',
  refusedImage,
  edited(elf => elf.writeUInt8(2, EHDR.data)),
  'KERN_FOREIGN',
  /64-bit, big-endian/,
);
test(
  'cut within the header',
  refusedImage,
  () => vmlinux().subarray(0, 63),
  'KERN_BAD_IMAGE',
  /63/,
);
test(
  'cut within the sections',
  refusedImage,
  () => vmlinux().subarray(0, -65),
  'KERN_BAD_IMAGE',
  /section table/,
);
test(
  'a section table whose end wraps',
  refusedImage,
  edited(elf => elf.writeBigUInt64LE(2n ** 64n - 64n, EHDR.shoff)),
  'KERN_BAD_IMAGE',
  /section table/,
);
test(
  'as many sections as 64 bits can count',
  refusedImage,
  edited(elf => {
    elf.writeUInt16LE(0, EHDR.shnum);
    elf.writeBigUInt64LE(2n ** 64n - 1n, headerOf(elf, 0) + SHDR.size);
  }),
  'KERN_BAD_IMAGE',
  /section table/,
);
test(
  'names in a section that is not there',
  refusedImage,
  edited(elf => elf.writeUInt16LE(99, EHDR.shstrndx)),
  'KERN_BAD_IMAGE',
  /section names/,
);
for (const [what, offset] of [
  ['begins', 2n ** 63n],
  ['ends', 4000n],
] as const) {
  test(
    `.BTF ${what} beyond the file`,
    refusedImage,
    edited(elf => {
      elf.writeBigUInt64LE(offset, headerOf(elf, 2) + SHDR.offset);
      elf.writeBigUInt64LE(BigInt(elf.length), headerOf(elf, 2) + SHDR.size);
    }),
    'KERN_BAD_IMAGE',
    /section \.BTF/,
  );
}

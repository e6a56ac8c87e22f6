import test from 'ava';
import {EHDR, SHDR} from '../helpers/elf_edit.js';
import {edited, example, inObject, made} from './damaged_example.js';
import {type Refusal, refused} from './refused.js';

/** Objects whose table of sections is damaged. */

const {bytes} = example;
const shnum = bytes.readUInt16LE(EHDR.shnum);
const btf = example.section('.BTF');

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

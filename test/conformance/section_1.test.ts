import test from 'ava';
import {BtfBuilder} from '../helpers/btf_builder.js';
import {BTF_HEADER} from '../helpers/btf_edit.js';
import {buildElf, SHF_EXECINSTR, STT} from '../helpers/elf_builder.js';
import {type ElfEdit, SHDR, SYM} from '../helpers/elf_edit.js';
import {refused, sameAsLibbpf} from './conform.js';
import {blob, fields, loadedBtf, mapCreate, names, progLoad} from './in_plan.js';

/** The ELF file: what a loader reads out of sections and symbols. */

const programs = {object: 'programs'};

test(
  '1.4 an object without a symbol table is refused',
  refused,
  {
    ...programs,
    edit: (elf: ElfEdit) => elf.u32(elf.section('.symtab').header + SHDR.type, 1),
  },
  'open ENOENT',
  'ELF_NO_SYMTAB',
);

for (const [objectName, map] of [
  ['a.bpf.o', 'a.bss'],
  ['a-b c+d.e.bpf.o', 'a_b_c_d.bss'],
  ['sixteen_letters_.bpf.o', 'sixteen_.bss'],
  ['.bpf.o', '.bss'],
] as const) {
  test(
    `1.5 the object's name out of ${objectName}: ${map}`,
    sameAsLibbpf,
    {...programs, objectName},
    (t, plan) => {
      t.is(mapCreate(plan, '.bss').attr.map_name, map);
    },
  );
}

test(
  '1.6 relocations of BTF and the like are passed over',
  sameAsLibbpf,
  {
    ...programs,
    edit: elf => {
      const ignored = ['.strtab', '.llvm_addrsig', '.rel.BTF', '.rel.BTF.ext'];
      // There are such sections; that of addresses is what nobody knows a relocation for.
      for (const name of ignored) elf.section(name);
    },
  },
  (t, plan) => t.is(plan.steps[0]?.cmd, 'BPF_BTF_LOAD'),
);

test('1.7 the licence ends at its NUL', sameAsLibbpf, programs, (t, plan) => {
  t.is(blob(progLoad(plan, 'sections_init'), 'license').toString(), 'GPL\0');
});
test(
  '1.7 without a licence it is empty',
  sameAsLibbpf,
  {
    ...programs,
    edit: () => small(null),
  },
  (t, plan) => t.is(blob(progLoad(plan, 'run'), 'license').toString(), '\0'),
);

test(
  '1.8 the section version is what a program is said to be made for',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    t.deepEqual(
      new Set(Object.values(fields(plan, 'BPF_PROG_LOAD', 'kern_version'))),
      new Set([0x010203]),
    );
  },
);

test(
  '1.10 BTF has to be in a section with bytes of the program',
  refused,
  {
    ...programs,
    edit: (elf: ElfEdit) => elf.u32(elf.section('.BTF').header + SHDR.type, 7),
  },
  'open LIBBPF_ERRNO__FORMAT',
  'ELF_BAD_SECTION',
);

test(
  '1.11 every section of code has programs, of a type or not',
  refused,
  {
    ...programs,
    // Then it is no longer optional.
    edit: (elf: ElfEdit) => dropLetter(elf, '?of_no_type'),
  },
  'load EINVAL',
  'OBJ_PROGRAM_TYPE',
);

/** Takes the first letter from a section's name. */
function dropLetter(elf: ElfEdit, section: string): void {
  const at = elf.section(section).header + SHDR.name;
  elf.u32(at, elf.bytes.readUInt32LE(at) + 1);
}

test(
  '1.12 data sections by name or by prefix, others are passed over',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    const data = names(plan, 'BPF_MAP_CREATE').filter(name => /^\.(ro)?data|hid/.test(name));
    t.deepEqual(data, [
      '.data',
      '.data.of_own',
      '.data.static_only',
      '.data.pointer',
      '.rodata',
      '.rodata.text',
    ]);
  },
);
test('1.13 .bss and .bss.…', sameAsLibbpf, programs, (t, plan) => {
  const bss = names(plan, 'BPF_MAP_CREATE').filter(name => name.startsWith('.bss'));
  t.deepEqual(bss, ['.bss', '.bss.others']);
});
test(
  '1.14 a pointer in global data stays what the file has there',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    t.is(names(plan, 'BPF_MAP_UPDATE_ELEM').indexOf('.data.pointer'), -1);
  },
);

/** A program for user space to run, and what else is asked for, in BTF and ELF from nothing. */
function small(section: {name: string; size: number} | null): Uint8Array {
  const btf = new BtfBuilder();
  btf.function('run', btf.prototype(btf.int('int', 4)), 1);
  const exit = Buffer.from('b700000000000000' + '9500000000000000', 'hex');
  return buildElf(
    [
      {name: 'syscall', flags: SHF_EXECINSTR, content: exit},
      ...(section === null ? [] : [{name: section.name, content: Buffer.alloc(section.size)}]),
      {name: '.BTF', content: btf.build()},
    ],
    [{name: 'run', type: STT.FUNC, section: 'syscall', size: 16}],
  );
}
test(
  '1.15 an empty section of struct_ops is none',
  sameAsLibbpf,
  {
    ...programs,
    edit: () => small({name: '.struct_ops', size: 0}),
  },
  (t, plan) =>
    t.deepEqual(
      plan.steps.map(({cmd}) => cmd),
      ['BPF_BTF_LOAD', 'BPF_PROG_LOAD'],
    ),
);
test(
  '1.15 one that is not empty has to be in BTF',
  refused,
  {
    ...programs,
    edit: () => small({name: '.struct_ops', size: 8}),
  },
  'open EINVAL',
  'OBJ_BAD_VARIABLE',
);

test(
  '1.16 each function of a section is a program of its own',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    const loaded = names(plan, 'BPF_PROG_LOAD');
    t.true(loaded.includes('sections_cong_avoid') && loaded.includes('sections_set_state'));
  },
);

test('1.19 a hidden function of .text is static in BTF', sameAsLibbpf, programs, (t, plan) => {
  const btf = loadedBtf(plan);
  t.is(btf.type('FUNC', 'hidden_first').vlen, 0);
  t.is(btf.type('FUNC', 'second').vlen, 1);
});
test(
  '1.20 programs of ? sections are loaded when something asks for them',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    const loaded = names(plan, 'BPF_PROG_LOAD');
    t.true(loaded.includes('sections_undo_cwnd'));
    t.false(loaded.includes('sections_not_used') || loaded.includes('of_no_type'));
  },
);
test(
  '1.21 programs in the order of sections, then of places',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    t.deepEqual(names(plan, 'BPF_PROG_LOAD'), [
      'sections_init',
      'sections_ssthresh',
      'sections_cong_avoid',
      'sections_set_state',
      'sections_undo_cwnd',
      'run_from_user_space',
    ]);
  },
);
test(
  '1.22 types of the callbacks, sleeping and not, and of syscall',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    const [types, flags] = ['prog_type', 'prog_flags'].map(field =>
      fields(plan, 'BPF_PROG_LOAD', field),
    );
    t.deepEqual([types?.sections_init, flags?.sections_init], [27, 0]);
    t.deepEqual([types?.sections_ssthresh, flags?.sections_ssthresh], [27, 16]);
    t.deepEqual([types?.run_from_user_space, flags?.run_from_user_space], [31, 16]);
  },
);
test('1.23 functions of .text are not loaded alone', sameAsLibbpf, programs, (t, plan) => {
  t.deepEqual(
    names(plan, 'BPF_PROG_LOAD').filter(name => /second|third|unused/.test(name)),
    [],
  );
});
test(
  '1.24 two programs of one name',
  sameAsLibbpf,
  {
    ...programs,
    edit: elf => {
      const [from, to] = [elf.symbol('sections_init'), elf.symbol('sections_set_state')];
      elf.u32(to.at + SYM.name, elf.bytes.readUInt32LE(from.at + SYM.name));
    },
  },
  (t, plan) => {
    t.is(names(plan, 'BPF_PROG_LOAD').filter(name => name === 'sections_init').length, 2);
  },
);

test(
  '1.26 differs: BTF of another version is refused, which no kernel knows',
  refused,
  {
    ...programs,
    edit: (elf: ElfEdit) => elf.btf.bytes.writeUInt8(2, BTF_HEADER.version),
  },
  'loads',
  'BTF_BAD_HEADER',
);
test(
  '1.28 a damaged .BTF.ext is refused',
  refused,
  {
    ...programs,
    edit: (elf: ElfEdit) => elf.bytes.writeUInt8(2, elf.section('.BTF.ext').offset + 2),
  },
  'open ENOTSUP',
  'BTF_EXT_BAD',
);
test(
  '1.29 what .BTF.ext says belongs to the section of that name',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    t.is(fields(plan, 'BPF_PROG_LOAD', 'func_info_cnt').sections_ssthresh, 5);
    t.is(fields(plan, 'BPF_PROG_LOAD', 'func_info_cnt').sections_undo_cwnd, 2);
  },
);

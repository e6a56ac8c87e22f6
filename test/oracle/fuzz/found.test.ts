import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {ElfEdit, SHDR, SYM} from '../../helpers/elf_edit.js';
import {REPOSITORY} from '../../rig/cache.js';
import type {CProgram} from './c_program.js';
import {compareObject, prepare} from './differential.js';
import {smallProgram as program} from './small_program.js';

/** What `npm run fuzz:libbpf` has found, each as small as it can be. */

const place = join(REPOSITORY, 'build/test/differential');

const RUN = 'int (*run)(struct s0 *p); ';
const UNION = 'union { u32 a; s32 b; }; ';
const STRUCT = 'struct { u32 c; u32 d; };';

const compareSources = async (sources: CProgram, name: string) =>
  compareObject(await prepare(sources, join(place, name)));

test('found: members without a name are those of the kernel in their order', async t => {
  const {verdict, plan, explained} = await compareSources(
    program(`${UNION}${RUN}${STRUCT}`, '.a = 1, .c = 2, .d = 3', `${RUN}${UNION}${STRUCT}`),
    'unnamed',
  );
  t.is(verdict.libbpf.text, 'load: ENOTSUP', 'libbpf takes the union for both');
  t.is(explained, 'members without a name');
  if (!('plan' in plan)) return t.fail(verdict.ours.text);
  const update = plan.plan.describe().steps.find(({cmd}) => cmd === 'BPF_MAP_UPDATE_ELEM');
  // Behind the common part: run, the union, the struct.
  t.is(update?.blobs.value, `${'00'.repeat(16)}01000000020000000300000000000000`);
});

test('found: one member without a name is as libbpf has it', async t => {
  const {verdict} = await compareSources(
    program(`${RUN}${UNION}`, '.a = 1', `${UNION}${RUN}`),
    'one_unnamed',
  );
  t.true(verdict.same, verdict.why.join('; '));
});

test('found: a map in itself is put there as soon as it is made', async t => {
  const {object, ...others} = program(RUN, '', RUN);
  const maps =
    'struct in { int (*type)[2]; int (*max_entries)[1]; u32 *key; u32 *value; };\n' +
    'struct { int (*type)[12]; int (*key_size)[4]; int (*max_entries)[2]; struct in *values[]; } m ' +
    '__attribute__((section(".maps"), used)) = {.values = {(void *)&m}};\n' +
    'struct in beside __attribute__((section(".maps"), used));\n';
  const {verdict} = await compareSources({object: object + maps, ...others}, 'map_in_itself');
  t.true(verdict.same, verdict.why.join('; '));
  t.is(verdict.libbpf.kind, 'attached');
});

const INSN_DST = 1;
const VAR_LINKAGE = 12;
const BTF_VAR_GLOBAL_EXTERN = 2;
const BINDING_NOBODY_KNOWS = 5 << 4;
const STT_FUNC = 2;
const [SHT_NULL, SHT_PROGBITS, SHT_GROUP] = [0, 1, 17];
const SHF_EXECINSTR = 4;
const SHN_COMMON = 0xfff2;

/** What is done to a good object, and what becomes of it in both hands. */
const DAMAGED: Readonly<Record<string, readonly [(elf: ElfEdit) => void, libbpf: string]>> = {
  'a call with a register to write to calls nothing': [
    elf => {
      const [call = 0] = elf.relocations('.relstruct_ops');
      const insn = elf.section('struct_ops').offset + elf.bytes.readUInt32LE(call);
      elf.bytes.writeUInt8(elf.bytes.readUInt8(insn + INSN_DST) | 3, insn + INSN_DST);
    },
    'attached',
  ],
  'a program is static only if its symbol is local': [
    elf => elf.bytes.writeUInt8(BINDING_NOBODY_KNOWS | STT_FUNC, elf.symbol('run').at + SYM.info),
    'attached',
  ],
  'a licence is known by the name of its section': [
    elf => elf.u32(elf.section('license').header + SHDR.type, SHT_NULL),
    'attached',
  ],
  'relocations of a variable are known by the name of their section': [
    elf => {
      const {header} = elf.section('.rel.struct_ops.link');
      elf.u32(header, elf.bytes.readUInt32LE(header) + 1);
    },
    'load: EINVAL',
  ],
  'relocations of a variable that are for no section are beyond it': [
    elf => {
      const {header} = elf.section('.rel.BTF');
      const name = elf.bytes.readUInt32LE(elf.section('.rel.struct_ops.link').header);
      elf.u32(header, name).u32(header + SHDR.info, 0);
    },
    'open: LIBBPF_ERRNO__FORMAT',
  ],
  'relocations of what is no code are of symbols in sections all the same': [
    elf => {
      elf.u32(elf.section('.rel.struct_ops.link').header + SHDR.info, elf.section('license').index);
      elf.u64(elf.relocations('.rel.struct_ops.link')[0] ?? 0, 0);
      elf.bytes.writeUInt16LE(SHN_COMMON, elf.symbol('run').at + SYM.shndx);
    },
    'open: LIBBPF_ERRNO__FORMAT',
  ],
  'relocations of what is marked as code are checked as those of code are': [
    elf => {
      const {header} = elf.section('.rel.BTF');
      const license = elf.section('license');
      elf.u32(header, elf.bytes.readUInt32LE(header) + 1).u32(header + SHDR.info, license.index);
      elf.u64(license.header + SHDR.flags, SHF_EXECINSTR);
    },
    'open: LIBBPF_ERRNO__FORMAT',
  ],
  'relocations that are called a licence are one': [
    elf => {
      const {header} = elf.section('.rel.BTF');
      elf.u32(header, elf.bytes.readUInt32LE(elf.section('license').header));
      elf.u32(header + SHDR.info, elf.sections.length);
    },
    'attached',
  ],
  'relocations into an empty .text': [
    elf => {
      elf.u64(elf.section('.text').header + SHDR.size, 0);
      elf.u32(elf.section('.relstruct_ops').header + SHDR.info, elf.section('.text').index);
    },
    'open: LIBBPF_ERRNO__FORMAT',
  ],
  'entries of the symbol table have another size': [
    elf => elf.u64(elf.section('.symtab').header + SHDR.entsize, 25),
    'open: LIBBPF_ERRNO__FORMAT',
  ],
  '.BTF.ext is no section of the program': [
    elf => elf.u32(elf.section('.BTF.ext').header + SHDR.type, SHT_GROUP),
    'open: LIBBPF_ERRNO__FORMAT',
  ],
  'nor is a second section .BTF.ext that is none': [
    elf =>
      elf.u32(
        elf.section('.rel.BTF').header,
        elf.bytes.readUInt32LE(elf.section('.BTF.ext').header),
      ),
    'open: LIBBPF_ERRNO__FORMAT',
  ],
  'an empty .BTF.ext is a damaged one': [
    elf => elf.u64(elf.section('.BTF.ext').header + SHDR.size, 0),
    'open: EINVAL',
  ],
  'code in a section for relocations of BTF is none': [
    elf => {
      const {header} = elf.section('.rel.BTF');
      elf.u32(header + SHDR.type, SHT_PROGBITS).u64(header + SHDR.flags, SHF_EXECINSTR);
      elf.bytes.writeUInt16LE(elf.section('.rel.BTF').index, elf.symbol('callee').at + SYM.shndx);
    },
    'open: LIBBPF_ERRNO__RELOC',
  ],
  'a variable that is elsewhere has no place in its section': [
    ({btf}) => btf.u32(btf.type('VAR', 'second').at + VAR_LINKAGE, BTF_VAR_GLOBAL_EXTERN),
    'attached',
  ],
  'of two sections .BTF the last counts': [
    elf =>
      elf.u32(elf.section('.BTF.ext').header, elf.bytes.readUInt32LE(elf.section('.BTF').header)),
    'open: EINVAL',
  ],
};

const damaged = test.macro({
  async exec(t, title: string) {
    const row = DAMAGED[title];
    if (row === undefined) return t.fail();
    const [damage, text] = row;
    const prepared = await prepare(program(RUN, '', RUN), join(place, title.replace(/\W+/g, '_')));
    const elf = new ElfEdit(await readFile(prepared.object));
    damage(elf);
    await writeFile(prepared.object, elf.bytes);
    const {verdict} = await compareObject(prepared);
    t.true(verdict.same, verdict.why.join('; '));
    return t.is(verdict.libbpf.text, text);
  },
  title: (_ = '', title) => `found: ${title}`,
});

for (const title of Object.keys(DAMAGED)) test(damaged, title);

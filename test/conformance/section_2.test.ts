import test from 'ava';
import {BTF_TYPE} from '../helpers/btf_edit.js';
import {type ElfEdit, SYM} from '../helpers/elf_edit.js';
import {outcomeOf, refused, sameAsLibbpf} from './conform.js';
import {fields, mapCreate, names, slotName, update} from './in_plan.js';

/** Variables of struct_ops sections become maps, and their callbacks programs. */

const matching = {object: 'matching'};
const programs = {object: 'programs'};

test(
  '2.1 each section of the four names is looked up in BTF by its whole name',
  sameAsLibbpf,
  matching,
  (t, plan) => {
    t.deepEqual(names(plan, 'BPF_LINK_CREATE'), ['three']);
  },
);
test('2.2 a map for each variable of each section', sameAsLibbpf, matching, (t, plan) => {
  t.deepEqual(names(plan, 'BPF_MAP_CREATE'), ['one', 'two_is_a_very_long_name', 'three']);
});
test(
  '2.4 a variable that reaches beyond its section',
  refused,
  {
    ...programs,
    edit: ({btf}: ElfEdit) =>
      btf.u32(btf.type('STRUCT', 'tcp_congestion_ops').at + BTF_TYPE.size_or_type, 4096),
  },
  'open EINVAL',
  'OBJ_BAD_VARIABLE',
);
test(
  '2.5 what a map is created with: type, sizes, entries, the flag of links',
  sameAsLibbpf,
  matching,
  (t, plan) => {
    const {map_type, key_size, max_entries, btf_value_type_id = 0} = mapCreate(plan, 'one').attr;
    t.deepEqual([map_type, key_size, max_entries, btf_value_type_id], [26, 4, 1, 0]);
    t.deepEqual(fields(plan, 'BPF_MAP_CREATE', 'map_flags'), {
      one: 0,
      two_is_a_very_long_name: 0,
      three: 0x2000,
    });
  },
);
test('2.6 differs: no variable of an optional section is created, libbpf creates the second', async t => {
  const {libbpf, plan, faults} = await outcomeOf({object: 'optional_two'});
  t.deepEqual(faults, []);
  const theirs = libbpf.steps.filter(({cmd}) => cmd === 'BPF_MAP_CREATE').map(({name}) => name);
  t.deepEqual(theirs, ['second_optional']);
  t.deepEqual(
    plan?.steps.map(({cmd}) => cmd),
    ['BPF_BTF_LOAD', 'BPF_PROG_LOAD'],
  );
});
test('2.7 members have the values of the section', sameAsLibbpf, matching, (t, plan) => {
  const name = update(plan, 'two_is_a_very_long_name').members?.find(({name}) => name === 'flags');
  t.is(name?.hex, '78563412');
});
test('2.8 the kernel is told 15 bytes of the name', sameAsLibbpf, matching, (t, plan) => {
  t.is(mapCreate(plan, 'two_is_a_very_long_name').attr.map_name, 'two_is_a_very_l');
});

/** The place of the first relocation of the variable, whose callback is `sections_init`. */
const relocation = (elf: ElfEdit) => elf.relocations('.rel.struct_ops')[0] ?? 0;
/** Lets it be of another symbol. */
const ofSymbol = (name: string) => (elf: ElfEdit) =>
  elf.u32(relocation(elf) + 12, elf.symbol(name).index);
const badCallback = 'OBJ_BAD_CALLBACK';

test(
  '2.9 a relocation outside of any variable',
  refused,
  {
    ...programs,
    edit: (elf: ElfEdit) => elf.u64(relocation(elf), 4000),
  },
  'open EINVAL',
  'ELF_BAD_RELOCATION',
);
test(
  '2.9 a relocation of no symbol',
  refused,
  {
    ...programs,
    edit: (elf: ElfEdit) => elf.u32(relocation(elf) + 12, 9999),
  },
  'open LIBBPF_ERRNO__FORMAT',
  'ELF_BAD_RELOCATION',
);
test(
  '2.10 a callback that is an absolute symbol',
  refused,
  {
    ...programs,
    edit: (elf: ElfEdit) => {
      ofSymbol('LICENSE')(elf);
      elf.u16(elf.symbol('LICENSE').at + SYM.shndx, 0xfff1);
    },
  },
  'open LIBBPF_ERRNO__RELOC',
  badCallback,
);
test(
  '2.11 a callback in the middle of an instruction',
  refused,
  {
    ...programs,
    edit: ofSymbol('hidden_variable'),
  },
  'open LIBBPF_ERRNO__FORMAT',
  badCallback,
);
test(
  '2.12 a relocation where no member begins',
  refused,
  {
    ...programs,
    edit: (elf: ElfEdit) => elf.u64(relocation(elf), 8),
  },
  'open EINVAL',
  badCallback,
);
test(
  '2.14 a callback that is no function',
  refused,
  {
    ...programs,
    edit: ofSymbol('LICENSE'),
  },
  'open EINVAL',
  badCallback,
);
test('2.16 members that are callbacks hold their programs', sameAsLibbpf, matching, (t, plan) => {
  const members = update(plan, 'one').members?.filter(({slot}) => slot !== undefined) ?? [];
  t.deepEqual(
    members.map(({name, slot}) => [name, slotName(plan, slot)]),
    [
      ['ssthresh', 'shared_ssthresh'],
      ['cong_avoid', 'shared_cong_avoid'],
      ['undo_cwnd', 'undo_of_one'],
    ],
  );
});
test('2.17 a program may be in several variables', sameAsLibbpf, matching, (t, plan) => {
  const users = names(plan, 'BPF_MAP_UPDATE_ELEM').filter(name =>
    update(plan, name).members?.some(({slot}) => slotName(plan, slot) === 'shared_cong_avoid'),
  );
  t.deepEqual(users, ['one', 'two_is_a_very_long_name', 'three']);
});

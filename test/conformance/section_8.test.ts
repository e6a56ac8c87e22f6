import test from 'ava';
import type {PlanDescription} from '../../src/index.js';
import {BTF_TYPE} from '../helpers/btf_edit.js';
import type {ElfEdit} from '../helpers/elf_edit.js';
import {outcomeOf, refused, sameAsLibbpf} from './conform.js';
import {
  blob,
  fields,
  loadedBtf,
  mapCreate,
  names,
  progLoad,
  slotName,
  step,
  typeName,
} from './in_plan.js';

/** Maps. */

const SECINFO_SIZE = 8;

const maps = {object: 'maps'};
const programs = {object: 'programs'};
const arena = {object: 'arena', kernel: 'newest'} as const;
const badMap = 'OBJ_BAD_MAP';

/** The place of a member in the struct that defines a map. */
function attribute({btf}: ElfEdit, map: string, index: number): number {
  const {at} = btf.type('VAR', map);
  const type = btf.types[btf.bytes.readUInt32LE(at + BTF_TYPE.size_or_type) - 1];
  if (type === undefined) throw new Error(`${map} has no type`);
  return btf.part(type, index);
}

/** Lets a member have the name of another one of another map. */
const called =
  (map: string, index: number, [otherMap, other]: readonly [string, number]) =>
  (elf: ElfEdit) => {
    const from = attribute(elf, otherMap, other);
    elf.btf.u32(attribute(elf, map, index), elf.btf.bytes.readUInt32LE(from));
  };
/** Lets a member have the type of another one. */
const typed =
  (map: string, index: number, [otherMap, other]: readonly [string, number]) =>
  (elf: ElfEdit) => {
    const from = attribute(elf, otherMap, other);
    elf.btf.u32(attribute(elf, map, index) + 4, elf.btf.bytes.readUInt32LE(from + 4));
  };

test(
  '8.1 a definition in .maps that is static',
  refused,
  {
    ...maps,
    edit: ({btf}: ElfEdit) => btf.u32(btf.type('VAR', 'hash').at + BTF_TYPE.more, 0),
  },
  'open ENOTSUP',
  badMap,
);
test(
  '8.1 a definition that is no struct',
  refused,
  {
    ...maps,
    edit: ({btf}: ElfEdit) =>
      btf.u32(btf.type('VAR', 'hash').at + BTF_TYPE.size_or_type, btf.type('INT', 'int').id),
  },
  'open EINVAL',
  badMap,
);
test('8.1 maps are made in the order of their places', sameAsLibbpf, maps, (t, plan) => {
  const btf = loadedBtf(plan);
  const datasec = btf.type('DATASEC', '.maps');
  const inOrder = Array.from({length: datasec.vlen}, (_, i) =>
    typeName(plan, btf.bytes.readUInt32LE(btf.part(datasec, i))),
  );
  const made = names(plan, 'BPF_MAP_CREATE').filter(name => inOrder.includes(name));
  t.deepEqual(made, inOrder);
});
test('8.2 numbers are lengths of arrays', sameAsLibbpf, maps, (t, plan) => {
  const {attr} = mapCreate(plan, 'lru_hash_on_a_node');
  const {map_type, max_entries, map_flags, numa_node, key_size} = attr;
  t.deepEqual([map_type, max_entries, map_flags, numa_node, key_size], [9, 7, 4, 1, 4]);
});
test(
  '8.2 a number that is a pointer to something else',
  refused,
  {
    ...maps,
    edit: typed('hash', 0, ['hash', 3]),
  },
  'open EINVAL',
  badMap,
);
test('8.3 key and value by type: sizes and ids', sameAsLibbpf, maps, (t, plan) => {
  const {
    key_size,
    value_size,
    btf_key_type_id = 0,
    btf_value_type_id = 0,
  } = mapCreate(plan, 'hash').attr;
  t.deepEqual([key_size, value_size], [8, 32]);
  t.true(Number(btf_key_type_id) > 0 && Number(btf_value_type_id) > 0);
});
test(
  '8.3 two sizes of one key',
  refused,
  {
    ...maps,
    edit: typed('lru_hash_on_a_node', 3, ['stack_trace', 2]),
  },
  'open EINVAL',
  badMap,
);
test(
  '8.3 a key that is an array and no pointer',
  refused,
  {
    ...maps,
    edit: (elf: ElfEdit) =>
      elf.btf.u32(attribute(elf, 'hash', 2) + 4, elf.btf.type('INT', 'int').id),
  },
  'open EINVAL',
  badMap,
);
test('8.4 map_extra as an array and as an enum', sameAsLibbpf, maps, (t, plan) => {
  t.is(mapCreate(plan, 'bloom_filter').attr.map_extra, 3);
  t.is(mapCreate(plan, 'other_bloom_filter').attr.map_extra, 5);
});
test(
  '8.6 values in a map that holds neither maps nor programs',
  refused,
  {
    ...maps,
    edit: called('hash', 3, ['array_of_maps', 3]),
  },
  'open EINVAL',
  badMap,
);
test('8.6 what a map of maps holds is told by a map', sameAsLibbpf, maps, (t, plan) => {
  t.is(mapCreate(plan, 'array_of_rings').attr.value_size, 4);
  const {map_type, max_entries} = mapCreate(plan, 'array_of_rings.inner').attr;
  t.deepEqual([map_type, max_entries], [27, 4096]);
});
test(
  '8.7 an attribute that nobody knows',
  refused,
  {
    ...maps,
    // A name that there is: that of a variable.
    edit: ({btf, ...elf}: ElfEdit) => {
      void elf;
      const type =
        btf.types[btf.bytes.readUInt32LE(btf.type('VAR', 'hash').at + BTF_TYPE.size_or_type) - 1];
      if (type !== undefined)
        btf.u32(btf.part(type, 1), btf.bytes.readUInt32LE(btf.type('VAR', 'queue').at));
    },
  },
  'open ENOTSUP',
  badMap,
);
test(
  '8.7 a map without a type',
  refused,
  {
    ...maps,
    edit: called('hash', 0, ['lru_hash_on_a_node', 6]),
  },
  'open EINVAL',
  badMap,
);

const RINGS = {
  ring_of_one_page: 4096,
  ring_of_5000: 8192,
  ring_of_3_pages: 16384,
  ring_of_4_pages: 16384,
  ring_of_nothing: 0,
  user_ring_of_1: 4096,
};
test('8.8 ring buffers have a power of two of pages, or nothing', sameAsLibbpf, maps, (t, plan) => {
  const entries = fields(plan, 'BPF_MAP_CREATE', 'max_entries');
  for (const [name, bytes] of Object.entries(RINGS)) t.is(entries[name], bytes, name);
});
test(
  '8.9 an array of perf events without a size has one for each CPU, known when it is made',
  sameAsLibbpf,
  maps,
  (t, plan) => {
    const values = (name: string) =>
      mapCreate(plan, name).patches.filter(({put}) => put === 'value');
    t.deepEqual(
      values('perf_event_array').map(({value, field}) => [value, field]),
      [['POSSIBLE_CPUS', 'max_entries']],
    );
    t.deepEqual(values('perf_event_array_of_8'), []);
    t.is(mapCreate(plan, 'perf_event_array_of_8').attr.max_entries, 8);
  },
);

/** What is put into a map of maps or programs: index and name. */
const slots = (plan: PlanDescription, name: string) =>
  plan.steps
    .filter(step => step.cmd === 'BPF_MAP_UPDATE_ELEM' && step.name === name)
    .map(step => [
      blob(step, 'key').readUInt32LE(),
      slotName(plan, step.patches.find(({in: place}) => place === 'value')?.slot),
    ]);
test(
  '8.10 values of maps: maps by their index, programs once they are loaded',
  sameAsLibbpf,
  maps,
  (t, plan) => {
    t.deepEqual(slots(plan, 'array_of_maps'), [
      [0, 'two'],
      [2, 'one'],
    ]);
    t.deepEqual(slots(plan, 'hash_of_maps'), [[3, 'one']]);
    t.deepEqual(slots(plan, 'prog_array'), [[1, 'tail']]);
    const order = plan.steps.map(({cmd, name}) => `${cmd} ${name}`);
    t.true(
      order.indexOf('BPF_MAP_UPDATE_ELEM prog_array') > order.lastIndexOf('BPF_PROG_LOAD jumps'),
    );
  },
);
/** Where the relocation of the program in prog_array is, the last one. */
const lastSlot = (elf: ElfEdit) => elf.relocations('.rel.maps').at(-1) ?? 0;
test(
  '8.10 a value outside of any definition',
  refused,
  {
    ...maps,
    edit: (elf: ElfEdit) => elf.u64(lastSlot(elf), 3),
  },
  'open EINVAL',
  badMap,
);
test(
  '8.10 a value beyond the end of its definition',
  refused,
  {
    ...maps,
    edit: ({btf}: ElfEdit) => {
      const {id} = btf.type('VAR', 'prog_array');
      const datasec = btf.type('DATASEC', '.maps');
      const entries = Array.from({length: datasec.vlen}, (_, i) => btf.part(datasec, i));
      const entry = entries.find(at => btf.bytes.readUInt32LE(at) === id);
      if (entry === undefined) throw new Error('prog_array is not in .maps');
      btf.u32(entry + SECINFO_SIZE, btf.bytes.readUInt32LE(entry + SECINFO_SIZE) - 8);
    },
  },
  'open EINVAL',
  badMap,
);
test(
  '8.10 a program in a map of maps',
  refused,
  {
    ...maps,
    edit: (elf: ElfEdit) =>
      elf.u32((elf.relocations('.rel.maps')[0] ?? 0) + 12, elf.symbol('tail').index),
  },
  'open LIBBPF_ERRNO__RELOC',
  badMap,
);
test(
  '8.10 a map in an array of programs',
  refused,
  {
    ...maps,
    edit: (elf: ElfEdit) => elf.u32(lastSlot(elf) + 12, elf.symbol('one').index),
  },
  'open ESRCH',
  badMap,
);

test(
  '8.11 maps of .maps, then of data in the order of sections, then of options, then of struct_ops',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    t.deepEqual(names(plan, 'BPF_MAP_CREATE'), [
      ...['.data', '.data.of_own', '.data.static_only', '.data.pointer', '.rodata', '.rodata.text'],
      ...['.bss', '.bss.others', 'so_sections'],
    ]);
  },
);
test(
  '8.12 names of data maps',
  sameAsLibbpf,
  {...programs, objectName: 'my_object_name.bpf.o'},
  (t, plan) => {
    const mapNames = fields(plan, 'BPF_MAP_CREATE', 'map_name');
    t.is(mapNames['.rodata'], 'my_objec.rodata');
    t.is(mapNames['.bss'], 'my_objec.bss');
    t.is(mapNames['.data.static_only'], '.data.static_on');
  },
);
test(
  '8.13 what programs may only read, what user space may map, and where there is a type',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    const flags = fields(plan, 'BPF_MAP_CREATE', 'map_flags');
    t.is(flags['.rodata'], 0x480);
    t.is(flags['.data'], 0x400);
    t.is(flags['.data.static_only'], 0);
  },
);
test(
  '8.14 data is written, what is only read is frozen; zeros are not written',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    t.deepEqual(names(plan, 'BPF_MAP_FREEZE'), ['.rodata', '.rodata.text']);
    const written = names(plan, 'BPF_MAP_UPDATE_ELEM');
    t.true(written.includes('.data.of_own'));
    t.false(written.includes('.bss'));
  },
);
test('8.14 a .bss of 166 MB makes no plan of that size', async t => {
  const size = 165_706_296;
  const {plan, faults} = await outcomeOf({
    ...programs,
    edit: (elf: ElfEdit) => elf.u64(elf.section('.bss').header + 32, size),
  });
  t.deepEqual(faults, []);
  if (plan === null) return;
  t.is(mapCreate(plan, '.bss').attr.value_size, size);
  t.true(plan.plan.size < 20_000);
});
test('8.17 the kernel is told 15 bytes of a name', sameAsLibbpf, maps, (t, plan) => {
  t.is(mapCreate(plan, 'percpu_array_with_a_long_name').attr.map_name, 'percpu_array_wi');
});

const WITHOUT_BTF = [
  ...['perf_event_array', 'cgroup_array', 'stack_trace', 'array_of_maps', 'hash_of_maps', 'devmap'],
  ...['devmap_hash', 'cpumap', 'xskmap', 'sockmap', 'sockhash', 'queue', 'stack'],
];
test('8.18 kinds of maps that are made without BTF, and others', sameAsLibbpf, maps, (t, plan) => {
  const hasBtf = (name: string) =>
    mapCreate(plan, name).patches.some(({field}) => field === 'btf_fd');
  t.deepEqual(WITHOUT_BTF.filter(hasBtf), []);
  for (const name of ['hash', 'prog_array', 'sk_storage', 'ring_of_5000', 'one'])
    t.true(hasBtf(name), name);
});
test('8.18 an arena is made without BTF', sameAsLibbpf, arena, (t, plan) => {
  t.deepEqual(mapCreate(plan, 'arena').patches, []);
});
test('8.19 a map of struct_ops', sameAsLibbpf, maps, (t, plan) => {
  const {attr, patches} = mapCreate(plan, 'so_maps');
  t.deepEqual(Object.keys(attr), [
    'map_type',
    'key_size',
    'value_size',
    'max_entries',
    'map_name',
    'btf_vmlinux_value_type_id',
  ]);
  t.deepEqual(
    patches.map(({field}) => field),
    ['btf_fd'],
  );
});
test(
  '8.20 differs: links on a kernel without them are known before',
  refused,
  {object: 'matching', kernel: '6.1'},
  'load EINVAL',
  'KERN_NO_LINKS',
);
test(
  '8.21 a map of maps is told what it holds by a map that is made before',
  sameAsLibbpf,
  maps,
  (t, plan) => {
    const {patches} = mapCreate(plan, 'array_of_maps');
    t.deepEqual(
      patches.map(({field, slot}) => [field, slotName(plan, slot)]),
      [['inner_map_fd', 'array_of_maps.inner']],
    );
  },
);

test('8.21 differs: where a program is not loaded its place in a map stays empty, and the plan says so', async t => {
  const {libbpf, plan, faults} = await outcomeOf({...maps, settings: {autoload: {tail: false}}});
  t.is(libbpf.refused?.name, 'prog_array');
  t.is(libbpf.error?.code, 'EBADF');
  t.deepEqual(faults, []);
  if (plan === null) return;
  t.deepEqual(slots(plan, 'prog_array'), []);
  const warnings = plan.warnings.map(({text}) => text);
  t.true(
    warnings.includes('prog_array stays empty at 1: program tail is not loaded'),
    warnings.join(),
  );
});

test('8.5 8.22 a map that is pinned by name is a command of its own, with what the map is made with', async t => {
  const {libbpf, plan, faults} = await outcomeOf({object: 'pinned'});
  t.deepEqual(faults, []);
  if (plan === null) return;
  // There is no bpffs for libbpf, so this is as far as it gets.
  t.regex(libbpf.log, /kept_by_name/);
  const theirs = libbpf.steps.find(({attr}) => attr.map_name === 'kept_by_name');
  const ours = step(plan, 'STRUCTOPS_PINNED_MAP', 'kept_by_name');
  t.deepEqual(ours.attr, theirs?.attr ?? {});
  t.is(blob(ours, 'pathname').toString(), 'kept_by_name\0');
  t.is(mapCreate(plan, 'not_kept').slot, (ours.slot ?? 0) + 1);
  const used = progLoad(plan, 'pinned_ssthresh').patches.find(patch => patch.in === 'insns');
  t.is(slotName(plan, used?.slot), 'kept_by_name');
});
test(
  '8.5 a map that is pinned in another way',
  refused,
  {
    object: 'pinned',
    edit: (elf: ElfEdit) => elf.btf.u32(lengthOf(elf, 'kept_by_name', 4), 2),
  },
  'open EINVAL',
  badMap,
);

for (const [kernel, offset] of [
  ['6.12', 0],
  ['newest', (100 - 2) * 4096],
] as const) {
  test(
    `8.24 variables of an arena, Linux ${kernel}: at ${offset}`,
    sameAsLibbpf,
    {...arena, kernel},
    (t, plan) => {
      const mapped = plan.steps.find(({cmd}) => cmd === 'STRUCTOPS_ARENA_MAP');
      t.is(mapped?.attr.offset ?? 0, offset);
      t.is(mapped?.blobs.data?.slice(0, 34), '07000000000000000800000000000000' + '09');
      const loads = progLoad(plan, 'arena_ssthresh').patches.filter(
        ({slot}) => slotName(plan, slot) === 'arena',
      );
      t.true(loads.length > 0);
    },
  );
}
test(
  '8.24 more variables than the arena has room for',
  refused,
  {
    ...arena,
    edit: (elf: ElfEdit) => elf.btf.u32(lengthOf(elf, 'arena', 2), 1),
  },
  'open E2BIG',
  badMap,
);
test(
  '8.24 variables of an arena without one',
  refused,
  {
    ...arena,
    // Of another type, such as that of its flags: a hash that is as large.
    edit: (elf: ElfEdit) => elf.btf.u32(lengthOf(elf, 'arena', 0), 2),
  },
  'open ENOENT',
  badMap,
);

/** Where the length of the array is by which a number is told. */
function lengthOf(elf: ElfEdit, map: string, index: number): number {
  const {btf} = elf;
  const typeAt = (id: number) => btf.types[id - 1]?.at ?? 0;
  const pointer = btf.bytes.readUInt32LE(attribute(elf, map, index) + 4);
  return (
    typeAt(btf.bytes.readUInt32LE(typeAt(pointer) + BTF_TYPE.size_or_type)) + BTF_TYPE.more + 8
  );
}

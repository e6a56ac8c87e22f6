import test from 'ava';
import {BTF_HEADER, BTF_TYPE} from '../helpers/btf_edit.js';
import type {ElfEdit} from '../helpers/elf_edit.js';
import {outcomeOf, refused, sameAsLibbpf} from './conform.js';
import {loadedBtf, names, offsetIn, step} from './in_plan.js';
import {replaceSection} from './replace_section.js';

/** The object's BTF, as it is loaded. */

const KFLAG = 1 << 31;

const programs = {object: 'programs'};
const matching = {object: 'matching'};
const externs = {
  object: 'externs',
  kconfig: [
    ...['CONFIG_A_BOOL=y', 'CONFIG_A_CHAR=m', 'CONFIG_A_BYTE=1', 'CONFIG_A_SHORT=1'],
    ...['CONFIG_AN_INT=1', 'CONFIG_A_LONG=1', 'CONFIG_A_TRISTATE=m', 'CONFIG_A_TEXT="x"', ''],
  ].join('\n'),
};

test(
  '7.1 functions of .ksyms are listed as a variable that is added, and become global',
  sameAsLibbpf,
  externs,
  (t, plan) => {
    const btf = loadedBtf(plan);
    t.is(btf.types.at(-1)?.name, 'dummy_ksym');
    t.is(btf.type('FUNC', 'bpf_rcu_read_lock').vlen, 1);
    t.true(offsetIn(plan, '.ksyms', 'dummy_ksym') >= 0);
  },
);
test(
  '7.1 what else is said of such a function stays',
  sameAsLibbpf,
  {
    ...externs,
    edit: ({btf}: ElfEdit) => {
      const at = btf.type('FUNC', 'bpf_rcu_read_lock').at + BTF_TYPE.info;
      return btf.u32(at, (btf.bytes.readUInt32LE(at) | KFLAG) >>> 0);
    },
  },
  (t, plan) => {
    const btf = loadedBtf(plan);
    const info = btf.bytes.readUInt32LE(btf.type('FUNC', 'bpf_rcu_read_lock').at + BTF_TYPE.info);
    t.is(info & KFLAG, KFLAG);
  },
);
test(
  '7.2 variables of .ksyms become numbers of 4 bytes, one behind the other',
  sameAsLibbpf,
  externs,
  (t, plan) => {
    const btf = loadedBtf(plan);
    const int = btf.bytes.readUInt32LE(btf.type('VAR', 'runqueues').at + BTF_TYPE.size_or_type);
    t.is(btf.types[int - 1]?.kind, 'INT');
    const datasec = btf.type('DATASEC', '.ksyms');
    const offsets = Array.from({length: datasec.vlen}, (_, i) =>
      btf.bytes.readUInt32LE(btf.part(datasec, i) + 4),
    );
    t.deepEqual(
      offsets,
      offsets.map((_, i) => 4 * i),
    );
    t.is(btf.bytes.readUInt32LE(datasec.at + BTF_TYPE.size_or_type), 4 * datasec.vlen);
  },
);
test('7.3 options have places, in the order of the externs', sameAsLibbpf, externs, (t, plan) => {
  t.is(offsetIn(plan, '.kconfig', 'CONFIG_A_LONG'), 0);
  const btf = loadedBtf(plan);
  t.is(btf.bytes.readUInt32LE(btf.type('VAR', 'CONFIG_A_LONG').at + BTF_TYPE.more), 1);
});
test(
  "7.4 sections get the size of the file's, variables their places",
  sameAsLibbpf,
  programs,
  (t, plan) => {
    const btf = loadedBtf(plan);
    t.is(btf.bytes.readUInt32LE(btf.type('DATASEC', '.bss').at + BTF_TYPE.size_or_type), 408);
    t.is(offsetIn(plan, '.data', 'hidden_variable'), 4);
  },
);
test(
  '7.4 a section that the file does not have',
  refused,
  {
    ...programs,
    edit: ({btf}: ElfEdit) => {
      const license = btf.type('DATASEC', 'license');
      btf.u32(
        license.at + BTF_TYPE.name_off,
        btf.bytes.readUInt32LE(btf.type('VAR', 'LICENSE').at),
      );
    },
  },
  'open ENOENT',
  'OBJ_BAD_VARIABLE',
);
test('7.5 the variables of a section are sorted by place', sameAsLibbpf, matching, (t, plan) => {
  const btf = loadedBtf(plan);
  for (const datasec of btf.types.filter(({kind}) => kind === 'DATASEC')) {
    const offsets = Array.from({length: datasec.vlen}, (_, i) =>
      btf.bytes.readUInt32LE(btf.part(datasec, i) + 4),
    );
    t.deepEqual(
      offsets,
      [...offsets].sort((a, b) => a - b),
    );
  }
});
test('7.6 the BTF that is loaded is not that of the file', sameAsLibbpf, externs, (t, plan) => {
  const btf = loadedBtf(plan);
  t.is(btf.bytes.length, btf.header('hdr_len') + btf.header('type_len') + btf.header('str_len'));
});

/** With a header of 32 bytes, and where the kinds are described, 4 bytes each. */
function withLayout(elf: ElfEdit, layoutSize: number, layout = layoutSize): Uint8Array {
  const {btf} = elf;
  const [types, strings] = [btf.header('type_len'), btf.header('str_len')];
  const header = Buffer.alloc(32);
  btf.bytes.copy(header, 0, 0, 24);
  header.writeUInt32LE(32, BTF_HEADER.hdr_len);
  header.writeUInt32LE(types + layoutSize, BTF_HEADER.str_off);
  header.writeUInt32LE(layoutSize > 0 ? types : 0, 24);
  header.writeUInt32LE(layout, 28);
  return replaceSection(
    elf,
    '.BTF',
    Buffer.concat([
      header,
      btf.bytes.subarray(btf.typesAt, btf.typesAt + types),
      Buffer.alloc(layoutSize, 7),
      btf.bytes.subarray(btf.stringsAt, btf.stringsAt + strings),
    ]),
  );
}

test(
  '7.8 a header that has room for a layout and none goes to the kernel as it is',
  sameAsLibbpf,
  {
    object: 'optional',
    kernel: '6.1',
    edit: elf => withLayout(elf, 0),
  },
  (t, plan) => t.is(loadedBtf(plan).header('hdr_len'), 32),
);
for (const [kernel, left] of [
  ['6.1', 0],
  ['6.12', 0],
  ['newest', 80],
] as const) {
  // libbpf 1.7 knows of no layout, so it cannot be asked.
  test(`7.8 the layout of ${left === 0 ? 'BTF is left out' : 'BTF stays'} for Linux ${kernel}`, async t => {
    const {plan, faults} = await outcomeOf({
      object: 'optional_two',
      kernel,
      edit: elf => withLayout(elf, 80),
    });
    const plain = await outcomeOf({object: 'optional_two', kernel});
    t.deepEqual(faults, []);
    if (plan === null || plain.plan === null) return;
    const [btf, without] = [loadedBtf(plan), loadedBtf(plain.plan)];
    t.is(btf.bytes.length, without.bytes.length + 8 + left);
    t.is(btf.header('str_off'), btf.header('type_len') + left);
    t.is(btf.bytes.readUInt32LE(28), left);
    t.deepEqual(
      btf.types.map(({name}) => name),
      without.types.map(({name}) => name),
    );
  });
}
test(
  '7.8 a layout behind the strings',
  refused,
  {
    object: 'optional_two',
    edit: (elf: ElfEdit) => withLayout(elf, 80, 84),
  },
  'loads',
  'BTF_BAD_HEADER',
);
for (const kernel of ['6.1', '6.12'] as const) {
  test(
    `7.9 ? at the start of a section's name, for Linux ${kernel}`,
    sameAsLibbpf,
    {object: 'optional', kernel},
    (t, plan) => {
      const sections = loadedBtf(plan)
        .types.filter(({kind}) => kind === 'DATASEC')
        .map(({name}) => name);
      t.true(sections.includes(kernel === '6.1' ? '_.struct_ops' : '?.struct_ops'));
    },
  );
}
test(
  '7.11 BTF is loaded with its size, and no log is asked for',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    const {attr, blobs} = step(plan, 'BPF_BTF_LOAD', 'programs.bpf.o');
    t.deepEqual(attr, {btf_size: (blobs.btf ?? '').length / 2});
  },
);
test('7.12 hidden variables and functions are static', sameAsLibbpf, programs, (t, plan) => {
  const btf = loadedBtf(plan);
  t.is(btf.bytes.readUInt32LE(btf.type('VAR', 'hidden_variable').at + BTF_TYPE.more), 0);
  t.is(btf.type('FUNC', 'hidden_first').vlen, 0);
});
test(
  '7.14 the whole BTF is loaded once, for all maps and programs',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    t.is(names(plan, 'BPF_BTF_LOAD').length, 1);
    const fds = plan.steps.flatMap(({patches}) =>
      patches.filter(({field}) => field === 'btf_fd' || field === 'prog_btf_fd'),
    );
    t.is(new Set(fds.map(({slot}) => slot)).size, 1);
    t.true(fds.length > 10);
  },
);

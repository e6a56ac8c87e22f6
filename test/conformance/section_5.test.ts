import test from 'ava';
import type {PlanDescription} from '../../src/index.js';
import {BTF_TYPE} from '../helpers/btf_edit.js';
import {type ElfEdit, SYM} from '../helpers/elf_edit.js';
import {moduleBtf} from '../module/btf_of_module.js';
import {refused, type Situation, sameAsLibbpf} from './conform.js';
import {
  blob,
  CALL,
  insnsOf,
  LDIMM64,
  names,
  offsetIn,
  progLoad,
  slotName,
  typeName,
  update,
} from './in_plan.js';

/** What instructions refer to. */

const STT_OBJECT = 1;
const STT_SECTION = 3;

const programs = {object: 'programs'};
const ofModule = {object: 'module_kind', modules: () => moduleBtf('6.12')} as const;

/** A value for each option of externs.bpf.c. */
const OPTIONS = {
  CONFIG_A_BOOL: 'y',
  CONFIG_A_CHAR: 'm',
  CONFIG_A_BYTE: '0xff',
  CONFIG_A_SHORT: '-300',
  CONFIG_AN_INT: '010',
  CONFIG_A_LONG: '18446744073709551615',
  CONFIG_A_TRISTATE: 'm',
  CONFIG_A_TEXT: '"longer than that"',
};
const externs = (options: Partial<typeof OPTIONS> = {}): Situation => ({
  object: 'externs',
  kconfig: Object.entries({...OPTIONS, ...options})
    .map(([name, value]) => `${name}=${value}\n`)
    .join(''),
});

/** The loads and calls of a program that refer to something. */
const references = (plan: PlanDescription, program: string) =>
  insnsOf(progLoad(plan, program)).filter(
    ({code, src, imm}) => code === LDIMM64 || (code === CALL && (src !== 0 || imm > 1000)),
  );

/** Where the first relocation of a section's code is in the file. */
const first = (elf: ElfEdit, section: string) => elf.relocations(section)[0] ?? 0;

test(
  '5.1 a relocation of no symbol',
  refused,
  {
    ...programs,
    edit: (elf: ElfEdit) => elf.u32(first(elf, '.relsyscall') + 12, 9999),
  },
  'open LIBBPF_ERRNO__FORMAT',
  'ELF_BAD_RELOCATION',
);
test(
  '5.1 a relocation in the middle of an instruction',
  refused,
  {
    ...programs,
    edit: (elf: ElfEdit) => elf.u64(first(elf, '.relsyscall'), 4),
  },
  'open LIBBPF_ERRNO__FORMAT',
  'ELF_BAD_RELOCATION',
);
test(
  '5.1 the type of a relocation means nothing',
  sameAsLibbpf,
  {
    ...programs,
    edit: (elf: ElfEdit) => elf.u32(first(elf, '.relsyscall') + 8, 77),
  },
  (t, plan) => t.true(names(plan, 'BPF_PROG_LOAD').includes('run_from_user_space')),
);
test(
  '5.2 a relocation on an instruction that can take none',
  refused,
  {
    ...programs,
    edit: (elf: ElfEdit) => elf.u64(first(elf, '.relsyscall'), 0),
  },
  'open LIBBPF_ERRNO__RELOC',
  'ELF_BAD_RELOCATION',
);
test(
  '5.3 calls of functions, addresses of functions, maps, data: each in its own way',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    const kinds = references(plan, 'sections_cong_avoid').map(({code, src}) => [code, src]);
    t.true(
      kinds.some(([code, src]) => code === LDIMM64 && src === 4),
      'a callback',
    );
    t.true(
      kinds.some(([code, src]) => code === LDIMM64 && src === 2),
      'data',
    );
  },
);
test(
  '5.3 a symbol in a special section',
  refused,
  {
    ...programs,
    edit: (elf: ElfEdit) => elf.u16(elf.symbol('zeroes').at + SYM.shndx, 0xfff2),
  },
  'open LIBBPF_ERRNO__FORMAT',
  'OBJ_BAD_REFERENCE',
);
test(
  '5.3 an address in .text of what is no function',
  refused,
  {
    ...programs,
    edit: (elf: ElfEdit) => {
      const {index} = elf.section('.text');
      const isSection = ({at}: {readonly at: number}) =>
        elf.bytes.readUInt8(at + SYM.info) === STT_SECTION &&
        elf.bytes.readUInt16LE(at + SYM.shndx) === index;
      const symbol = elf.symbols.find(isSection);
      if (symbol === undefined) throw new Error('.text has no symbol');
      elf.bytes.writeUInt8(STT_OBJECT, symbol.at + SYM.info);
    },
  },
  'open LIBBPF_ERRNO__RELOC',
  'OBJ_BAD_REFERENCE',
);
test(
  '5.4 static and global things are found through different symbols',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    // `local` and `initialised`, a static and a global variable.
    const loads = insnsOf(progLoad(plan, 'run_from_user_space')).filter(
      ({code, src}) => code === LDIMM64 && src === 2,
    );
    t.is(loads.length, 2);
  },
);
test('5.6 the address of a function is marked as such', sameAsLibbpf, programs, (t, plan) => {
  const load = insnsOf(progLoad(plan, 'sections_cong_avoid'));
  const at = load.findIndex(({code, src}) => code === LDIMM64 && src === 4);
  t.true(at >= 0);
  t.is(load[at + 1]?.imm, 0);
});
test(
  '5.9 functions lie behind a program in the order of their first use, depth first',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    const load = progLoad(plan, 'sections_ssthresh');
    const info = blob(load, 'func_info');
    const order = Array.from({length: info.length / 8}, (_, i) => info.readUInt32LE(8 * i + 4)).map(
      id => typeName(plan, id),
    );
    t.deepEqual(order, ['sections_ssthresh', 'hidden_first', 'second', 'third', 'weak_one']);
  },
);
test('5.10 calls have the distance to the function', sameAsLibbpf, programs, (t, plan) => {
  const load = progLoad(plan, 'run_from_user_space');
  const insns = insnsOf(load);
  const at = insns.findIndex(({code, src}) => code === CALL && src === 1);
  const info = blob(load, 'func_info');
  t.is(at + 1 + (insns[at]?.imm ?? 0), info.readUInt32LE(8));
});
test('5.12 every program has its own copy of a function', sameAsLibbpf, programs, (t, plan) => {
  const sizes = ['sections_cong_avoid', 'sections_set_state', 'run_from_user_space'].map(
    name => insnsOf(progLoad(plan, name)).length,
  );
  t.is(new Set(sizes).size, 3);
});
test('5.13 data: the fd of the map, and the offset in it', sameAsLibbpf, programs, (t, plan) => {
  const load = progLoad(plan, 'sections_init');
  const patches = load.patches.filter(patch => patch.in === 'insns');
  const maps = new Set(patches.map(({slot}) => slotName(plan, slot)));
  t.deepEqual([...maps].sort(), ['.bss', '.bss.others', '.data.of_own', '.data.pointer']);
  // hidden_variable is the second one of .data.
  const user = insnsOf(progLoad(plan, 'sections_ssthresh'));
  t.true(user.some(({code, imm}) => code === 0 && imm === 4));
});
test('5.13 a map: its fd alone', sameAsLibbpf, {object: 'maps'}, (t, plan) => {
  const load = insnsOf(progLoad(plan, 'maps_ssthresh')).find(({code}) => code === LDIMM64);
  t.is(load?.src, 1);
});
test('5.15 an option is a place in the map of options', sameAsLibbpf, externs(), (t, plan) => {
  const load = progLoad(plan, 'externs_ssthresh');
  const slots = new Set(
    load.patches.filter(patch => patch.in === 'insns').map(({slot}) => slotName(plan, slot)),
  );
  t.true(slots.has('.kconfig'));
});
test(
  '5.16 a kernel variable is its id, one that is not there is 0',
  sameAsLibbpf,
  externs(),
  (t, plan) => {
    const loads = insnsOf(progLoad(plan, 'externs_cong_avoid')).filter(
      ({code}) => code === LDIMM64,
    );
    t.true(
      loads.some(({src, imm}) => src === 3 && imm > 0),
      'runqueues',
    );
    t.true(
      loads.some(({src, imm}) => src === 0 && imm === 0),
      'no_such_variable, and a_symbol_of_the_kernel before it is known',
    );
  },
);
test(
  '5.17 a kfunc is its id; of a module with the place of its fd',
  sameAsLibbpf,
  ofModule,
  (t, plan) => {
    const load = progLoad(plan, 'module_run');
    const call = insnsOf(load).find(({code, src}) => code === CALL && src === 2);
    t.is(call?.off, 1);
    t.true((call?.imm ?? 0) > 100_000);
    t.deepEqual(
      load.patches.filter(patch => patch.in === 'fd_array').map(({offset}) => offset),
      [4],
    );
  },
);
test(
  '5.17 the call of one that is not there is poisoned with its number',
  sameAsLibbpf,
  externs(),
  (t, plan) => {
    const poison = insnsOf(progLoad(plan, 'externs_undo_cwnd')).filter(
      ({code, imm}) => code === CALL && imm >= 2_002_000_000,
    );
    t.is(poison.length, 2);
    t.true(poison.every(({src, dst, off}) => src === 0 && dst === 0 && off === 0));
  },
);
test(
  '5.17 differs: what is called is a function',
  refused,
  {
    ...externs(),
    edit: (elf: ElfEdit) => {
      const {index} = elf.symbol('bpf_rcu_read_lock');
      const ofCalls = elf
        .relocations('.relstruct_ops')
        .filter(at => elf.bytes.readUInt32LE(at + 12) === index);
      for (const at of ofCalls) elf.u32(at + 12, elf.symbol('runqueues').index);
    },
  },
  'loads',
  'OBJ_BAD_REFERENCE',
);
test(
  '5.18 a jump table is a map of its own for each program, with places in that program',
  sameAsLibbpf,
  {object: 'jump_table', kernel: 'newest'},
  (t, plan) => {
    const tables = plan.steps.filter(
      ({cmd, name}) => cmd === 'BPF_MAP_CREATE' && name === '.jumptables',
    );
    t.is(tables.length, 4);
    // All are made before the BTF is loaded.
    t.is(plan.steps[4 * 5]?.cmd, 'BPF_BTF_LOAD');
    const load = progLoad(plan, 'jump_ssthresh');
    const insns = insnsOf(load);
    const written = plan.steps.filter(
      ({cmd, name}) => cmd === 'BPF_MAP_UPDATE_ELEM' && name === '.jumptables',
    );
    const targets = written.slice(0, 3).map(one => blob(one, 'value').readUInt32LE());
    // Each is where a register is set to 10, 20 or 30.
    t.deepEqual(
      targets.map(target => insns[target]?.imm),
      [10, 20, 30],
    );
  },
);
test(
  '5.18 jump tables as clang 22 makes them, in a program and in a function that two call',
  sameAsLibbpf,
  {object: 'switches', kernel: 'newest'},
  (t, plan) => {
    const tables = plan.steps.filter(
      ({cmd, name}) => cmd === 'BPF_MAP_CREATE' && name === '.jumptables',
    );
    t.deepEqual(
      tables.map(({attr}) => attr.max_entries),
      [13, 14, 14],
    );
    t.is(plan.steps.filter(({cmd}) => cmd === 'BPF_PROG_LOAD').length, 3);
  },
);
test(
  '5.18 a table that is not whole',
  refused,
  {
    object: 'jump_table',
    kernel: 'newest',
    edit: (elf: ElfEdit) => elf.u64(elf.symbol('program_table').at + SYM.size, 20),
  },
  'load EINVAL',
  'OBJ_BAD_REFERENCE',
);
test(
  '5.18 a table beyond its section',
  refused,
  {
    object: 'jump_table',
    kernel: 'newest',
    edit: (elf: ElfEdit) => elf.u64(elf.symbol('program_table').at + SYM.size, 800),
  },
  'load EINVAL',
  'OBJ_BAD_REFERENCE',
);
/** Where a table is in its section. */
const tableAt = (elf: ElfEdit, name: string) =>
  Number(elf.bytes.readBigUInt64LE(elf.symbol(name).at + SYM.value));

test(
  '5.18 a table that leads before its function',
  refused,
  {
    object: 'jump_table',
    kernel: 'newest',
    edit: (elf: ElfEdit) =>
      elf.u64(elf.section('.jumptables').offset + tableAt(elf, 'second_table'), 0),
  },
  'load EINVAL',
  'OBJ_BAD_REFERENCE',
);
test(
  '5.18 differs: on a kernel without such maps the plan says so',
  refused,
  {object: 'jump_table'},
  'load EINVAL',
  'KERN_NO_MAP_TYPE',
);

test(
  '5.20 options lie by alignment, size and name; numbers of what is not there count on',
  sameAsLibbpf,
  externs(),
  (t, plan) => {
    const value = blob(update(plan, '.kconfig'), 'value');
    // CONFIG_A_LONG is the only one of 8 bytes.
    t.is(value.readBigUInt64LE(), 0xffff_ffff_ffff_ffffn);
  },
);
test('5.22 a flavour is no part of the name of a kfunc', sameAsLibbpf, externs(), (t, plan) => {
  const calls = insnsOf(progLoad(plan, 'externs_undo_cwnd')).filter(
    ({code, src}) => code === CALL && src === 2,
  );
  t.is(new Set(calls.map(({imm}) => imm)).size, 2);
  t.is(calls.length, 3);
});
test(
  '5.23 a weak kfunc of another prototype counts as not there',
  sameAsLibbpf,
  externs(),
  (t, plan) => {
    t.true(plan.losses.some(({text}) => text.includes('bpf_rcu_read_lock___other')));
  },
);
test(
  '5.25 a kernel variable of another type',
  refused,
  {
    ...externs(),
    edit: ({btf}: ElfEdit) =>
      btf.u32(btf.type('VAR', 'runqueues').at + BTF_TYPE.size_or_type, btf.type('INT', 'int').id),
  },
  'load EINVAL',
  'KERN_KSYM_TYPE',
);
test(
  '5.26 a kernel symbol without a type is found when the plan is carried out',
  sameAsLibbpf,
  externs(),
  (t, plan) => {
    const values = progLoad(plan, 'externs_cong_avoid').patches.filter(({put}) => put === 'value');
    t.deepEqual(
      values.map(({value, symbol}) => [value, symbol]),
      [
        ['KSYM_LOW', 'a_symbol_of_the_kernel'],
        ['KSYM_HIGH', 'a_symbol_of_the_kernel'],
      ],
    );
    t.true(plan.capabilities.includes('CAP_SYSLOG'));
  },
);

/** Of an option of externs.bpf.c: its bytes in the map of options. */
const option = (plan: PlanDescription, name: string, size: number) => {
  const offset = offsetIn(plan, '.kconfig', name);
  return blob(update(plan, '.kconfig'), 'value')
    .subarray(offset, offset + size)
    .toString('hex');
};
for (const [name, size, hex] of [
  ['CONFIG_A_BOOL', 1, '01'],
  ['CONFIG_A_CHAR', 1, '6d'],
  ['CONFIG_A_BYTE', 1, 'ff'],
  ['CONFIG_A_SHORT', 2, 'd4fe'],
  ['CONFIG_AN_INT', 4, '08000000'],
  ['CONFIG_A_LONG', 8, 'ffffffffffffffff'],
  ['CONFIG_A_TRISTATE', 4, '02000000'],
  ['CONFIG_A_TEXT', 8, '6c6f6e6765722000'],
  ['CONFIG_NOT_SET', 4, '00000000'],
] as const) {
  test(`5.29 5.31 ${name} is ${hex}`, sameAsLibbpf, externs(), (t, plan) =>
    t.is(option(plan, name, size), hex),
  );
}
for (const [name, size, hex] of [
  ['LINUX_KERNEL_VERSION', 4, '750c0600'],
  ['LINUX_HAS_BPF_COOKIE', 1, '01'],
  ['LINUX_HAS_SYSCALL_WRAPPER', 1, '01'],
  ['LINUX_OF_THE_FUTURE', 4, '00000000'],
] as const) {
  test(`5.30 ${name} is ${hex}`, sameAsLibbpf, externs(), (t, plan) =>
    t.is(option(plan, name, size), hex),
  );
}
for (const [why, options] of [
  ['a bool that is m', {CONFIG_A_BOOL: 'm'}],
  ['a number that is too large for its type', {CONFIG_A_BYTE: '256'}],
  ['a negative number without a sign in its type', {CONFIG_A_BYTE: '-1'}],
  ['a text for a number', {CONFIG_AN_INT: '"1"'}],
  ['a number that is none', {CONFIG_AN_INT: '12x'}],
] as const) {
  test(`5.31 ${why}`, refused, externs(options), 'load EINVAL', 'OPTION_BAD_VALUE');
}

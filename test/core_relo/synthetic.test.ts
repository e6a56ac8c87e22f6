import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {type CoreWasm, openCore} from '../helpers/core_wasm.js';
import {libbpfSteps} from '../oracle/libbpf_steps.js';
import {REPOSITORY} from '../rig/cache.js';
import {access, number, POISON, POISON_64, type Relocated, relocate} from './relocated.js';

/** Against the types of `synthetic_kernel.c`, where what no real kernel shows can be looked up. */
const FOLDER = join(REPOSITORY, 'test/bpf/core_relo');
const KERNEL_BTF = join(FOLDER, 'synthetic_kernel.btf');

let core: CoreWasm;
let relocated: Relocated;
/** Every program that some row speaks of. */
const told = new Set<string>();

test.before(async () => {
  core = await openCore();
  relocated = relocate(core, await readFile(join(FOLDER, 'synthetic.bpf.o')), {
    kernelBtf: await readFile(KERNEL_BTF),
  });
});

const gives = test.macro((t, programs: Readonly<Record<string, string>>) => {
  t.deepEqual(relocated.faults, []);
  for (const [name, shown] of Object.entries(programs)) {
    t.is(relocated.programs[name], shown, name);
  }
});

function row(why: string, programs: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(programs)) told.add(name);
  test(why, gives, programs);
}

const yes = number(true);
const no = number(false);

row('several types of a name that agree are one', {
  agree_offset: number(4),
  agree_exists: yes,
  agree_type_exists: yes,
});
row('what one relocation finds narrows the candidates of the next on the same type', {
  narrow_first: number(12),
  narrow_then: number(8),
});
row('a relocation that finds nothing narrows nothing', {
  again_nowhere: no,
  again_then: number(4),
});
row('a type whose field is of another kind is no candidate', {half_offset: number(4)});
row('only what comes before the last flavour is the name', {
  part_of_part: no,
  part_plain: number(4),
});
row('flexible arrays have every element, on either side; others end', {
  flexible_array: number(4),
  flexible_element: number(4 + 4 * 7),
  flexible_load: access(4 + 4 * 7, 4),
  flexible_from_counted: number(4 + 4 * 3),
  flexible_size: number(0),
  counted_last: number(4 + 4 * 3),
  counted_beyond: POISON,
  counted_from_flexible: number(4 + 4 * 3),
  counted_from_flexible_beyond: POISON,
  empty_in_between: no,
});
row('arrays of arrays: elements have the size that they have in the kernel', {
  grid_cell: number(4 + 4 * (2 * 5 + 4)),
  grid_row: number(4 + 4 * 5),
  grid_row_size: number(4 * 5),
  grid_cell_size: number(4),
  grid_beyond: POISON,
  grid_beyond_row: POISON,
});
row('structs in arrays, and pointers to elements', {
  holder_element: number(8 + 8 + 4),
  holder_single: number(8 + 8 * 8 + 8 + 2),
  holder_load: access(8 + 8 + 4, 4),
  holder_of_array: number(3 * 8 + 4),
  holder_of_array_exists: yes,
});
row('unnamed structs and unions are looked through on both sides, named ones are not', {
  nested_c: number(16),
  nested_a: number(8),
  nested_last: number(40),
  nested_f: number(8 + 2 * 8),
  nested_named: number(24 + 3),
  nested_named_element: number(24 + 2),
  nested_not_in_named: no,
});
row('enumerators by name, flavours aside', {
  enum_red: number(3),
  enum_flavour_here: number(5),
  enum_flavour_there: number(7),
  enum_absent: POISON_64,
  enum_exists: yes,
  enum_exists_not: no,
});
row('enums of 32 and 64 bits are one kind; those of 32 are extended with their sign', {
  enum_below: number(-5),
  enum_large: number(2n ** 40n),
  enum_large_two: number(2),
  enum_large_below: number(-(2n ** 40n)),
  enum_small: number(-1),
  enum_both: number(3),
  enum_size: number(8),
  enum_type_exists: yes,
  enum_matches_size: no,
});

/** Bytes from the start of `struct kinds`. */
const KINDS = {
  number: 8,
  pointer: 16,
  color: 24,
  unnamed: 28,
  structure: 32,
  either: 40,
  real: 48,
  precise: 56,
  array: 64,
  pointers: 72,
  layered: 88,
  function: 96,
};
for (const [name, offset] of Object.entries(KINDS)) {
  row(`a field of the same kind is found and one of another is not: ${name}`, {
    [`kind_${name}`]: number(offset),
    [`wrong_${name}`]: no,
  });
}

row('loads and stores of unsigned numbers and pointers get the size that the kernel has', {
  width_byte: access(0, 1),
  width_half: access(2, 2),
  width_word: access(4, 4),
  width_whole: access(8, 8),
  width_bool: access(16, 1),
  width_pointer: access(48, 8),
  width_array: access(56 + 1, 1),
  width_store: access(2, 2),
});
row('a load that would lose the sign is put out of use', {
  width_negative: POISON,
  width_char: POISON,
  signed_char: POISON,
});
row('signed numbers of the same size are loaded', {
  signed_word: access(4, 4),
  signed_whole: access(8, 8),
  signed_negative: access(20, 4),
  signed_bool: access(0, 1),
  signed_offset: number(2),
});
row('an offset that no load reaches is a number all the same', {far_offset: number(40000)});

const bits = (name: string, [offset, size, signed, lshift, rshift]: readonly number[]) => ({
  [`${name}_offset`]: number(offset ?? -1),
  [`${name}_size`]: number(size ?? -1),
  [`${name}_signed`]: number(signed ?? -1),
  [`${name}_lshift`]: number(lshift ?? -1),
  [`${name}_rshift`]: number(rshift ?? -1),
});
row('bitfields: offset and size of the load, sign, and the shifts that leave its bits', {
  ...bits('bits_b', [4, 4, 1, 64 - 16, 64 - 9]),
  ...bits('bits_c', [4, 4, 0, 64 - 32, 64 - 16]),
  ...bits('bits_d', [8, 8, 0, 64 - 40, 64 - 40]),
  ...bits('bits_e', [20, 4, 0, 64 - 4, 64 - 4]),
  ...bits('bits_f', [20, 4, 1, 64 - 8, 64 - 4]),
});
row('a bitfield here may be a whole field there, and the other way round; a load may not', {
  ...bits('bits_plain', [16, 4, 0, 32, 32]),
  bits_a_size: number(4),
  bits_a_load: POISON,
});
row('a bitfield that lies across its declared size is read by a wider load', {
  ...bits('tight_a', [0, 4, 0, 64 - 20, 64 - 20]),
  ...bits('tight_b', [0, 8, 0, 64 - 40, 64 - 20]),
});

row('a type exists when prototypes and pointers have the same kinds, whatever the names', {
  compat_more: no,
  compat_same: yes,
  compat_kind: no,
  compat_plain: yes,
  compat_plain_pointer: no,
  compat_pointer: yes,
  compat_pointer_struct: no,
  compat_struct: yes,
  compat_struct_union: no,
  compat_size: number(4),
});
row('matches: numbers by size and sign, members by name', {
  matches_number: yes,
  matches_number_signed: no,
  matches_number_wide: no,
  matches_negative: yes,
  matches_missing: no,
  matches_flavour_there: yes,
  matches_flavour_both: yes,
  matches_typedef: yes,
});
row('matches: structs within by name and members', {
  matches_inner: yes,
  matches_inner_wrong_member: no,
  matches_inner_wrong_name: no,
  matches_unnamed: yes,
  matches_unnamed_wrong: no,
});
row('matches: structs behind pointers by name alone, one of them may be declared only', {
  matches_pointed: yes,
  matches_pointed_wrong_name: no,
  matches_pointed_void: no,
  matches_declared_there: yes,
  matches_declared_both: yes,
  matches_declared_other: no,
  matches_declared_here: yes,
});
row('matches: arrays by length, enums by enumerators, prototypes by all they have', {
  matches_array: yes,
  matches_array_longer: no,
  matches_enum: yes,
  matches_enum_unknown: no,
  matches_enum_name: no,
  matches_callback: yes,
  matches_callback_more: no,
  matches_callback_type: no,
  matches_callback_result: no,
});
row('matches: floats never do', {matches_float: no});

test('every program of synthetic.bpf.c has a row', t => {
  t.deepEqual(Object.keys(relocated.programs).sort(), [...told].sort());
});

test('stores of numbers and loads that extend the sign are relocated too', async t => {
  const {programs, insns} = relocate(core, await readFile(join(FOLDER, 'accesses_v4.bpf.o')), {
    kernelBtf: await readFile(KERNEL_BTF),
  });
  t.deepEqual(programs, {
    store_number: access(4, 4),
    store_number_narrowed: access(2, 2),
    load_signed: access(20, 4),
  });
  const [store, narrowed, load] = insns;
  const [storeWord, storeHalf, loadSignedWord] = ['62', '6a', '81'];
  t.is(store?.slice(0, 16), `${storeWord}01040005000000`);
  t.is(narrowed?.slice(0, 16), `${storeHalf}01020005000000`);
  t.is(load?.slice(0, 16), `${loadSignedWord}10140000000000`);
});

const asLibbpfDoes = test.macro({
  async exec(t, name: string) {
    const object = join(FOLDER, name);
    const run = await libbpfSteps(object, {release: '6.12.0', btf: KERNEL_BTF});
    t.is(run.error, null, run.log);
    const theirs = run.steps.filter(({cmd}) => cmd === 'BPF_PROG_LOAD');
    const {insns} = relocate(core, await readFile(object), {kernelBtf: await readFile(KERNEL_BTF)});
    t.true(insns.length > 0);
    t.deepEqual(
      insns,
      theirs.map(({blobs}) => blobs.insns),
    );
  },
  title: (_ = '', name) => `${name}: every instruction is as libbpf relocates it`,
});

test(asLibbpfDoes, 'synthetic.bpf.o');
test(asLibbpfDoes, 'accesses_v4.bpf.o');

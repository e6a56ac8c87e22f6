import test from 'ava';
import {
  encode,
  type FrameParts,
  HOTPLUG_SEQ,
  KSYM_LOW,
  layOut,
  NONE,
  POSSIBLE_CPUS,
  type RangeSpec,
  type StepSpec,
  VALUE_IN_ATTR,
  VALUE_IN_BLOB,
  type ValueSpec,
} from './frame_builder.js';
import {at, buildExecutor, refused} from './refused.js';
import * as sample from './sample_frames.js';

/** What is refused of run-time values, arenas and associations. */

test.before(() => buildExecutor('value_refusals'));

// Steps of `valueFrame`: 0 and 1 maps, 2 arena, 3 struct_ops, 4 program, 5 association, 6 program, 7 update, 8 link.
const PERF = 0;
const ARENA = 1;
const MAPPED = 2;
const PROGRAM = 4;
const ASSOCIATED = 5;
const UPDATE = 7;

const patchOf = (step: number) => at(sample.valueFrame().steps, step).patch_first;

const frame = (change: (parts: FrameParts) => void) => () => {
  const parts = sample.valueFrame();
  change(parts);
  return encode(parts);
};
const patch = (index: number, change: Record<string, number>) =>
  frame(({patches}) => Object.assign(at(patches, index), change));
const step = (index: number, change: Partial<StepSpec>) => () =>
  encode(
    sample.valueFrame(steps => {
      steps[index] = {...at(steps, index), ...change};
    }),
  );
const stepField = (index: number, change: Record<string, number>) =>
  frame(parts => Object.assign(at(parts.steps, index), change));

// The structure of a value's patch.
const cpus = patchOf(PERF);
/** The first patch into the instructions, after the addresses of insns and license. */
const ksym = patchOf(PROGRAM) + 2;
/** After map_fd, key, value and the fd of a program. */
const hotplug = patchOf(UPDATE) + 4;

for (const id of [0, 7, NONE]) {
  test(`value ${id}`, refused, 'bad_value', `patch ${cpus}`, patch(cpus, {source: id}));
  test(`value ${id} in blob`, refused, 'bad_value', `patch ${ksym}`, patch(ksym, {source: id}));
}
const wrongWidth = 'bad_patch_width';
test('8 bytes of CPUs', refused, wrongWidth, `patch ${cpus}`, patch(cpus, {width: 8}));
test('8 bytes of a symbol', refused, wrongWidth, `patch ${ksym}`, patch(ksym, {width: 8}));
test('4 bytes of hotplug', refused, wrongWidth, `patch ${hotplug}`, patch(hotplug, {width: 4}));
test('CPUs of something', refused, 'bad_patch_size', `patch ${cpus}`, patch(cpus, {size: 1}));
test('hotplug of what', refused, 'bad_patch_size', `patch ${hotplug}`, patch(hotplug, {size: 1}));
test('a value in an attr, zero', refused, 'reserved_not_zero', 'patch 0', patch(cpus, {zero: 1}));
test(
  'bytes under CPUs',
  refused,
  'patch_target_not_zero',
  'patch 0',
  frame(({blob, steps}) => {
    blob[at(steps, PERF).attr + 15] = 1;
  }),
);
test(
  'bytes under a symbol',
  refused,
  'patch_target_not_zero',
  `patch ${ksym}`,
  frame(({blob, patches}) => {
    blob[at(patches, ksym).offset] = 1;
  }),
);
test('past the attr', refused, 'patch_outside_attr', 'patch 0', patch(cpus, {offset: 89}));
test(
  'past the instructions',
  refused,
  'patch_outside_range',
  `patch ${ksym + 3}`,
  frame(({patches}) => {
    at(patches, ksym + 3).offset += 24;
  }),
);
test(
  'values descend',
  refused,
  'patch_out_of_order',
  `patch ${ksym + 1}`,
  frame(({patches}) => {
    at(patches, ksym + 1).offset -= 16;
  }),
);
test(
  'two values at one place',
  refused,
  'patch_overlaps',
  `patch ${ksym + 1}`,
  frame(({patches}) => {
    at(patches, ksym + 1).offset -= 7;
  }),
);
test('an attr after a value in blob', refused, 'patch_out_of_order', `patch ${ksym + 3}`, () =>
  patch(ksym + 3, {kind: VALUE_IN_ATTR, offset: 40})(),
);

// Names of symbols.
const badName = 'bad_symbol_name';
const symbolAt = (make: (parts: FrameParts) => number) =>
  frame(parts => {
    at(parts.patches, ksym).size = make(parts);
  });
const NAME = `patch ${ksym}`;
const sharedEnd = (parts: FrameParts) => Number(parts.head.shared_size);
test('after the shared area', refused, badName, NAME, symbolAt(sharedEnd));
test(
  'in a private range',
  refused,
  badName,
  NAME,
  symbolAt(parts => at(parts.patches, ksym).offset),
);
test(
  'offset that wraps',
  refused,
  badName,
  NAME,
  symbolAt(() => NONE),
);
test(
  'empty name',
  refused,
  badName,
  NAME,
  symbolAt(parts => at(parts.patches, ksym).size + 'strong_one'.length),
);
test(
  'no NUL before the end of the shared area',
  refused,
  badName,
  NAME,
  frame(parts => {
    const size = sharedEnd(parts);
    at(parts.patches, ksym).size = size - 3;
    parts.blob.fill(0x61, size - 3, size);
  }),
);
const named = (symbol: string) => () =>
  encode(
    sample.valueFrame(steps => {
      const {ranges = {}} = sample.ksymProgLoad;
      const insns = {...(ranges[8] as RangeSpec), values: {4: {value: KSYM_LOW, symbol}}};
      steps[PROGRAM] = {...sample.ksymProgLoad, ranges: {...ranges, 8: insns}};
    }),
  );
test('512 bytes', refused, badName, NAME, named('x'.repeat(512)));
test('4097 symbols', refused, 'too_many_symbols', `patch ${ksym + 4096}`, () =>
  encode(
    sample.valueFrame(steps => {
      const {ranges = {}, numbers = {}} = sample.ksymProgLoad;
      const values: Record<number, ValueSpec> = {};
      for (let i = 0; i < 4097; i++) values[8 * i + 4] = {value: KSYM_LOW, symbol: `symbol_${i}`};
      const insns = {bytes: Buffer.alloc(8 * 4097), values};
      steps[PROGRAM] = {
        ...sample.ksymProgLoad,
        numbers: {...numbers, 4: 4097},
        ranges: {...ranges, 8: insns},
      };
    }),
  ),
);

// Where which value may go.
const notPermitted = 'patch_not_permitted';
const inMap = (offset: number, spec: ValueSpec) =>
  step(PERF, {numbers: {0: 4, 4: 4}, values: {[offset]: spec}});
for (const [name, offset] of Object.entries({map_type: 0, key_size: 4, map_flags: 16})) {
  const numbers = {...sample.perfCreate.numbers, [offset]: 0};
  const change = {numbers, values: {[offset]: {value: POSSIBLE_CPUS}}};
  test(`CPUs in ${name}`, refused, notPermitted, 'patch 0', step(PERF, change));
}
const CPUS = {value: POSSIBLE_CPUS};
test('CPUs in no field', refused, notPermitted, 'patch 0', inMap(44, CPUS));
test('CPUs in half a field', refused, notPermitted, 'patch 0', inMap(14, CPUS));
test('CPUs in an fd', refused, notPermitted, 'patch 0', inMap(20, CPUS));
test('hotplug in map_extra', refused, notPermitted, 'patch 0', inMap(64, {value: HOTPLUG_SEQ}));
test('a symbol in max_entries', refused, notPermitted, 'patch 0', patch(cpus, {source: KSYM_LOW}));
test('CPUs in insn_cnt', refused, notPermitted, `patch ${ksym - 2}`, () =>
  step(PROGRAM, {numbers: {0: 31}, values: {4: CPUS}})(),
);
test('CPUs as an address', refused, notPermitted, `patch ${ksym}`, () =>
  step(PROGRAM, {values: {120: CPUS}})(),
);
test('CPUs in insns', refused, notPermitted, NAME, patch(ksym, {source: POSSIBLE_CPUS, size: 0}));
test(
  'a symbol in an opcode',
  refused,
  notPermitted,
  `patch ${ksym + 1}`,
  frame(({patches}) => {
    at(patches, ksym + 1).offset -= 4;
  }),
);
test('a symbol in func_info', refused, notPermitted, `patch ${ksym + 1}`, () =>
  encode(
    sample.valueFrame(steps => {
      const {ranges = {}, numbers = {}} = sample.ksymProgLoad;
      const values = {4: {value: KSYM_LOW, symbol: 'strong_one'}};
      steps[PROGRAM] = {
        ...sample.ksymProgLoad,
        numbers: {...numbers, 76: 8, 88: 1},
        ranges: {
          8: {bytes: Buffer.alloc(40)},
          16: ranges[16] as RangeSpec,
          80: {bytes: Buffer.alloc(8), values},
        },
      };
    }),
  ),
);
test('hotplug in insns', refused, notPermitted, `patch ${ksym}`, () =>
  encode(
    sample.valueFrame(steps => {
      const {ranges = {}} = sample.ksymProgLoad;
      const insns = {bytes: Buffer.alloc(40), values: {8: {value: HOTPLUG_SEQ}}};
      steps[PROGRAM] = {...sample.ksymProgLoad, ranges: {...ranges, 8: insns}};
    }),
  ),
);
test('a symbol in a value', refused, notPermitted, `patch ${hotplug}`, () =>
  patch(hotplug, {source: KSYM_LOW, width: 4, size: at(sample.valueFrame().patches, ksym).size})(),
);
test('hotplug in the value of an array', refused, notPermitted, 'patch 3', () =>
  encode(
    layOut([
      {...sample.arrayCreate, slots: {}, slot: 0, numbers: {0: 2, 4: 4, 8: 8, 12: 1}},
      {
        ...sample.arrayUpdate,
        slots: {0: 0},
        ranges: {
          8: {bytes: Buffer.alloc(4), shared: true},
          16: {bytes: Buffer.alloc(8), values: {0: {value: HOTPLUG_SEQ}}},
        },
      },
    ]),
  ),
);
test('hotplug in the data of an arena', refused, notPermitted, `patch ${patchOf(MAPPED) + 2}`, () =>
  step(MAPPED, {
    numbers: {24: 8},
    ranges: {16: {bytes: Buffer.alloc(8), values: {0: {value: HOTPLUG_SEQ}}}},
  })(),
);
test(
  'an fd where a value goes',
  refused,
  notPermitted,
  'patch 1',
  step(ARENA, {numbers: {0: 33}, slots: {12: 0}}),
);
test('a value of kind 3', refused, 'slot_out_of_range', `patch ${hotplug}`, () =>
  patch(hotplug, {kind: 3, source: HOTPLUG_SEQ})(),
);
test('an fd of kind 5', refused, 'bad_value', `patch ${hotplug - 1}`, () =>
  frame(({patches}) => {
    Object.assign(at(patches, hotplug - 1), {kind: VALUE_IN_BLOB, source: 0});
  })(),
);

// Arenas.
const arena = `step ${MAPPED}`;
const arenaNumbers = (numbers: Record<number, number>) => step(MAPPED, {numbers});
const size = {24: 3};
test(
  'the first byte past it',
  refused,
  'data_outside_arena',
  arena,
  arenaNumbers({8: 65534, ...size}),
);
test(
  'an offset of 2^63',
  refused,
  'data_outside_arena',
  arena,
  arenaNumbers({12: (1 << 31) >>> 0, ...size}),
);
test(
  'an offset that wraps',
  refused,
  'data_outside_arena',
  arena,
  arenaNumbers({8: NONE, 12: NONE, ...size}),
);
test('no data, but outside', refused, 'data_outside_arena', arena, () =>
  step(MAPPED, {numbers: {8: 65537}, ranges: {}})(),
);
test('data of 2 bytes for 3', refused, 'bad_range_size', arena, arenaNumbers({24: 2}));
test('data of 4 bytes for 3', refused, 'bad_range_size', arena, arenaNumbers({24: 4}));
test('a size without data', refused, 'bad_range_size', arena, step(MAPPED, {ranges: {}}));
test('data at 4', refused, 'field_not_permitted', arena, arenaNumbers({4: 1, ...size}));
test('data at 28', refused, 'field_not_permitted', arena, arenaNumbers({28: 1, ...size}));
test('a number as an address', refused, 'field_not_permitted', arena, () =>
  step(MAPPED, {numbers: {16: 4096, 24: 3}, ranges: {}})(),
);
test('a number as an fd', refused, 'field_not_permitted', arena, () =>
  step(MAPPED, {numbers: {0: 3, 24: 3}, slots: {}})(),
);
test('no arena', refused, 'field_missing', arena, step(MAPPED, {slots: {}}));
test('another map', refused, 'bad_map_type', arena, step(MAPPED, {slots: {0: 0}}));
test('an arena in phase attach', refused, 'phase_not_permitted', 'step 1', () =>
  encode(
    layOut([
      {...sample.arenaCreate, slot: 1},
      {...sample.arenaMap, phase: 2},
    ]),
  ),
);
test('an arena with a slot', refused, 'bad_result_slot', arena, step(MAPPED, {slot: 6}));
test('an arena that may fail', refused, 'flag_not_permitted', arena, stepField(MAPPED, {flags: 1}));
test('an arena attr of 28 bytes', refused, 'bad_attr_size', arena, step(MAPPED, {attrSize: 28}));
test('an fd in the data', refused, 'wrong_slot_kind', `patch ${patchOf(MAPPED) + 2}`, () =>
  step(MAPPED, {numbers: size, ranges: {16: {bytes: Buffer.alloc(3 + 5), slots: {0: 1}}}})(),
);
const pages = (count: number) => step(ARENA, {numbers: {...sample.arenaCreate.numbers, 12: count}});
test('an arena of no page', refused, 'bad_arena_size', arena, pages(0));
test('an arena of 4 GiB and a page', refused, 'bad_arena_size', arena, pages((1 << 20) + 1));
test('an arena of 2^32 - 1 pages', refused, 'bad_arena_size', arena, pages(NONE));
test('as many pages as CPUs', refused, 'bad_arena_size', arena, () =>
  step(ARENA, {numbers: {0: 33, 68: 0x2000}, values: {12: CPUS}})(),
);
test('an arena twice', refused, 'arena_mapped_twice', 'step 3', () =>
  encode(
    sample.valueFrame(steps => {
      steps.splice(3, 0, {...sample.arenaMap, numbers: {}, ranges: {}});
    }),
  ),
);

// Associations.
const association = `step ${ASSOCIATED}`;
const associated = (slots: Record<number, number>) => step(ASSOCIATED, {slots});
test('with an arena', refused, 'bad_map_type', association, associated({0: 1, 4: 4}));
test('of a struct_ops program', refused, 'bad_prog_type', 'step 6', () =>
  encode(
    sample.valueFrame(steps => {
      const [program] = steps.splice(6, 1);
      steps.splice(ASSOCIATED, 1, program as StepSpec, {...sample.associate, slots: {0: 3, 4: 2}});
    }),
  ),
);
const places = patchOf(ASSOCIATED);
test('of a map', refused, 'wrong_slot_kind', `patch ${places + 1}`, associated({0: 3, 4: 3}));
test('with a program', refused, 'wrong_slot_kind', `patch ${places}`, associated({0: 4, 4: 4}));
test('of nothing', refused, 'field_missing', association, associated({0: 3}));
test('with nothing', refused, 'field_missing', association, associated({4: 4}));
test('flags of an association', refused, 'field_not_permitted', association, () =>
  step(ASSOCIATED, {numbers: {8: 1}})(),
);
test('an association in phase attach', refused, 'phase_not_permitted', 'step 7', () =>
  encode(
    sample.valueFrame(steps => {
      const [one] = steps.splice(ASSOCIATED, 1);
      steps.splice(7, 0, {...(one as StepSpec), phase: 2});
    }),
  ),
);
test('an association with a slot', refused, 'bad_result_slot', association, () =>
  step(ASSOCIATED, {slot: 6})(),
);
test('an association of 8 bytes', refused, 'bad_attr_size', association, () =>
  step(ASSOCIATED, {attrSize: 8})(),
);

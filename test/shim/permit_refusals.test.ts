import test from 'ava';
import {encode, layOut, NONE} from './frame_builder.js';
import {at, buildExecutor, patch, patchOf, refused, step, stepField} from './refused.js';
import * as sample from './sample_frames.js';

test.before(() => buildExecutor('permit_refusals'));

const firstOps = patchOf(7);
const firstProg = patchOf(5);

for (const cmd of [1, 4, 8, 10, 13, 15, 27, 36, NONE]) {
  test(`command ${cmd}`, refused, 'cmd_not_permitted', 'step 3', stepField(3, {cmd}));
}
test('create in phase attach', refused, 'phase_not_permitted', 'step 0', () =>
  encode(layOut([{...sample.arrayCreate, slots: {}, slot: 0, phase: 2, numbers: {0: 2, 4: 4}}])),
);
test('link in phase load', refused, 'phase_not_permitted', 'step 8', () =>
  encode(
    sample.linkFrame(steps => {
      steps[7] = {...sample.structOpsUpdate, phase: 1};
      steps[8] = {...sample.linkCreate, phase: 1};
    }),
  ),
);
test('registering in phase load', refused, 'phase_not_permitted', 'step 5', () =>
  encode(
    sample.legacyFrame(steps => {
      steps[5] = {...sample.structOpsUpdate, phase: 1};
    }),
  ),
);
test('a freeze that may fail', refused, 'flag_not_permitted', 'step 3', stepField(3, {flags: 1}));
test('a link without a slot', refused, 'bad_result_slot', 'step 8', stepField(8, {slot: NONE}));
test('a freeze with a slot', refused, 'bad_result_slot', 'step 3', () =>
  encode(
    sample.legacyFrame(steps => {
      steps[3] = {...sample.freeze, slot: 3};
      steps.splice(4);
    }),
  ),
);
const number = (index: number, offset: number, value: number) => {
  const old = at([sample.btfLoad, sample.arrayCreate, sample.arrayUpdate, sample.freeze], index);
  return step(index, {numbers: {...old.numbers, [offset]: value}});
};
const fieldRefused = 'field_not_permitted';
test('map_ifindex', refused, fieldRefused, 'step 1', number(1, 44, 1));
test('map_token_fd', refused, fieldRefused, 'step 1', number(1, 76, 1));
test('a number as inner_map_fd', refused, fieldRefused, 'step 1', number(1, 20, 3));
test('a number as an address of BTF', refused, fieldRefused, 'step 0', () =>
  encode(layOut([{...sample.btfLoad, slot: 0, ranges: {}, numbers: {16: 27, 0: 4096}}])),
);
test('btf_log_level', refused, fieldRefused, 'step 0', number(0, 24, 1));
test('btf_log_buf', refused, fieldRefused, 'step 0', number(0, 8, 4096));
test('btf_token_fd', refused, fieldRefused, 'step 0', number(0, 36, 1));
const progNumber = (offset: number, value: number) =>
  step(5, {numbers: {...sample.progLoad.numbers, [offset]: value}});
const progFields = {log_level: 24, log_size: 28, log_buf: 32, prog_ifindex: 64, core_relo_cnt: 116};
const moreProgFields = {core_relos: 128, prog_token_fd: 144, fd_array_cnt: 148, signature: 152};
for (const [name, offset] of Object.entries({...progFields, ...moreProgFields})) {
  test(name, refused, fieldRefused, 'step 5', progNumber(offset, 1));
}
test('target_fd of a link', refused, fieldRefused, 'step 8', step(8, {numbers: {4: 1, 8: 44}}));
test('flags of a link', refused, fieldRefused, 'step 8', step(8, {numbers: {8: 44, 12: 1}}));
test('flags of a bind', refused, fieldRefused, 'step 6', step(6, {numbers: {8: 1}}));
test('a number in fd_array', refused, fieldRefused, 'step 5', () =>
  encode(
    sample.linkFrame(steps => {
      const bytes = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0]);
      const ranges = {...sample.moduleProgLoad.ranges, 120: {bytes, slots: {4: 0}}};
      steps[5] = {...sample.moduleProgLoad, ranges};
    }),
  ),
);
test('a map without its fd', refused, 'field_missing', 'step 3', step(3, {slots: {}}));
test('an update without its map', refused, 'field_missing', 'step 2', step(2, {slots: {}}));
test('an address into a number', refused, 'patch_not_permitted', `patch ${patchOf(3)}`, () =>
  encode(
    sample.linkFrame(steps => {
      steps[3] = {...sample.arrayUpdate, ranges: {24: {bytes: Buffer.alloc(4)}}, slots: {}};
    }),
  ),
);
test('an fd into a number', refused, 'patch_not_permitted', 'patch 1', step(1, {slots: {44: 1}}));
test(
  'an fd into an address',
  refused,
  'patch_not_permitted',
  'patch 3',
  step(2, {slots: {0: 2, 8: 2}, ranges: {}}),
);
test('an fd into half an fd', refused, 'patch_not_permitted', 'patch 1', step(1, {slots: {50: 1}}));
test('an fd into an opcode', refused, 'patch_not_permitted', `patch ${firstProg + 7}`, () =>
  encode(
    sample.linkFrame(steps => {
      const insns = {bytes: Buffer.alloc(16), slots: {8: 2}};
      steps[5] = {...sample.moduleProgLoad, ranges: {...sample.moduleProgLoad.ranges, 8: insns}};
    }),
  ),
);
const wrongKind = 'wrong_slot_kind';
test('BTF as a map', refused, wrongKind, 'patch 2', step(2, {slots: {0: 1}}));
test(
  'a map as BTF',
  refused,
  wrongKind,
  `patch ${firstProg + 2}`,
  step(5, {slots: {72: 2, 112: 0}}),
);
test(
  'object BTF as a module',
  refused,
  wrongKind,
  `patch ${firstProg + 5}`,
  step(5, {slots: {72: 1, 112: 1}}),
);
test('a link of a program', refused, wrongKind, `patch ${patchOf(8)}`, step(8, {slots: {0: 4}}));
test('BTF in a value', refused, wrongKind, `patch ${firstOps + 3}`, patch(7, 3, {source: 1}));
test('a program in insns', refused, wrongKind, 'patch 3', () =>
  encode(
    layOut([
      {
        ...sample.progLoad,
        slot: 0,
        numbers: {0: 27},
        slots: {},
        ranges: {16: sample.progLoad.ranges?.[16] ?? {bytes: Buffer.alloc(1)}},
      },
      {
        ...sample.progLoad,
        slot: 1,
        slots: {},
        numbers: {0: 27, 4: 2},
        ranges: {
          8: {bytes: Buffer.alloc(16), slots: {4: 0}},
          16: {bytes: Buffer.from('GPL\0'), shared: true},
        },
      },
    ]),
  ),
);
const rangeSize = 'bad_range_size';
const range = (index: number, offset: number, bytes: Buffer) => () =>
  encode(
    sample.linkFrame(steps => {
      const old = at(steps, index);
      const slots = old.ranges?.[offset]?.slots ?? {};
      steps[index] = {...old, ranges: {...old.ranges, [offset]: {bytes, slots}}};
    }),
  );
test('a value of 11 bytes for 12', refused, rangeSize, 'step 2', range(2, 16, Buffer.alloc(11)));
test('a value of 13 bytes for 12', refused, rangeSize, 'step 2', range(2, 16, Buffer.alloc(13)));
test('a key of 3 bytes', refused, rangeSize, 'step 2', range(2, 8, Buffer.alloc(3)));
test('no key', refused, rangeSize, 'step 2', step(2, {ranges: {16: {bytes: Buffer.alloc(12)}}}));
test('no value', refused, rangeSize, 'step 2', step(2, {ranges: {8: {bytes: Buffer.alloc(4)}}}));
test('BTF of 26 bytes for 27', refused, rangeSize, 'step 0', range(0, 0, Buffer.alloc(26)));
test('8 bytes for 2 instructions', refused, rangeSize, 'step 5', range(5, 8, Buffer.alloc(8)));
test('func_info', refused, rangeSize, 'step 5', range(5, 80, Buffer.alloc(7)));
test('line_info', refused, rangeSize, 'step 5', range(5, 96, Buffer.alloc(33)));
test('2^64 bytes of line_info', refused, rangeSize, 'step 5', () =>
  encode(
    sample.linkFrame(steps => {
      const numbers = {...sample.progLoad.numbers, 92: 0x8000_0000, 104: 0x8000_0000};
      steps[5] = {...sample.moduleProgLoad, numbers};
    }),
  ),
);
test('fd_array of 10 bytes', refused, rangeSize, 'step 5', range(5, 120, Buffer.alloc(10)));
test('no licence', refused, rangeSize, 'step 5', () =>
  encode(
    sample.linkFrame(steps => {
      const {16: _, ...ranges} = {...sample.moduleProgLoad.ranges};
      steps[5] = {...sample.moduleProgLoad, ranges};
    }),
  ),
);
const license = range(5, 16, Buffer.from('GPL'));
test('a licence without NUL', refused, 'string_not_terminated', 'step 5', license);
test('a link to anything else', refused, 'bad_attach_type', 'step 8', step(8, {numbers: {8: 0}}));
for (const type of [1, 5, 6, 9, 10, 21, 32, 33, 35, 64, 66]) {
  const update = number(1, 0, type);
  test(`an update of a map of type ${type}`, refused, 'bad_map_type', 'step 2', update);
}
test('kernel types of no kernel', refused, 'kernel_not_named', 'step 3', () => {
  const parts = sample.legacyFrame();
  Object.assign(parts.head, {btf_size: 0, btf_xxh64: 0n});
  return encode(parts);
});

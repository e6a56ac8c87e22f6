import test from 'ava';
import {encode, layOut, NONE, type StepSpec} from './frame_builder.js';
import * as life from './life_frames.js';
import {buildExecutor, refused} from './refused.js';
import * as sample from './sample_frames.js';

/** Rules of the commands for what was there before a frame, and for pins. */

test.before(() => buildExecutor('life_refusals'));

const frame =
  (...steps: StepSpec[]) =>
  () =>
    encode(layOut(steps, {btf: sample.KERNEL_BTF}));
const {slots: _, ...mapCreate} = sample.structOpsCreate(0x2000);
/** Slot 3 is a struct_ops map of the frame; 0 a link, 1 a map that were there before. */
const map: StepSpec = {...mapCreate, slots: {}};
const link = life.getById(life.LINK_GET_FD_BY_ID, 2, 0);
const gotMap = life.getById(life.MAP_GET_FD_BY_ID, 1, 1);
const at = (step: StepSpec, numbers: Record<number, number>): StepSpec => ({
  ...step,
  numbers: {...step.numbers, ...numbers},
});
const path = (text: string) => life.getPin(text, 'link', 0);

for (const text of ['', '/a', 'a/', 'a//b', '.', '..', 'a/../b', 'a.b', 'a\0b', 'x'.repeat(256)]) {
  test(`the path ${JSON.stringify(text)}`, refused, 'bad_path', 'step 0', frame(path(text)));
}
test('a path of 512 bytes', refused, 'bad_path', 'step 0', frame(path(`${'ab/'.repeat(170)}ab`)));
const unended = {...path('a'), ranges: {0: {bytes: Buffer.from('a')}}};
test('a path without its NUL', refused, 'bad_path', 'step 0', frame(unended));
test('no path', refused, 'bad_range_size', 'step 0', frame({...path('a'), ranges: {}}));
const field = 'field_not_permitted';
test('file_flags of OBJ_GET', refused, field, 'step 0', frame(at(path('a'), {12: 8})));
test('path_fd of OBJ_GET', refused, field, 'step 0', frame(at(path('a'), {16: 3})));
test('a number as bpf_fd of OBJ_GET', refused, field, 'step 0', frame(at(path('a'), {8: 3})));
test('path_fd of OBJ_PIN', refused, field, 'step 1', frame(map, at(life.pin('a', 3), {16: 3})));
test('open_flags of a map by id', refused, field, 'step 0', frame(at(gotMap, {8: 8})));
test('next_id of a link by id', refused, field, 'step 0', frame(at(link, {4: 1})));
test('a byte in a list', refused, field, 'step 0', frame(at(life.list, {0: 1})));
test(
  'a number as link_fd',
  refused,
  field,
  'step 0',
  frame(at({...life.detach(0), slots: {}}, {0: 3})),
);
const missing = 'field_missing';
test('a detach of nothing', refused, missing, 'step 0', frame({...life.detach(0), slots: {}}));
test('a pin of nothing', refused, missing, 'step 0', frame({...life.pin('a', 0), slots: {}}));
test('an unpin of nothing', refused, missing, 'step 0', frame({...life.unpin('a', 0), slots: {}}));
const wrong = 'wrong_slot_kind';
test('a detach of a map', refused, wrong, 'patch 0', frame(gotMap, life.detach(1)));
test('a pin of a got link', refused, wrong, 'patch 1', frame(link, life.pin('a', 0)));
test('a pin of a got map', refused, wrong, 'patch 1', frame(gotMap, life.pin('a', 1)));
const toGot = frame(link, gotMap, life.update(0, 1));
test('an update to a got map', refused, wrong, 'patch 1', toGot);
const linkOfGot: StepSpec = {...sample.linkCreate, slots: {0: 1}};
test('a link of a got map', refused, wrong, 'patch 0', frame(gotMap, linkOfGot));
const write: StepSpec = {
  ...sample.structOpsUpdate,
  slots: {0: 1},
  ranges: {8: {bytes: Buffer.alloc(4)}, 16: {bytes: Buffer.alloc(40)}},
};
test('a value for a got map', refused, wrong, 'patch 0', frame(gotMap, write));
test(
  'a freeze of a got map',
  refused,
  wrong,
  'patch 0',
  frame(gotMap, {...sample.freeze, slots: {0: 1}}),
);
const readsGot: StepSpec = {
  ...sample.progLoad,
  slots: {},
  ranges: {...sample.progLoad.ranges, 8: {bytes: Buffer.alloc(16), slots: {4: 1}}},
};
test('a got map in instructions', refused, wrong, 'patch 4', frame(gotMap, readsGot));
const flags = 'bad_link_flags';
test(
  'BPF_F_REPLACE without a map',
  refused,
  flags,
  'step 2',
  frame(link, map, at(life.update(0, 3), {8: 4})),
);
test(
  'a map without BPF_F_REPLACE',
  refused,
  flags,
  'step 3',
  frame(link, gotMap, map, at(life.update(0, 3, 1), {8: 0})),
);
test(
  'other flags of an update',
  refused,
  flags,
  'step 2',
  frame(link, map, at(life.update(0, 3), {8: 1})),
);
const phase = 'phase_not_permitted';
const loading = (step: StepSpec): StepSpec => ({...step, phase: 1});
test('a detach in phase load', refused, phase, 'step 1', frame(link, loading(life.detach(0))));
test('a pin in phase load', refused, phase, 'step 1', frame(map, loading(life.pin('a', 3))));
test('an unpin in phase load', refused, phase, 'step 1', frame(link, loading(life.unpin('a', 0))));
test(
  'an update in phase load',
  refused,
  phase,
  'step 2',
  frame(link, map, loading(life.update(0, 3))),
);
test('a list in phase attach', refused, phase, 'step 0', frame({...life.list, phase: 2}));
test(
  'a pinned map in phase attach',
  refused,
  phase,
  'step 0',
  frame({...life.pinnedMap('a'), phase: 2}),
);
test(
  'a map by id that gets a link',
  refused,
  'flag_not_permitted',
  'step 0',
  frame({...gotMap, flags: 2}),
);
test(
  'an unpin that may fail',
  refused,
  'flag_not_permitted',
  'step 1',
  frame(link, {...life.unpin('a', 0), flags: 1}),
);
test(
  'a link by id without a slot',
  refused,
  'bad_result_slot',
  'step 0',
  frame({...link, slot: NONE}),
);
test(
  'a detach with a slot',
  refused,
  'bad_result_slot',
  'step 1',
  frame(link, {...life.detach(0), slot: 1}),
);
test(
  'a detach of what comes later',
  refused,
  'slot_read_before_filled',
  'patch 0',
  frame(gotMap, life.detach(0), {...link, phase: 2}),
);
const type = 'bad_map_type';
for (const number of [26, 33]) {
  test(
    `a pinned map of type ${number}`,
    refused,
    type,
    'step 0',
    frame(at(life.pinnedMap('a'), {0: number})),
  );
}
test(
  'a freeze of a pinned map',
  refused,
  type,
  'step 1',
  frame(life.pinnedMap('a'), sample.freeze),
);
for (const number of [0, 1, 2, 5, 28, 29, 30, 32, 59, NONE]) {
  const program = at(
    {
      ...sample.progLoad,
      slots: {},
      ranges: {...sample.progLoad.ranges, 8: {bytes: Buffer.alloc(16)}},
    },
    {0: number},
  );
  test(`a program of type ${number}`, refused, 'prog_type_not_permitted', 'step 0', frame(program));
}

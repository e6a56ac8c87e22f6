import test from 'ava';
import type {FaultReport} from '../../src/faults.js';
import type {PlanDescription, PlanStep} from '../../src/plan/plan_description.js';
import {openProbe, type WasmProbe} from '../helpers/wasm_probe.js';
import {encode, type FrameParts, KSYM_LOW, NONE, VALUE_IN_ATTR} from '../shim/frame_builder.js';
import {at} from '../shim/refused.js';
import {btfLoad, ksymProgLoad, structOpsUpdate, valueFrame} from '../shim/sample_frames.js';

/** Run-time values, arenas and associations: the frames that the executor is tested with, seen by the core. */

let probe: WasmProbe;

test.before(async () => {
  probe = await openProbe();
});

function describe(parts: FrameParts): PlanDescription {
  const status = probe.call('describe', encode(parts));
  if (status !== 0) throw new Error(probe.text());
  return probe.json() as PlanDescription;
}

const stepOf = (index: number): PlanStep => at(describe(valueFrame()).steps, index);

test('a map with as many entries as CPUs', t => {
  const {attr, patches} = stepOf(0);
  t.deepEqual(attr, {map_type: 4, key_size: 4, value_size: 4, map_name: 'events'});
  const place = {in: 'attr', field: 'max_entries', offset: 12, width: 4} as const;
  t.deepEqual(patches, [{...place, put: 'value', value: 'POSSIBLE_CPUS'}]);
});

test('addresses of kernel symbols', t => {
  const put = 'value' as const;
  const strong = {in: 'insns', width: 4, put, symbol: 'strong_one'};
  const weak = {in: 'insns', width: 4, put, symbol: 'weak_one'};
  t.deepEqual(stepOf(4).patches.slice(2), [
    {...strong, offset: 4, value: 'KSYM_LOW'},
    {...strong, offset: 12, value: 'KSYM_HIGH'},
    {...weak, offset: 20, value: 'WEAK_KSYM_LOW'},
    {...weak, offset: 28, value: 'WEAK_KSYM_HIGH'},
  ]);
});

test('an arena, mapped', t => {
  const {attr_hex, ...step} = stepOf(2);
  t.deepEqual(step, {
    ...{index: 2, phase: 'load', cmd: 'STRUCTOPS_ARENA_MAP', name: 'x.bpf.o', slot: null},
    ...{may_fail: false, attr: {offset: 8191, data_size: 3}, attr_size: 32},
    blobs: {data: '010203'},
    patches: [
      {in: 'attr', field: 'map_fd', offset: 0, width: 4, put: 'slot', slot: 1},
      {in: 'attr', field: 'data', offset: 16, width: 8, put: 'address', blob: 'data'},
    ],
  });
  t.is(attr_hex.length, 64);
});

test('an association', t => {
  const {cmd, may_fail, attr, patches} = stepOf(5);
  t.deepEqual([cmd, may_fail, attr], ['BPF_PROG_ASSOC_STRUCT_OPS', true, {}]);
  t.deepEqual(patches, [
    {in: 'attr', field: 'map_fd', offset: 0, width: 4, put: 'slot', slot: 3},
    {in: 'attr', field: 'prog_fd', offset: 4, width: 4, put: 'slot', slot: 4},
  ]);
});

test('a member that is a run-time value', t => {
  const parts = valueFrame();
  const {patch_first: first} = at(parts.steps, 7);
  const value = at(parts.patches, first + 2).source;
  const note = {kind: 1, step: 7, text: 0, text_size: 5, zero: 0};
  parts.notes.push({...note, offset: value + 24, size: 8, argument: 1});
  parts.notes.push({...note, offset: value + 8, size: 8, argument: 2});
  parts.notes.push({...note, offset: value + 24, size: 4, argument: 1});
  const {members, patches} = at(describe(parts).steps, 7);
  t.deepEqual(members, [
    {name: 'x.bpf', offset: 24, size: 8, kind: 'INT', value: 'HOTPLUG_SEQ'},
    {name: 'x.bpf', offset: 8, size: 8, kind: 'PTR', slot: 2},
    {name: 'x.bpf', offset: 24, size: 4, kind: 'INT', hex: '00000000'},
  ]);
  const put = {in: 'value', offset: 24, width: 8, put: 'value', value: 'HOTPLUG_SEQ'} as const;
  t.deepEqual(patches.at(-1), put);
});

test('symbols whose names lie far behind do not make a plan too large to be shown', t => {
  const values = Object.fromEntries(
    Array.from({length: 600}, (_, i) => [8 * i + 4, {value: KSYM_LOW, symbol: 'far'}]),
  );
  const parts = valueFrame(steps => {
    const {ranges = {}, numbers = {}} = ksymProgLoad;
    const insns = {bytes: Buffer.alloc(4800), values};
    steps[4] = {...ksymProgLoad, numbers: {...numbers, 4: 600}, ranges: {...ranges, 8: insns}};
    const btf = {bytes: Buffer.alloc(1 << 20), shared: true};
    steps.unshift({...btfLoad, numbers: {16: 1 << 20}, ranges: {0: btf}, slot: 6});
  });
  // Taken for sizes of ranges, the arguments would be more than a description can hold.
  t.true(2 * parts.patches.filter(patch => patch.size > 1 << 20).length * 2 ** 20 > 500 << 20);
  t.is(describe(parts).steps.length, 10);
});

// Structure: what is not so much as read. Where a value may go is the executor's to judge.
const patchOf = (step: number) => at(valueFrame().steps, step).patch_first;
const CPUS = patchOf(0);
const KSYM = patchOf(4) + 2;
const HOTPLUG = patchOf(7) + 4;

const refused = test.macro({
  exec(t, message: RegExp, change: (parts: FrameParts) => void) {
    const parts = valueFrame();
    change(parts);
    t.is(probe.call('describe', encode(parts)), 1);
    const {faults} = probe.json() as FaultReport;
    t.is(faults.length, 1);
    t.is(at(faults, 0).code, 'PLAN_BAD');
    t.regex(at(faults, 0).message, message);
  },
  title: (rule = '', message) => `${rule}: ${message}`,
});
const set = (index: number, change: Record<string, number>) => (parts: FrameParts) => {
  Object.assign(at(parts.patches, index), change);
};
for (const source of [0, 7, NONE]) {
  test(`value ${source}`, refused, /^patch 0: there is no run-time value/, set(CPUS, {source}));
  test(`value ${source} in a blob`, refused, /no run-time value/, set(KSYM, {source}));
}
test('half of hotplug', refused, /HOTPLUG_SEQ has not 4 bytes/, set(HOTPLUG, {width: 4}));
test('8 bytes of a symbol', refused, /KSYM_LOW has not 8 bytes/, set(KSYM, {width: 8}));
test('8 bytes of CPUs', refused, /max_entries has not 8 bytes/, set(CPUS, {width: 8}));
test('an argument of CPUs', refused, /reserved/, set(CPUS, {size: 1}));
test('an argument of hotplug', refused, /reserved/, set(HOTPLUG, {size: 1}));
test('CPUs as an fd', refused, /no field for numbers begins at 48/, set(CPUS, {offset: 48}));
test('CPUs in no field', refused, /no field for numbers begins at 44/, set(CPUS, {offset: 44}));
test('a symbol outside the shared area', refused, /no name of a symbol/, set(KSYM, {size: NONE}));
test('a symbol without a name', refused, /no name of a symbol/, parts => {
  at(parts.patches, KSYM).size += 'strong_one'.length;
});
test('a symbol of 512 bytes', refused, /of 1 to 511 bytes/, parts => {
  const {patches, steps, blob} = valueFrame(all => {
    const {ranges = {}} = at(all, 4);
    all[4] = {
      ...at(all, 4),
      ranges: {...ranges, 16: {bytes: Buffer.alloc(513, 'x'), shared: true}},
    };
  });
  Object.assign(parts, {patches, steps, blob});
  parts.head.shared_size = steps[0]?.attr ?? 0;
  at(patches, KSYM).size = at(patches, KSYM - 1).source;
});
test('bytes under CPUs', refused, /^patch 0: what it overwrites/, parts => {
  parts.blob[at(parts.steps, 0).attr + 13] = 1;
});
test('bytes under hotplug', refused, /what it overwrites/, parts => {
  parts.blob[at(parts.patches, HOTPLUG).offset + 7] = 1;
});
test('a value after its range', refused, /no private range/, parts => {
  at(parts.patches, HOTPLUG).offset += (structOpsUpdate.ranges?.[16]?.bytes.length ?? 0) - 24;
});
test('into the attr after the blob', refused, /into the attr follows/, parts => {
  Object.assign(at(parts.patches, HOTPLUG), {kind: VALUE_IN_ATTR, offset: 24});
});
test('two at one place', refused, /does not come after/, parts => {
  at(parts.patches, KSYM + 1).offset = at(parts.patches, KSYM).offset;
});

test('a plan that tells one symbol in each of its notes is refused, not described', t => {
  const parts = valueFrame();
  const symbol = parts.patches.find(({source}) => source === KSYM_LOW);
  const offset = symbol?.offset ?? 0;
  const note = {kind: 1, step: 4, offset, size: 4, text: 0, text_size: 0, argument: 1, zero: 0};
  for (let i = 0; i < 200_000; i++) parts.notes.push(note);
  t.is(probe.call('describe', encode(parts)), 1);
  t.regex(probe.text(), /told so often/);
});

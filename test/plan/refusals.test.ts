import test from 'ava';
import type {FaultReport} from '../../src/faults.js';
import {buildPlan, planParts} from '../helpers/plan_builder.js';
import {openProbe, type WasmProbe} from '../helpers/wasm_probe.js';
import {encode, type FrameParts, NONE, withDigest} from '../shim/frame_builder.js';
import {samplePlan} from './sample_plan.js';

/**
 * Each rule of docs/plan-format.md, broken alone in a plan with a right digest. The offset that the fault must name is
 * computed here from the sizes of the parts.
 */
let probe: WasmProbe;

test.before(async () => {
  probe = await openProbe();
});

type Place = (parts: FrameParts) => number;
type Change = (parts: FrameParts) => void;

const RECORD_SIZES = {modules: 32, steps: 48, patches: 24, notes: 32};
type Part = keyof typeof RECORD_SIZES;

const startOf = (wanted: Part | 'blob') => (parts: FrameParts) => {
  let at = 128;
  for (const [part, size] of Object.entries(RECORD_SIZES)) {
    if (part === wanted) return at;
    at += parts[part as Part].length * size;
  }
  return at;
};

/** The place of a field of a record. */
const field =
  (part: Part, index: number, offset: number): Place =>
  parts =>
    startOf(part)(parts) + index * RECORD_SIZES[part] + offset;
const inBlob =
  (offset: (parts: FrameParts) => number): Place =>
  parts =>
    startOf('blob')(parts) + offset(parts);
const head =
  (offset: number): Place =>
  () =>
    offset;

function recordOf<Name extends Part>(
  parts: FrameParts,
  part: Name,
  index: number,
): FrameParts[Name][number] {
  const record = parts[part][index];
  if (record === undefined) throw new RangeError(`no ${part} ${index}`);
  return record;
}

/** Sets fields of a record. */
const set =
  (part: Part, index: number, values: Record<string, number | bigint>): Change =>
  parts => {
    Object.assign(recordOf(parts, part, index), values);
  };
const setHead =
  (values: Record<string, number | bigint>): Change =>
  parts => {
    Object.assign(parts.head, values);
  };

function faultsOf(plan: Uint8Array): FaultReport['faults'] {
  if (probe.call('describe', plan) !== 1) throw new Error(`described: ${probe.text()}`);
  return (probe.json() as FaultReport).faults;
}

const refused = test.macro({
  exec(t, message: RegExp, place: Place, change: Change) {
    const parts = planParts(samplePlan());
    change(parts);
    const [fault, ...more] = faultsOf(encode(parts));
    t.deepEqual(more, []);
    t.is(fault?.code, 'PLAN_BAD');
    t.regex(fault?.message ?? '', message);
    t.deepEqual(fault?.where, {input: 'plan', offset: place(parts)});
  },
  title: (rule = '', message) => `${rule}: ${message}`,
});

/** As the head says counts that are not those of the parts. */
const forced = test.macro({
  exec(t, message: RegExp, offset: number, values: Record<string, number>) {
    const [fault] = faultsOf(encode(planParts(samplePlan()), values));
    t.is(fault?.code, 'PLAN_BAD');
    t.regex(fault?.message ?? '', message);
    t.is(fault?.where.offset, offset);
  },
  title: (rule = '') => rule,
});

const envelope = test.macro({
  exec(t, code: string, offset: number, make: (plan: Buffer) => Uint8Array) {
    const [fault, ...more] = faultsOf(make(buildPlan(samplePlan())));
    t.deepEqual(more, []);
    t.is(fault?.code, code);
    t.deepEqual(fault?.where, {input: 'plan', offset});
  },
  title: (reason = '', code) => `${reason}: ${code}`,
});

const changed = (offset: number, value: number) => (plan: Buffer) => {
  plan.writeUInt32LE(value, offset);
  return plan;
};
const planSize = buildPlan(samplePlan()).length;

test('nothing', envelope, 'PLAN_TRUNCATED', 0, () => Buffer.alloc(0));
test('half of the magic', envelope, 'PLAN_TRUNCATED', 4, plan => plan.subarray(0, 4));
test('a head without an end', envelope, 'PLAN_TRUNCATED', 15, plan => plan.subarray(0, 15));
test('the last byte missing', envelope, 'PLAN_TRUNCATED', planSize - 1, plan =>
  plan.subarray(0, -1),
);
test('another file', envelope, 'PLAN_NOT_PLAN', 0, () => Buffer.from('\x7fELF'));
test('the last letter of the magic', envelope, 'PLAN_NOT_PLAN', 0, changed(4, 0x716f_7463));
test('version 0', envelope, 'PLAN_VERSION', 8, changed(8, 0));
test('version 2', envelope, 'PLAN_VERSION', 8, changed(8, 2));
test('65 MiB', envelope, 'PLAN_BAD', 12, changed(12, 65 << 20));
test('a size without room for a digest', envelope, 'PLAN_BAD', 12, changed(12, 159));
test('a byte after the end', envelope, 'PLAN_BAD', planSize, plan =>
  Buffer.concat([plan, Buffer.alloc(1)]),
);
test('one bit', envelope, 'PLAN_DIGEST', planSize - 32, plan => {
  plan.writeUInt8(plan.readUInt8(200) ^ 1, 200);
  return plan;
});
test('one bit of the digest', envelope, 'PLAN_DIGEST', planSize - 32, plan => {
  plan.writeUInt8(plan.readUInt8(planSize - 1) ^ 1, planSize - 1);
  return plan;
});
test('a byte between blob and digest', envelope, 'PLAN_BAD', 12, plan => {
  plan.writeUInt32LE(planSize + 1, 12);
  return withDigest(Buffer.concat([plan.subarray(0, -32), Buffer.alloc(1)]));
});

// The head.
test('slots', forced, /too many slots/, 16, {slot_count: 4097});
test('modules', forced, /too many modules/, 20, {module_count: 65});
test('steps', forced, /too many steps/, 24, {step_count: 16385});
test('patches', forced, /too many patches/, 28, {patch_count: 262145});
test('notes', forced, /too many notes/, 32, {note_count: 262145});
test('2^32 - 1 steps', forced, /too many steps/, 24, {step_count: NONE});
test('one module less', forced, /add up/, 12, {module_count: 0});
test('one note more', forced, /add up/, 12, {note_count: 9});
test('a blob of 4 GiB', forced, /add up/, 12, {blob_size: NONE});
test('blob_size', refused, /^head: .*multiple of 8/, head(36), parts => {
  parts.blob = Buffer.concat([parts.blob, Buffer.alloc(4)]);
});
test('shared_size of 4', refused, /^head: the shared/, head(112), setHead({shared_size: 4}));
test(
  'shared_size of 1 MiB',
  refused,
  /^head: the shared/,
  head(112),
  setHead({shared_size: 1 << 20}),
);
test('btf_xxh64', refused, /digest of no BTF/, head(104), setHead({btf_size: 0}));
for (const [i, name] of ['zero_0', 'zero_1', 'zero_2'].entries()) {
  test(name, refused, /^head: a reserved/, head(116 + 4 * i), setHead({[name]: 1}));
}
test('object_name', refused, /^head: a text/, head(88), setHead({object_name: 1 << 20}));
test('object_name that wraps', refused, /^head: a text/, head(88), setHead({object_name: NONE}));
test('object_name_size', refused, /^head: a name/, head(92), setHead({object_name_size: 256}));

// Modules.
const moduleField = (offset: number) => field('modules', 0, offset);
const setModule = (values: Record<string, number | bigint>) => set('modules', 0, values);
test('no name', refused, /^module 0: .*no name/, moduleField(4), setModule({name_size: 0}));
test('name_size', refused, /^module 0: a name/, moduleField(4), setModule({name_size: 56}));
test('name', refused, /^module 0: a text/, moduleField(0), setModule({name: NONE}));
test('no BTF', refused, /^module 0: .*is empty/, moduleField(8), setModule({btf_size: 0}));
test('zero', refused, /^module 0: a reserved/, moduleField(31), setModule({zero: 1 << 24}));
test('slot', refused, /^module 0: there is no slot 6/, moduleField(24), setModule({slot: 6}));
test('no vmlinux', refused, /^module 0: .*vmlinux/, head(96), parts => {
  Object.assign(parts.head, {btf_size: 0, btf_xxh64: 0});
});
test('one slot, two modules', refused, /^module 1: .*twice/, field('modules', 1, 24), parts => {
  parts.modules.push({...recordOf(parts, 'modules', 0)} as FrameParts['modules'][number]);
});

// Steps: 0 btf, 1 and 2 maps, 3 program, 4 freeze, 5 bind, 6 update, 7 link, 8 delete.
const step = (index: number, offset: number) => field('steps', index, offset);
const setStep = (index: number, values: Record<string, number>) => set('steps', index, values);
test('cmd', refused, /^step 1: .*command 1 /, step(1, 0), setStep(1, {cmd: 1}));
test('cmd', refused, /^step 1: .*command/, step(1, 0), setStep(1, {cmd: NONE}));
test('phase 0', refused, /^step 0: the phase/, step(0, 4), setStep(0, {phase: 0}));
test('phase 3', refused, /^step 8: the phase/, step(8, 4), setStep(8, {phase: 3}));
test('load after attach', refused, /^step 7: the phase/, step(7, 4), setStep(7, {phase: 1}));
test('a flag', refused, /^step 5: .*flags/, step(5, 28), setStep(5, {flags: 2}));
test('may fail', refused, /^step 4: .*flags/, step(4, 28), setStep(4, {flags: 1}));
test('zero_0', refused, /^step 2: a reserved/, step(2, 40), setStep(2, {zero_0: 1}));
test('zero_1', refused, /^step 2: a reserved/, step(2, 47), setStep(2, {zero_1: 1 << 24}));
test('name_size', refused, /^step 2: a name/, step(2, 36), setStep(2, {name_size: 256}));
test('name', refused, /^step 2: a text/, step(2, 32), setStep(2, {name: NONE}));
test('attr_size', refused, /^step 4: .*size/, step(4, 12), setStep(4, {attr_size: 8}));
test('attr_size', refused, /^step 0: .*size/, step(0, 12), setStep(0, {attr_size: 0}));
test('attr', refused, /^step 0: .*follow/, step(0, 8), setStep(0, {attr: 0}));
test('attr', refused, /^step 3: .*follow/, step(3, 8), setStep(3, {attr: NONE}));
test('patch_first', refused, /^step 1: .*next ones/, step(1, 16), setStep(1, {patch_first: 0}));
test('patch_count', refused, /^step 8: .*so many/, step(8, 20), setStep(8, {patch_count: 3}));
test('patch_count', refused, /^step 0: .*so many/, step(0, 20), setStep(0, {patch_count: NONE}));
test('no slot', refused, /^step 0: no slot/, step(0, 24), setStep(0, {slot: NONE}));
test('a slot for nothing', refused, /^step 4: .*no fd/, step(4, 24), setStep(4, {slot: 4}));
test('slot', refused, /^step 7: there is no slot 6/, step(7, 24), setStep(7, {slot: 6}));
test('filled by a module', refused, /^step 0: slot 0 .*twice/, step(0, 24), setStep(0, {slot: 0}));
test('filled by a step', refused, /^step 1: slot 1 .*twice/, step(1, 24), setStep(1, {slot: 1}));
test('the last step cut off', refused, /^step 8: .*beyond the blob/, step(8, 8), parts => {
  parts.blob = parts.blob.subarray(0, -16);
});

// The attr image.
const attrByte = (index: number, offset: number) =>
  inBlob(parts => Number(recordOf(parts, 'steps', index).attr) + offset);
const setAttr =
  (index: number, offset: number): Change =>
  parts => {
    parts.blob[Number(recordOf(parts, 'steps', index).attr) + offset] = 1;
  };
test('log_level', refused, /^step 0: .*outside all fields/, attrByte(0, 24), setAttr(0, 24));
test('an fd in the image', refused, /^step 4: .*map_fd/, attrByte(4, 3), setAttr(4, 3));
test('an address in the image', refused, /^step 0: .*field btf /, attrByte(0, 7), setAttr(0, 7));
test('padding of an attr', refused, /^step 1: .*padding/, attrByte(1, 95), setAttr(1, 95));

// Patches: 0 btf; 1 map; 2, 3 map; 4 to 9 program; 10 freeze; 11, 12 bind; 13 to 16 update; 17 link; 18, 19 delete.
const patch = (index: number, offset: number) => field('patches', index, offset);
const setPatch = (index: number, values: Record<string, number>) => set('patches', index, values);
for (const kind of [0, 6, NONE]) {
  test(`kind ${kind}`, refused, /^patch 0: .*no kind/, patch(0, 0), setPatch(0, {kind}));
}
test('zero', refused, /^patch 16: a reserved/, patch(16, 20), setPatch(16, {zero: 1}));
test('no field there', refused, /^patch 0: no field/, patch(0, 4), setPatch(0, {offset: 24}));
test('inside a field', refused, /^patch 0: no field/, patch(0, 4), setPatch(0, {offset: 4}));
test('beyond the attr', refused, /^patch 0: no field/, patch(0, 4), setPatch(0, {offset: NONE}));
test('an fd for an address', refused, /^patch 0: no field for fds/, patch(0, 4), parts => {
  Object.assign(recordOf(parts, 'patches', 0), {kind: 2, width: 4, source: 0, size: 0});
});
test('an address for an fd', refused, /^patch 10: no field for addr/, patch(10, 4), parts => {
  Object.assign(recordOf(parts, 'patches', 10), {kind: 1, width: 8, size: 4});
});
test('an address of 4 bytes', refused, /^patch 0: .*4 bytes/, patch(0, 8), setPatch(0, {width: 4}));
test('an fd of 8 bytes', refused, /^patch 10: .*8 bytes/, patch(10, 8), setPatch(10, {width: 8}));
for (const width of [0, 1, 16, NONE]) {
  test(`${width} bytes`, refused, /^patch 16: an fd/, patch(16, 8), setPatch(16, {width}));
}
test('empty range', refused, /^patch 0: .*empty/, patch(0, 16), setPatch(0, {size: 0}));
test('range', refused, /^patch 0: .*follow/, patch(0, 12), setPatch(0, {source: NONE}));
test('range', refused, /^patch 0: .*beyond the blob/, patch(0, 12), setPatch(0, {size: NONE}));
test('a range used twice', refused, /^patch 7: .*follow/, patch(7, 12), parts => {
  recordOf(parts, 'patches', 7).source = recordOf(parts, 'patches', 4).source;
});
test('half shared', refused, /^patch 14: .*follow/, patch(14, 12), parts => {
  const source = Number(parts.head.shared_size) - 8;
  Object.assign(recordOf(parts, 'patches', 14), {source, size: 16});
});
test('size of an fd', refused, /^patch 10: a reserved/, patch(10, 16), setPatch(10, {size: 4}));
test('no such slot', refused, /^patch 10: .*slot 6/, patch(10, 12), setPatch(10, {source: 6}));
test('slot of later', refused, /^patch 10: .*before/, patch(10, 12), setPatch(10, {source: 5}));
test('own slot', refused, /^patch 1: slot 2 .*before/, patch(1, 12), setPatch(1, {source: 2}));
test('descending in the attr', refused, /^patch 12: .*after/, patch(12, 4), parts => {
  recordOf(parts, 'patches', 11).offset = 4;
  recordOf(parts, 'patches', 12).offset = 0;
});
test('twice in the attr', refused, /^patch 12: .*after/, patch(12, 4), setPatch(12, {offset: 0}));
test('attr after blob', refused, /^patch 9: a patch into the attr/, patch(9, 0), parts => {
  Object.assign(recordOf(parts, 'patches', 9), {kind: 2, offset: 112});
});
test('descending in the blob', refused, /^patch 9: .*after/, patch(9, 4), parts => {
  const [a, b] = [recordOf(parts, 'patches', 8), recordOf(parts, 'patches', 9)];
  [a.offset, b.offset] = [b.offset ?? 0, a.offset ?? 0];
});
test('overlapping in the blob', refused, /^patch 9: .*after/, patch(9, 4), parts => {
  recordOf(parts, 'patches', 9).offset = Number(recordOf(parts, 'patches', 8).offset) + 2;
});
const rangeOf = (parts: FrameParts, index: number) =>
  Number(recordOf(parts, 'patches', index).source);
const outside = [
  {where: 'past its range', to: (parts: FrameParts) => rangeOf(parts, 15) + 20},
  {where: 'in the shared area', to: (parts: FrameParts) => rangeOf(parts, 14)},
  {where: 'in the range of another step', to: (parts: FrameParts) => rangeOf(parts, 4)},
  {where: 'in an attr', to: (parts: FrameParts) => Number(recordOf(parts, 'steps', 6).attr)},
  {where: 'past the blob', to: () => NONE - 7},
];
for (const {where, to} of outside) {
  test(where, refused, /^patch 16: .*no private range/, patch(16, 4), parts => {
    recordOf(parts, 'patches', 16).offset = to(parts);
  });
}
const target = inBlob(parts => rangeOf(parts, 15) + 15);
test('bytes under an fd', refused, /^patch 16: .*overwrites/, target, parts => {
  parts.blob[rangeOf(parts, 15) + 15] = 1;
});
test(
  'padding of a range',
  refused,
  /^patch 0: .*padding/,
  inBlob(p => rangeOf(p, 0) + 3),
  parts => {
    parts.blob[rangeOf(parts, 0) + 3] = 1;
  },
);
test('one patch too many', refused, /^plan: a patch/, patch(20, 0), parts => {
  parts.patches.push({...recordOf(parts, 'patches', 10)} as FrameParts['patches'][number]);
});
const oldEnd = planParts(samplePlan()).blob.length;
test(
  '8 bytes too many',
  refused,
  /^plan: bytes of the blob/,
  inBlob(() => oldEnd),
  parts => {
    parts.blob = Buffer.concat([parts.blob, Buffer.alloc(8)]);
  },
);

// Notes: 0 setting, 1 warning, 2 loss, 3 warning, 4 value type, 5 to 7 members.
const note = (index: number, offset: number) => field('notes', index, offset);
const setNote = (index: number, values: Record<string, number>) => set('notes', index, values);
test('kind 0', refused, /^note 0: .*no kind 0/, note(0, 0), setNote(0, {kind: 0}));
test('kind 6', refused, /^note 0: .*no kind 6/, note(0, 0), setNote(0, {kind: 6}));
test('step', refused, /^note 2: .*step/, note(2, 4), setNote(2, {step: 9}));
test('value type of all', refused, /^note 4: .*step/, note(4, 4), setNote(4, {step: NONE}));
test('member of all', refused, /^note 5: .*step/, note(5, 4), setNote(5, {step: NONE}));
test('bytes', refused, /^note 1: .*outside the blob/, note(1, 8), setNote(1, {size: 1 << 20}));
test(
  'bytes that wrap',
  refused,
  /^note 1: .*outside/,
  note(1, 8),
  setNote(1, {offset: 8, size: NONE}),
);
test('text', refused, /^note 1: a text/, note(1, 16), setNote(1, {text_size: NONE}));
test('zero', refused, /^note 7: a reserved/, note(7, 28), setNote(7, {zero: 1}));
test('a second type', refused, /^note 8: .*two types/, note(8, 4), parts => {
  parts.notes.push({...recordOf(parts, 'notes', 4)} as FrameParts['notes'][number]);
});
test('member elsewhere', refused, /^note 5: the member/, note(5, 8), parts => {
  recordOf(parts, 'notes', 5).offset = rangeOf(parts, 0);
});

test('a small plan that tells the same megabytes thousands of times is refused, not described', t => {
  const parts = planParts({notes: [{kind: 'warning', text: Buffer.alloc(4 << 20, 1)}]});
  const [first] = parts.notes;
  if (first === undefined) throw new RangeError('no note');
  for (let i = 0; i < 4000; i++) parts.notes.push({...first});
  const [fault] = faultsOf(encode(parts));
  t.is(fault?.code, 'PLAN_BAD');
  t.regex(fault?.message ?? '', /told so often/);
});

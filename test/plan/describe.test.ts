import test from 'ava';
import type {PlanDescription, PlanStep} from '../../src/plan/plan_description.js';
import {buildPlan, type PlanLiteral} from '../helpers/plan_builder.js';
import {openProbe, type WasmProbe} from '../helpers/wasm_probe.js';
import {samplePlan} from './sample_plan.js';

let probe: WasmProbe;

test.before(async () => {
  probe = await openProbe();
});

function describe(literal: PlanLiteral): PlanDescription {
  const status = probe.call('describe', buildPlan(literal));
  if (status !== 0) throw new Error(probe.text());
  return probe.json() as PlanDescription;
}

function stepOf(index: number): PlanStep {
  return describe(samplePlan()).steps[index] as PlanStep;
}

test('the head: identities, capabilities, settings, losses, warnings', t => {
  const plan = buildPlan(samplePlan());
  const {steps, ...head} = describe(samplePlan());
  t.deepEqual(head, {
    schema: 'structops.plan/1',
    plan: {size: plan.length, sha256: plan.subarray(-32).toString('hex')},
    object: {name: 'first.bpf.o', size: 9000, sha256: 'ab'.repeat(32)},
    kernel: {
      btf_size: 5_212_345,
      btf_xxh64: '0123456789abcdef',
      modules: [{name: 'hid', btf_size: 77, btf_xxh64: '000000000000000f', slot: 0}],
    },
    capabilities: ['CAP_CHOWN', 'CAP_PERFMON', 'CAP_BPF', 'CAP_63'],
    slot_count: 6,
    settings: ['page_size=4096'],
    setting_changes: [],
    losses: [{step: 3, text: 'a weak kfunc'}],
    warnings: [
      {step: null, text: 'about all'},
      {step: 6, text: 'not "UTF-8": \ufffd\u0001'},
    ],
  });
  t.is(steps.length, 9);
});

type StepWithoutHex = Omit<PlanStep, 'attr_hex'>;

const step = test.macro({
  exec(t, index: number, wanted: StepWithoutHex) {
    const {attr_hex, ...rest} = stepOf(index);
    t.deepEqual(rest, wanted);
    t.is(attr_hex.length, 2 * wanted.attr_size);
  },
  title: (_, index: number, wanted: StepWithoutHex) => `step ${index}: ${wanted.cmd}`,
});

test(step, 0, {
  ...{index: 0, phase: 'load', cmd: 'BPF_BTF_LOAD', name: 'first', slot: 1, may_fail: false},
  attr: {btf_size: 3},
  attr_size: 40,
  blobs: {btf: '9febff'},
  patches: [{in: 'attr', field: 'btf', offset: 0, width: 8, put: 'address', blob: 'btf'}],
});

test(step, 1, {
  ...{index: 1, phase: 'load', cmd: 'BPF_MAP_CREATE', name: '.data', slot: 2, may_fail: false},
  attr: {map_type: 2, key_size: 4, value_size: 8, max_entries: 1, map_name: 'first.data'},
  attr_size: 92,
  blobs: {},
  patches: [{in: 'attr', field: 'btf_fd', offset: 48, width: 4, put: 'slot', slot: 1}],
});

// A name without a NUL is as long as the field; a number above 2^53 is a string.
test(step, 2, {
  ...{index: 2, phase: 'load', cmd: 'BPF_MAP_CREATE', name: 'ops', slot: 3, may_fail: false},
  attr: {
    ...{map_type: 26, key_size: 4, value_size: 24, max_entries: 1, map_flags: 32768},
    ...{map_name: 'sixteen_letters_', btf_vmlinux_value_type_id: 4_000_000_000},
    map_extra: '0x20000000000001',
  },
  attr_size: 92,
  blobs: {},
  patches: [
    {in: 'attr', field: 'btf_fd', offset: 48, width: 4, put: 'slot', slot: 1},
    {in: 'attr', field: 'value_type_btf_obj_fd', offset: 72, width: 4, put: 'slot', slot: 0},
  ],
});

test(step, 3, {
  ...{index: 3, phase: 'load', cmd: 'BPF_PROG_LOAD', name: 'first_init', slot: 4},
  may_fail: false,
  attr: {prog_type: 27, insn_cnt: 2, prog_name: 'first_init', attach_btf_id: 9},
  attr_size: 168,
  blobs: {
    insns: '18110000000000000000000000000000',
    license: '47504c00',
    fd_array: '0000000000000000',
  },
  patches: [
    {in: 'attr', field: 'insns', offset: 8, width: 8, put: 'address', blob: 'insns'},
    {in: 'attr', field: 'license', offset: 16, width: 8, put: 'address', blob: 'license'},
    {in: 'attr', field: 'prog_btf_fd', offset: 72, width: 4, put: 'slot', slot: 1},
    {in: 'attr', field: 'fd_array', offset: 120, width: 8, put: 'address', blob: 'fd_array'},
    {in: 'insns', offset: 4, width: 4, put: 'slot', slot: 2},
    {in: 'fd_array', offset: 4, width: 4, put: 'slot', slot: 0},
  ],
});

test(step, 4, {
  ...{index: 4, phase: 'load', cmd: 'BPF_MAP_FREEZE', name: '.data', slot: null, may_fail: false},
  attr: {},
  attr_size: 4,
  blobs: {},
  patches: [{in: 'attr', field: 'map_fd', offset: 0, width: 4, put: 'slot', slot: 2}],
});

test(step, 5, {
  ...{index: 5, phase: 'load', cmd: 'BPF_PROG_BIND_MAP', name: 'first_init, .data', slot: null},
  may_fail: true,
  attr: {},
  attr_size: 12,
  blobs: {},
  patches: [
    {in: 'attr', field: 'prog_fd', offset: 0, width: 4, put: 'slot', slot: 4},
    {in: 'attr', field: 'map_fd', offset: 4, width: 4, put: 'slot', slot: 2},
  ],
});

// Members are in the order of their notes; an unknown BTF kind is told by its number.
test(step, 6, {
  ...{index: 6, phase: 'attach', cmd: 'BPF_MAP_UPDATE_ELEM', name: 'ops', slot: null},
  may_fail: false,
  attr: {flags: 1},
  attr_size: 32,
  blobs: {key: '00000000', value: `${'00'.repeat(16)}6f6b0000aabb0000`},
  patches: [
    {in: 'attr', field: 'map_fd', offset: 0, width: 4, put: 'slot', slot: 3},
    {in: 'attr', field: 'key', offset: 8, width: 8, put: 'address', blob: 'key'},
    {in: 'attr', field: 'value', offset: 16, width: 8, put: 'address', blob: 'value'},
    {in: 'value', offset: 8, width: 8, put: 'slot', slot: 4},
  ],
  value_type: 'bpf_struct_ops_first',
  members: [
    {name: 'name', offset: 16, size: 4, kind: 'ARRAY', hex: '6f6b0000'},
    {name: 'init', offset: 8, size: 8, kind: 'PTR', slot: 4},
    {name: 'odd', offset: 21, size: 1, kind: 'kind 99', hex: 'bb'},
  ],
});

test(step, 7, {
  ...{index: 7, phase: 'attach', cmd: 'BPF_LINK_CREATE', name: 'ops', slot: 5, may_fail: false},
  attr: {attach_type: 44},
  attr_size: 64,
  blobs: {},
  patches: [{in: 'attr', field: 'map_fd', offset: 0, width: 4, put: 'slot', slot: 3}],
});

test(step, 8, {
  ...{index: 8, phase: 'attach', cmd: 'BPF_MAP_DELETE_ELEM', name: 'ops', slot: null},
  may_fail: false,
  attr: {},
  attr_size: 32,
  blobs: {key: '00000000'},
  patches: [
    {in: 'attr', field: 'map_fd', offset: 0, width: 4, put: 'slot', slot: 3},
    {in: 'attr', field: 'key', offset: 8, width: 8, put: 'address', blob: 'key'},
  ],
});

test('attr_hex is the image, byte by byte', t => {
  t.is(stepOf(7).attr_hex, `${'00'.repeat(8)}2c000000${'00'.repeat(52)}`);
});

test('a plan of nothing', t => {
  const {plan, ...rest} = describe({});
  t.is(plan.size, 128 + 32);
  t.deepEqual(rest, {
    schema: 'structops.plan/1',
    object: {name: '', size: 0, sha256: '00'.repeat(32)},
    kernel: {btf_size: 0, btf_xxh64: '0'.repeat(16), modules: []},
    ...{
      capabilities: [],
      slot_count: 0,
      settings: [],
      setting_changes: [],
      losses: [],
      warnings: [],
      steps: [],
    },
  });
});

test('the same plan gives the same bytes, in any instance', async t => {
  const plan = buildPlan(samplePlan());
  probe.call('describe', plan);
  const first = probe.text();
  const other = await openProbe();
  other.call('describe', plan);
  t.is(other.text(), first);
});

test('a plan of megabytes is described in proportion to its size', t => {
  const plan = buildPlan({
    steps: [
      {
        cmd: 'BPF_BTF_LOAD',
        slot: 0,
        attr: {btf_size: 24 << 20},
        blobs: {btf: {bytes: Buffer.alloc(24 << 20, 'large')}},
      },
    ],
  });
  const start = performance.now();
  t.is(probe.call('describe', plan), 0);
  const elapsedMs = performance.now() - start;
  t.log(`${(plan.length / 2 ** 20).toFixed()} MiB in ${elapsedMs.toFixed()} ms`);
  // What grows with the square would take hours.
  t.true(elapsedMs < 60_000);
  const [first] = (probe.json() as PlanDescription).steps;
  t.is(first?.blobs.btf?.length, 48 << 20);
});

import test from 'ava';
import type {PlanDescription} from '../../src/plan/plan_description.js';
import {renderPlan} from '../../src/render/plan.js';
import {screenOf} from '../../src/render/screen.js';
import {openProbe} from '../helpers/wasm_probe.js';
import {encode} from '../shim/frame_builder.js';
import {at} from '../shim/refused.js';
import {valueFrame} from '../shim/sample_frames.js';

const plain = screenOf({isTTY: false}, {});

test('a dry run says what only the running kernel knows, and what an arena is filled with', async t => {
  const parts = valueFrame();
  const value = at(parts.patches, at(parts.steps, 7).patch_first + 2).source;
  const note = {kind: 1, step: 7, text: 0, text_size: 5, argument: 1, zero: 0};
  parts.notes.push({...note, offset: value + 24, size: 8});
  const probe = await openProbe();
  t.is(probe.call('describe', encode(parts)), 0);
  const lines = renderPlan(probe.json() as PlanDescription, plain).split('\n');
  const has = (pattern: RegExp) =>
    t.true(
      lines.some(line => pattern.test(line)),
      String(pattern),
    );
  has(/BPF_MAP_CREATE .* PERF_EVENT_ARRAY, .*, as many entries as the number of possible CPUs/);
  has(/BPF_MAP_CREATE .* ARENA, .*, 16 entries/);
  has(/STRUCTOPS_ARENA_MAP .* map x\.bpf\.o \(slot 1\), 3 bytes of data at offset 0x1fff/);
  has(/SYSCALL, 5 instructions, address of strong_one, address of weak_one, or 0 without it$/);
  has(/BPF_PROG_ASSOC_STRUCT_OPS .* map .*\(slot 3\), prog .*\(slot 4\), may fail$/);
  has(/24 +8 +x\.bpf +the running kernel's count of CPU hotplugs$/);
});

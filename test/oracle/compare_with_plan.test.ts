import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {type PlanDescription, planObject} from '../../src/index.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';
import {compareWithPlan, unexpected} from './compare_with_plan.js';
import {type LibbpfStep, libbpfSteps} from './libbpf_steps.js';

// A plan and libbpf's steps that are alike; then one thing is changed, and has to be found.

const OBJECT = join(REPOSITORY, 'examples/tcp/second_link.bpf.o');

type Mutable<T> = {-readonly [Key in keyof T]: Mutable<T[Key]>};
type Steps = Mutable<LibbpfStep>[];

let plan: PlanDescription;
let steps: readonly LibbpfStep[];

test.before(async () => {
  const kernel = await getKernel('6.12');
  const [object, kernelBtf] = [await readFile(OBJECT), await readFile(kernel.btf)];
  plan = planObject({object, objectName: 'second_link.bpf.o', kernelBtf}).describe();
  steps = (await libbpfSteps(OBJECT, kernel)).steps;
});

test('alike: only what is meant', t => {
  const differences = compareWithPlan(plan, steps);
  t.deepEqual(unexpected(differences), []);
  t.deepEqual(differences[0], {
    plan: null,
    libbpf: 5,
    what: 'BPF_MAP_UPDATE_ELEM second_l.bss: step',
    ours: '',
    theirs: 'made',
    ...{allowed: differences[0]?.allowed as never},
  });
  t.is(differences[0]?.allowed?.name, 'zeros into a new array');
  t.is(differences.length, 6);
});

/** `plan index/libbpf index what`. */
const found = test.macro({
  exec(t, change: (steps: Steps) => void, wanted: readonly string[]) {
    const changed = structuredClone(steps) as Steps;
    change(changed);
    const told = unexpected(compareWithPlan(plan, changed)).map(
      ({plan, libbpf, what}) => `${plan ?? '-'}/${libbpf ?? '-'} ${what}`,
    );
    t.deepEqual(told, wanted);
  },
  title: (why = '') => `found: ${why}`,
});

function at(steps: Steps, index: number): Steps[number] {
  const step = steps[index];
  if (step === undefined) throw new Error(`no step ${index}`);
  return step;
}

/** Changes the hex digit of a text at `digit`. */
function otherDigit(hex: string | undefined, digit: number): string {
  if (hex === undefined || digit >= hex.length) throw new Error('no such digit');
  return hex.slice(0, digit) + (hex[digit] === '0' ? '1' : '0') + hex.slice(digit + 1);
}

test(
  'a number in the attr',
  found,
  steps => {
    at(steps, 1).attr.value_size = 13;
  },
  ['1/1 BPF_MAP_CREATE .rodata: value_size'],
);

test(
  'a field that the plan leaves zero',
  found,
  steps => {
    at(steps, 1).attr.numa_node = 1;
  },
  ['1/1 BPF_MAP_CREATE .rodata: numa_node'],
);

test(
  'a byte in no field that is known',
  found,
  steps => {
    at(steps, 1).attr_hex = otherDigit(at(steps, 1).attr_hex, 2 * 90);
  },
  ['1/1 BPF_MAP_CREATE .rodata: attr, byte 90'],
);

test(
  'a byte of the attr beside kern_version, which may differ',
  found,
  steps => {
    at(steps, 7).attr_hex = otherDigit(at(steps, 7).attr_hex, 2 * 44);
  },
  ['6/7 BPF_PROG_LOAD second_init: attr, byte 44'],
);

test(
  'a byte of BTF',
  found,
  steps => {
    at(steps, 0).blobs.btf = otherDigit(at(steps, 0).blobs.btf, 2 * 100 + 1);
  },
  ['0/0 BPF_BTF_LOAD second_link.bpf.o: btf, byte 100'],
);

test(
  'a blob that is longer',
  found,
  steps => {
    at(steps, 7).blobs.line_info += '00';
  },
  ['6/7 BPF_PROG_LOAD second_init: line_info, byte 112'],
);

test(
  'a blob that the plan has not',
  found,
  steps => {
    at(steps, 7).blobs.fd_array = '00000000';
  },
  ['6/7 BPF_PROG_LOAD second_init: fd_array, byte 0'],
);

test(
  'an instruction with the fd of another map',
  found,
  steps => {
    const patch = at(steps, 9).patches.find(patch => patch.in === 'insns' && patch.offset === 20);
    if (patch !== undefined) patch.slot = 2;
  },
  ['8/9 BPF_PROG_LOAD second_ssthresh: 4 bytes at insns 20'],
);

test(
  'an fd of nothing',
  found,
  steps => {
    const patch = at(steps, 17).patches.find(patch => patch.in === 'value');
    if (patch !== undefined) patch.slot = null;
  },
  ['16/17 BPF_MAP_UPDATE_ELEM so_second: 8 bytes at value 64'],
);

test(
  'a callback in another member',
  found,
  steps => {
    const patch = at(steps, 17).patches.find(patch => patch.in === 'value');
    if (patch !== undefined) patch.offset = 88;
  },
  [
    '16/17 BPF_MAP_UPDATE_ELEM so_second: 8 bytes at value 64',
    '16/17 BPF_MAP_UPDATE_ELEM so_second: 8 bytes at value 88',
  ],
);

test(
  'a step that the plan lacks',
  found,
  steps => {
    steps.splice(4, 0, {...structuredClone(at(steps, 3)), index: 99});
  },
  ['-/99 BPF_MAP_FREEZE second_l.rodata: step'],
);

test(
  'a step that only the plan has',
  found,
  steps => {
    steps.splice(3, 1);
  },
  ['3/- BPF_MAP_FREEZE .rodata: step'],
);

test(
  'two steps in the other order',
  found,
  steps => {
    const [freeze] = steps.splice(3, 1);
    if (freeze !== undefined) steps.splice(2, 0, freeze);
  },
  ['-/3 BPF_MAP_FREEZE second_l.rodata: step', '3/- BPF_MAP_FREEZE .rodata: step'],
);

test(
  'the phase',
  found,
  steps => {
    at(steps, 17).phase = 'load';
  },
  ['16/17 BPF_MAP_UPDATE_ELEM so_second: phase'],
);

test(
  'the size of the attr',
  found,
  steps => {
    at(steps, 3).attr_size = 8;
  },
  ['3/3 BPF_MAP_FREEZE .rodata: attr_size'],
);

test(
  'an update that is left out, though it writes something',
  found,
  steps => {
    at(steps, 5).blobs.value = otherDigit(at(steps, 5).blobs.value, 50);
  },
  ['-/5 BPF_MAP_UPDATE_ELEM second_l.bss: step'],
);

test(
  'an update with zeros that is left out, though something was written before',
  found,
  steps => {
    steps.splice(6, 0, {...structuredClone(at(steps, 5)), index: 99});
  },
  ['-/99 BPF_MAP_UPDATE_ELEM second_l.bss: step'],
);

test(
  'an update with zeros of a map that is no array',
  found,
  steps => {
    at(steps, 4).attr.map_type = 1;
  },
  ['4/4 BPF_MAP_CREATE .bss: map_type', '-/5 BPF_MAP_UPDATE_ELEM second_l.bss: step'],
);

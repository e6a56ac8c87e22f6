import {readFile} from 'node:fs/promises';
import {basename} from 'node:path';
import test from 'ava';
import {planObject} from '../../src/index.js';
import {optionLines, type PlanSettings} from '../../src/inputs/settings.js';
import {getKernel, type Kernel} from '../rig/kernels.js';
import {buildLargeObject, linkLargeObject, SCHEDULER} from '../rig/large_object.js';
import {compareWithPlan, unexpected} from './compare_with_plan.js';
import {libbpfSteps} from './libbpf_steps.js';

type Build = (kernel: Kernel) => Promise<string>;

const sameAsLibbpf = test.macro(async (t, build: Build, settings: PlanSettings = {}) => {
  const kernel = await getKernel('newest');
  const path = await build(kernel);
  const object = await readFile(path);
  t.true(object.length > 250_000, `${object.length} bytes`);
  const run = await libbpfSteps(path, {...kernel, settings: optionLines(settings)});
  t.is(run.error, null, run.log);
  const kernelBtf = await readFile(kernel.btf);
  const request = {object, objectName: basename(path), kernelBtf, settings};
  const plan = planObject(request).describe();
  t.deepEqual(unexpected(compareWithPlan(plan, run.steps)), []);
  const loads = plan.steps.filter(({cmd}) => cmd === 'BPF_PROG_LOAD');
  const insns = loads.reduce((sum, {attr}) => sum + Number(attr.insn_cnt), 0);
  t.true(insns > 40_000, `${insns} instructions`);
  t.is(loads.length, SCHEDULER.callbacks);
});

test('a scheduler of 40,000 instructions is planned as libbpf loads it', sameAsLibbpf, kernel =>
  buildLargeObject(kernel, SCHEDULER),
);
test(
  'and so it is when it was linked with another file that replaces a function',
  sameAsLibbpf,
  kernel => linkLargeObject(kernel, SCHEDULER),
);
test(
  'and with variables in an arena of 800 MB, and arrays that grow',
  sameAsLibbpf,
  kernel => buildLargeObject(kernel, {...SCHEDULER, arena: true}),
  {
    maps: {arena: {maxEntries: 200_000}},
    resize: {data_1: 8_000_000, data_2: 8, counters: 4096},
    set: {limit_3: 7, 'large_ops.name': 'larger'},
  },
);

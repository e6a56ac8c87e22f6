import {readFile} from 'node:fs/promises';
import {basename} from 'node:path';
import test from 'ava';
import {planObject} from '../../src/index.js';
import {getKernel} from '../rig/kernels.js';
import {buildLargeObject, linkLargeObject, SCHEDULER} from '../rig/large_object.js';
import {compareWithPlan, unexpected} from './compare_with_plan.js';
import {libbpfSteps} from './libbpf_steps.js';

const sameAsLibbpf = test.macro(async (t, build: typeof buildLargeObject) => {
  const kernel = await getKernel('newest');
  const path = await build(kernel, SCHEDULER);
  const object = await readFile(path);
  t.true(object.length > 250_000, `${object.length} bytes`);
  const run = await libbpfSteps(path, kernel);
  t.is(run.error, null, run.log);
  const kernelBtf = await readFile(kernel.btf);
  const plan = planObject({object, objectName: basename(path), kernelBtf}).describe();
  t.deepEqual(unexpected(compareWithPlan(plan, run.steps)), []);
  const loads = plan.steps.filter(({cmd}) => cmd === 'BPF_PROG_LOAD');
  const insns = loads.reduce((sum, {attr}) => sum + Number(attr.insn_cnt), 0);
  t.true(insns > 40_000, `${insns} instructions`);
  t.is(loads.length, SCHEDULER.callbacks);
});

test(
  'a scheduler of 40,000 instructions is planned as libbpf loads it',
  sameAsLibbpf,
  buildLargeObject,
);
test(
  'and so it is when it was linked with another file that replaces a function',
  sameAsLibbpf,
  linkLargeObject,
);

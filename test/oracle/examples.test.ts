import {readFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import test from 'ava';
import {PlanError, planObject} from '../../src/index.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel, KERNEL_IDS, type Kernel, type KernelId} from '../rig/kernels.js';
import {compareWithPlan, unexpected} from './compare_with_plan.js';
import {libbpfSteps} from './libbpf_steps.js';

const EXAMPLES = ['first', 'first_link', 'second', 'second_link'];

const kernels = new Map<KernelId, Kernel>();

test.before(async () => {
  for (const id of KERNEL_IDS) kernels.set(id, await getKernel(id));
});

async function planOf(object: string, btf: string) {
  return planObject({
    object: await readFile(object),
    objectName: basename(object),
    kernelBtf: await readFile(btf),
  });
}

const sameAsLibbpf = test.macro({
  async exec(t, id: KernelId, example: string) {
    const kernel = kernels.get(id) as Kernel;
    const object = join(REPOSITORY, `examples/tcp/${example}.bpf.o`);
    const run = await libbpfSteps(object, kernel);
    if (id === '6.1' && example.endsWith('_link')) {
      t.deepEqual(run.error, {doing: 'load', errno: 22, code: 'EINVAL'});
      // What libbpf learns from EINVAL we say beforehand.
      const error = await t.throwsAsync(planOf(object, kernel.btf), {instanceOf: PlanError});
      t.deepEqual(
        error?.faults.map(({code}) => code),
        ['KERN_NO_LINKS'],
      );
      return;
    }
    t.is(run.error, null, run.log);
    const differences = compareWithPlan((await planOf(object, kernel.btf)).describe(), run.steps);
    t.deepEqual(unexpected(differences), []);
    // The rest is meant, and is not more than that.
    const programs = run.steps.filter(({cmd}) => cmd === 'BPF_PROG_LOAD').length;
    t.deepEqual(
      differences.map(({allowed}) => allowed?.name),
      ['zeros into a new array', ...Array<string>(programs).fill('kern_version')],
    );
  },
  title: (_ = '', id, example) => `Linux ${id}: the plan of ${example} is what libbpf does`,
});

for (const id of KERNEL_IDS) {
  for (const example of EXAMPLES) test(sameAsLibbpf, id, example);
}

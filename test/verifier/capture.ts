/** `npm run verifier:logs`: writes what the kernels of the rig say of each refusal into test/verifier/logs. */
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {tryPlans} from '../../src/vm/try_plans.js';
import {getKernel, KERNEL_IDS} from '../rig/kernels.js';
import {FOLDER, planRefusal, REFUSALS} from './refusals.js';

/** Of a log of megabytes the end is kept. */
const LINES_KEPT = 60;

for (const id of KERNEL_IDS) {
  const kernel = await getKernel(id);
  const names = Object.keys(REFUSALS);
  const plans = await Promise.all(names.map(name => planRefusal(name, kernel)));
  const tried = await tryPlans({
    kernel: kernel.release,
    image: await readFile(kernel.vmlinuz),
    plans: plans.map(({bytes}) => bytes),
  });
  const folder = join(FOLDER, `linux-${/^\d+\.\d+/.exec(kernel.release)?.[0]}`);
  await rm(folder, {recursive: true, force: true});
  await mkdir(folder, {recursive: true});
  for (const [index, name] of names.entries()) {
    const result = tried[index]?.result;
    console.log(`${id} ${name}: ${result?.status}`);
    if (result?.status !== 'step_failed') continue;
    const lines = (result.log ?? '').trimEnd().split('\n').slice(-LINES_KEPT);
    await writeFile(join(folder, `${name}.log`), `${lines.join('\n')}\n`);
  }
}

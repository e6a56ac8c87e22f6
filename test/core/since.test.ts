import test from 'ava';
import {kernelNames} from '../helpers/kernel_names.js';
import {sinceDisagrees} from '../helpers/since_facts.js';
import {getKernel, KERNEL_IDS} from '../rig/kernels.js';

/** assembly/kernel/since.ts beside real kernels; `npm run check:debian` has more of them. */

test('each kernel has what the table says it has, and nothing of what only later ones have', async t => {
  t.timeout(300_000);
  const {kfuncs} = await kernelNames((await getKernel('newest')).btf);
  t.true(kfuncs.size > 200);
  for (const id of KERNEL_IDS) {
    const {release, btf} = await getKernel(id);
    const {known, wrong} = await sinceDisagrees(release, await kernelNames(btf), kfuncs);
    t.true(known > 100, `${known} known`);
    t.deepEqual(wrong, []);
  }
});

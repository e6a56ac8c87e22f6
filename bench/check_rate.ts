import {readFileSync} from 'node:fs';
import {cpus} from 'node:os';
import {basename} from 'node:path';
// The compiled library: out of its sources it starts no threads.
import {checkObjects} from '../dist/index.js';
import {KERNEL_IDS} from '../test/rig/kernels.js';
import {exampleWorkload} from './workload.js';

/** Kernels a second that `structops check` is to reach on two cores for a congestion control. */
const GOAL = 100;
const FILES = 300;

/** Kernels checked a second, on all cores: each BTF is read from the page cache, and planned for. */
export async function checkRate(): Promise<string> {
  const workloads = await Promise.all(KERNEL_IDS.map(exampleWorkload));
  // The legacy build, which every one of them takes.
  const path = workloads[0]?.objectPath ?? '';
  const objects = [{object: readFileSync(path), objectName: basename(path)}];
  const files = Array.from({length: FILES}, (_, i) => workloads[i % workloads.length]?.kernel.btf);
  const kernels = files.filter(file => file !== undefined);
  await checkObjects({objects, kernels: kernels.slice(0, 6)});
  const start = performance.now();
  const cpuBefore = process.cpuUsage();
  const {cells} = await checkObjects({objects, kernels});
  const seconds = (performance.now() - start) / 1000;
  // What a busy machine does not change: of all threads.
  const {user, system} = process.cpuUsage(cpuBefore);
  const cpuMs = (user + system) / 1000 / kernels.length;
  const loading = cells.filter(({loader}) => loader !== 'refused').length;
  if (loading !== kernels.length) throw new Error(`only ${loading} of ${kernels.length} load`);
  const rate = Math.round(kernels.length / seconds);
  return (
    `* check: ${rate} kernels a second on ${cpus().length} cores for ${basename(path)}, goal ${GOAL}; ` +
    `${cpuMs.toFixed(1)} ms of CPU each`
  );
}

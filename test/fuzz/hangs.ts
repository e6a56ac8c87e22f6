import {parentPort, workerData} from 'node:worker_threads';
import type {Failure, Task} from './worker.js';

/** A worker of the canary: says that one run failed, and hangs in the next. */
const {first, step, progress} = workerData as Task;
const shared = new Int32Array(progress);
for (const run of [first, first + step]) {
  Atomics.store(shared, 0, run);
  Atomics.add(shared, 1, 1);
  if (run === first) parentPort?.postMessage({run, message: 'planted'} satisfies Failure);
  else for (;;);
}

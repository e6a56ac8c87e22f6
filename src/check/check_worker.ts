/** A thread that checks one kernel after the other: `workerData` is the CheckWork. */
import {parentPort, workerData} from 'node:worker_threads';
import {checkFile} from './check_kernel.js';

parentPort?.on('message', async (path: string) => {
  // What is thrown here ends the thread, and reaches the pool as its error.
  parentPort?.postMessage(await checkFile(path, workerData));
});

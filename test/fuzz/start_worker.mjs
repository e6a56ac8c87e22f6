/** Runs the TypeScript file that `workerData` names: `--import=tsx` does not reach worker threads in Node 20. */
import {workerData} from 'node:worker_threads';
import {register} from 'tsx/esm/api';

register();
await import(workerData.file);

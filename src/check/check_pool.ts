import {availableParallelism} from 'node:os';
import {Worker} from 'node:worker_threads';
import {type CheckWork, checkFile, type FileResult} from './check_kernel.js';

/** Worker threads run the compiled library; out of its sources everything is done in this one. */
const WORKER = import.meta.url.endsWith('.js') ? new URL('check_worker.js', import.meta.url) : null;
/** A thread starts in the time that planning for some kernels takes. */
const FILES_PER_THREAD = 4;

export interface PoolOptions {
  /** Default: as many as there are CPUs, and kernels for them. 1: none but this one. */
  readonly threads?: number;
  /** Called as each file is done. */
  readonly onFile: (index: number, result: FileResult) => void;
}

/** Checks the files on all CPUs; the results come in any order. */
export async function checkFiles(
  paths: readonly string[],
  work: CheckWork,
  {threads, onFile}: PoolOptions,
): Promise<void> {
  const useful = Math.ceil(paths.length / FILES_PER_THREAD);
  const count = threads ?? Math.min(availableParallelism(), useful);
  const queue = paths.entries();
  if (WORKER === null || count <= 1) {
    for (const [index, path] of queue) onFile(index, await checkFile(path, work));
    return;
  }
  const workers = Array.from({length: count}, () => new Worker(WORKER, {workerData: work}));
  try {
    await Promise.all(workers.map(worker => feed(worker, queue, onFile)));
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()));
  }
}

/** One path after the other, until none is left. */
function feed(
  worker: Worker,
  queue: Iterator<[number, string]>,
  onFile: PoolOptions['onFile'],
): Promise<void> {
  return new Promise((resolve, reject) => {
    let current = -1;
    const next = () => {
      const {done, value} = queue.next();
      if (done) return resolve();
      const [index, path] = value;
      current = index;
      worker.postMessage(path);
    };
    worker.on('message', (result: FileResult) => {
      onFile(current, result);
      next();
    });
    worker.on('error', reject);
    worker.on('exit', code => reject(new Error(`a worker thread ended with code ${code}`)));
    next();
  });
}

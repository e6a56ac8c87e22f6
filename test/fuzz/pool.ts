import {availableParallelism} from 'node:os';
import {Worker} from 'node:worker_threads';
import type {Done, Failure, Task} from './worker.js';

/** An input that takes longer than this has failed. */
export const RUN_MS_MAX = 2000;
/** Before the first run a worker loads its inputs, while others use the CPUs. */
const START_MS_MAX = 60_000;
const LOOK_EVERY_MS = 200;
const START = new URL('start_worker.mjs', import.meta.url);

export interface Report extends Done {
  readonly failures: readonly Failure[];
}

export type Plan = Omit<Task, 'first' | 'step' | 'end' | 'progress'> & {
  readonly first: number;
  readonly runs: number;
};

/** Spreads runs over workers, one for each CPU, and ends those that hang. */
export async function runAll(plan: Plan, workerFile: URL): Promise<Report> {
  const workers = Math.min(availableParallelism(), 8, plan.runs);
  const reports = await Promise.all(
    Array.from({length: workers}, (_, i) =>
      runWorker(
        {
          ...plan,
          first: plan.first + i,
          step: workers,
          end: plan.first + plan.runs,
          progress: new SharedArrayBuffer(8),
        },
        workerFile,
      ),
    ),
  );
  return reports.reduce(merged);
}

function merged(a: Report, b: Report): Report {
  const counts = {...a.counts};
  for (const [outcome, count] of Object.entries(b.counts)) {
    counts[outcome] = (counts[outcome] ?? 0) + count;
  }
  const slower = a.slowestMs > b.slowestMs ? a : b;
  return {...slower, counts, failures: [...a.failures, ...b.failures]};
}

function runWorker(task: Task, workerFile: URL): Promise<Report> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(START, {workerData: {...task, file: workerFile.href}});
    const failures: Failure[] = [];
    const watchdog = watch(task, run => {
      failures.push({run, message: `took longer than ${RUN_MS_MAX} ms`});
      finish({counts: {}, slowestMs: RUN_MS_MAX, slowestRun: run});
    });
    const finish = (done: Done) => {
      clearInterval(watchdog);
      void worker.terminate();
      resolve({...done, failures});
    };
    worker.on('message', (message: Failure | Done) => {
      if ('counts' in message) finish(message);
      else failures.push(message);
    });
    worker.on('error', error => {
      clearInterval(watchdog);
      reject(error);
    });
  });
}

/** Calls `hung` when the number of runs has not changed for too long. */
function watch({progress, first}: Task, hung: (run: number) => void): NodeJS.Timeout {
  const shared = new Int32Array(progress);
  let seen = 0;
  let sinceMs = performance.now();
  return setInterval(() => {
    const count = Atomics.load(shared, 1);
    const nowMs = performance.now();
    if (count !== seen) {
      seen = count;
      sinceMs = nowMs;
    } else if (nowMs - sinceMs > (count === 0 ? START_MS_MAX : RUN_MS_MAX)) {
      hung(count === 0 ? first : Atomics.load(shared, 0));
    }
  }, LOOK_EVERY_MS);
}

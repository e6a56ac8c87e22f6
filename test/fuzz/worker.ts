import {readFile} from 'node:fs/promises';
import {parentPort, workerData} from 'node:worker_threads';
import {CORE_WASM, CoreWasm} from '../helpers/core_wasm.js';
import {FuzzInputs} from './inputs.js';
import {Broken, checkInspection, checkPlan} from './oracle.js';

/** What a worker is told. */
export interface Task {
  readonly seed: number;
  /** Its runs are `first`, `first + step`, … below `end`. */
  readonly first: number;
  readonly step: number;
  readonly end: number;
  /** The path of a real kernel's BTF. */
  readonly realKernel: string;
  /** Two numbers that the watchdog reads: the run under way, and how many there have been. */
  readonly progress: SharedArrayBuffer;
}

/** What it answers: one of these for each run that went wrong, then one `Done`. */
export interface Failure {
  readonly run: number;
  readonly message: string;
}

export interface Done {
  /** Target and outcome -> runs. */
  readonly counts: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly slowestRun: number;
}

const FAILURES_MAX = 10;

async function work({seed, first, step, end, realKernel, progress}: Task): Promise<Done> {
  const core = new CoreWasm(await readFile(CORE_WASM));
  const inputs = await FuzzInputs.open(realKernel);
  const shared = new Int32Array(progress);
  const counts: Record<string, number> = {};
  let slowest = {slowestMs: 0, slowestRun: first};
  let failures = 0;
  for (let run = first; run < end && failures < FAILURES_MAX; run += step) {
    const {target, inputs: input} = inputs.run(seed, run);
    Atomics.store(shared, 0, run);
    Atomics.add(shared, 1, 1);
    const startedMs = performance.now();
    try {
      const outcome = `${target}: ${checkPlan(core, input)}`;
      if (target === 'object') checkInspection(core, input.object);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      failures++;
      parentPort?.postMessage({run, message: error.message} satisfies Failure);
    }
    const ms = performance.now() - startedMs;
    if (ms > slowest.slowestMs) slowest = {slowestMs: ms, slowestRun: run};
  }
  return {counts, ...slowest};
}

parentPort?.postMessage(await work(workerData as Task));

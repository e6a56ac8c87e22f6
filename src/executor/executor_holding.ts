import {ShimError} from '../errors.js';
import type {Holding, ShimExit} from './holding.js';
import type {ShimProcess} from './shim_process.js';
import type {Released} from './shim_report.js';

/** By an executor that this process has started. */
export class ExecutorHolding implements Holding {
  readonly #shim: ShimProcess;

  constructor(shim: ShimProcess) {
    this.#shim = shim;
  }

  get ended(): Promise<ShimExit> {
    return this.#shim.exited;
  }

  async release(): Promise<Released | undefined> {
    const {released} = await this.#shim.release();
    if (released === undefined || released.left_registered === 0) return released;
    throw new ShimError('SHIM_FAULT', {
      what: `${released.left_registered} registration(s) are STILL IN FORCE`,
      why: 'the kernel did not let the executor delete them',
      hint: 'structops list shows them, structops detach takes them away',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }
}

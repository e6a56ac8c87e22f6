import {ShimError} from './errors.js';
import {expectSuccess} from './explain_result.js';
import type {Plan} from './plan.js';
import {type ShimExit, type ShimOptions, ShimProcess} from './shim_process.js';
import type {Done, FilledSlot, Released} from './shim_report.js';

export interface ApplyOptions extends Omit<ShimOptions, 'mode'> {
  /** Carry out only the steps of phase `load`, and let go at once. Default: false. */
  readonly loadOnly?: boolean;
}

/**
 * What a plan made in the kernel, held by a running executor. Let it go with `release()`, or
 * with `await using`; it is also let go when this process ends, however it ends.
 */
export class AppliedPlan {
  readonly #shim: ShimProcess;

  constructor(
    readonly plan: Plan,
    /** `result.slots` has the kernel's id of each map, program, BTF and link. */
    readonly result: Done,
    shim: ShimProcess,
  ) {
    this.#shim = shim;
  }

  /** What was made, with the kernel's ids, in the order of the slots. */
  get slots(): readonly FilledSlot[] {
    return this.result.slots;
  }

  /** Resolves, never rejects, when the executor has ended: then nothing is held any more. */
  get ended(): Promise<ShimExit> {
    return this.#shim.exited;
  }

  /**
   * Unregisters what was attached and lets everything else go. May be called again.
   *
   * @returns What the executor said at its end; undefined after `loadOnly`.
   * @throws {ShimError} The executor did not end as it should, or something is still in force.
   */
  async release(): Promise<Released | undefined> {
    const {released} = await this.#shim.release();
    if (released === undefined || released.left_registered === 0) return released;
    throw new ShimError('SHIM_FAULT', {
      what: `${released.left_registered} registration(s) are STILL IN FORCE`,
      why: 'the kernel did not let the executor delete them',
      hint: 'bpftool struct_ops unregister',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }
}

/**
 * Lets the executor carry out a plan on this machine, and holds what it made. With `loadOnly`
 * everything is let go before this returns.
 *
 * @throws {PlanError} The plan is damaged. Nothing privileged has happened.
 * @throws {ShimError} The executor could not be run, or the kernel refused a step: nothing of the
 * plan is left in the kernel then, unless `undone` is false.
 */
export async function applyPlan(plan: Plan, options: ApplyOptions = {}): Promise<AppliedPlan> {
  const {loadOnly = false, ...shimOptions} = options;
  // Of a plan without its end the executor would wait for the rest.
  plan.describe();
  const shim = await ShimProcess.start({...shimOptions, mode: loadOnly ? 'load-only' : 'apply'});
  try {
    const result = expectSuccess(await shim.send(plan.bytes), plan) as Done;
    if (loadOnly) await shim.release();
    return new AppliedPlan(plan, result, shim);
  } catch (error) {
    // The first error is the one that matters.
    await shim.release().catch(() => {});
    throw error;
  }
}

import {ShimError} from '../errors.js';
import {expectSuccess} from '../explain/explain_result.js';
import type {Plan} from '../plan/plan.js';
import {ExecutorHolding} from './executor_holding.js';
import {type ShimOptions, ShimProcess} from './shim_process.js';
import type {Done, FilledSlot} from './shim_report.js';

export interface ApplyOptions extends Omit<ShimOptions, 'mode'> {
  /** Carry out only the steps of phase `load`, and let go at once. Default: false. */
  readonly loadOnly?: boolean;
}

/** What a plan made in the kernel, held by a running executor. After `loadOnly` nothing is. */
export class AppliedPlan extends ExecutorHolding {
  constructor(
    readonly plan: Plan,
    /** `result.slots` has the kernel's id of each map, program, BTF and link. */
    readonly result: Done,
    shim: ShimProcess,
  ) {
    super(shim);
  }

  /** What was made, with the kernel's ids, in the order of the slots. */
  get slots(): readonly FilledSlot[] {
    return this.result.slots;
  }
}

/**
 * Lets the executor carry out a plan on this machine, and holds what it made. With `loadOnly`
 * everything is let go before this returns.
 *
 * @throws {PlanError} The plan is damaged. Nothing privileged has happened.
 * @throws {ShimError} The executor could not be run, or the kernel refused a step: nothing of the
 * plan is left in the kernel then, unless `undone` is false. What the plan had taken out of force
 * and only the executor can keep in force again is in `holding`.
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
    if (error instanceof ShimError && holdsRestored(error)) {
      error.holding = new ExecutorHolding(shim);
      throw error;
    }
    // The first error is the one that matters.
    await shim.release().catch(() => {});
    throw error;
  }
}

/** Whether the executor has put something back that would go with it. */
function holdsRestored({result}: ShimError): boolean {
  return (
    (result?.status === 'step_failed' || result?.status === 'interrupted') &&
    (result.restored ?? []).some(({held}) => held)
  );
}

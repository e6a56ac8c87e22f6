import {type CoreModule, callCore, utf8} from '../core/wasm_core.js';
import {type ShimOptions, ShimProcess} from '../executor/shim_process.js';
import type {Done} from '../executor/shim_report.js';
import {expectSuccess} from '../explain/explain_result.js';
import {Plan} from '../plan/plan.js';

export interface QueryOptions extends Omit<ShimOptions, 'mode' | 'onDetached'> {
  /** Default: the core of this package, compiled once. */
  readonly core?: CoreModule;
}

/**
 * A plan that loads nothing: it lists, or takes something away.
 *
 * @param lines - docs/embedding.md, "Queries".
 */
export function planQuery(lines: readonly string[], core?: CoreModule): Plan {
  const options = utf8(lines.map(line => `${line}\n`).join(''));
  return new Plan(callCore('makeQuery', [{kind: 'options', bytes: options}], core), core);
}

/**
 * Has an executor carry out such a plan, and ends it.
 *
 * @throws {ShimError} It could not be run, or the kernel refused.
 */
export async function runQuery(plan: Plan, options: QueryOptions): Promise<Done> {
  const {core: _, ...shimOptions} = options;
  const shim = await ShimProcess.start(shimOptions);
  try {
    const done = expectSuccess(await shim.send(plan.bytes), plan) as Done;
    await shim.release();
    return done;
  } catch (error) {
    // The first error is the one that matters.
    await shim.release().catch(() => {});
    throw error;
  }
}

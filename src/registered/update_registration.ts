import type {CoreModule} from '../core/wasm_core.js';
import {type AppliedPlan, type ApplyOptions, applyPlan} from '../executor/apply_plan.js';
import {findRegistration} from './find_registration.js';
import {listRegistrations} from './list_registrations.js';
import {type PlannedUpdate, planUpdate, type UpdateRequest} from './plan_update.js';

export type UpdateOptions = UpdateRequest &
  Omit<ApplyOptions, 'loadOnly'> & {readonly core?: CoreModule};

export interface Update extends PlannedUpdate {
  /** Unless `stays`, what is new is in force for as long as this is held. */
  readonly applied: AppliedPlan;
  /** Nanoseconds in which neither was in force; undefined for `update`, which has no such time. */
  readonly gapNs: number | undefined;
}

/**
 * Puts a variable of an object in the place of what is registered, whatever loaded it: the new one
 * is loaded and verified in full before the old one is touched.
 *
 * @param what - Name, id or pin, as for `detachRegistration`.
 * @throws {InputError} There is none, or several; the object has nothing of its kind.
 * @throws {PlanError} As `planObject`.
 * @throws {ShimError} The new one was refused: the old one is in force, as far as `undone`.
 */
export async function updateRegistration(what: string, options: UpdateOptions): Promise<Update> {
  const {registrations} = await listRegistrations(options);
  const planned = planUpdate(findRegistration(registrations, what), options);
  const applied = await applyPlan(planned.plan, options);
  return {...planned, applied, gapNs: applied.result.gap_ns};
}

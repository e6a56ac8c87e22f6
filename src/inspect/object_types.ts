import type {AppliedPlan} from '../executor/apply_plan.js';
import {type LoadRequest, loadStructOps} from '../executor/load_struct_ops.js';
import type {MapSettings, PlanSettings} from '../inputs/settings.js';

/** What an object has that can be set: the shape of what `structops types` declares. */
export interface ObjectTypes {
  /** Value by name: global variables, and `VARIABLE.member` of struct_ops variables. */
  readonly set: object;
  /** Names of maps that the object defines; `never` without any, as all of these. */
  readonly maps: string;
  readonly programs: string;
  /** Names of struct_ops variables. */
  readonly structOps: string;
  /** Names of arrays that can grow. */
  readonly arrays: string;
}

/** `PlanSettings` with the names and types of one object. */
export interface TypedSettings<Types extends ObjectTypes>
  extends Omit<PlanSettings, 'set' | 'maps' | 'autoload' | 'create' | 'resize' | 'associate'> {
  readonly set?: Readonly<Partial<Types['set']>> & KconfigSettings;
  readonly maps?: Readonly<Partial<Record<Types['maps'], MapSettings>>>;
  readonly autoload?: Readonly<Partial<Record<Types['programs'], boolean>>>;
  readonly create?: Readonly<Partial<Record<Types['structOps'], boolean>>>;
  readonly resize?: Readonly<Partial<Record<Types['arrays'], number>>>;
  readonly associate?: Types['structOps'];
}

/** Options of the kernel's configuration, which the object's types do not tell. */
type KconfigSettings = Readonly<Record<`CONFIG_${string}`, string | number | bigint | boolean>>;

export type TypedLoadRequest<Types extends ObjectTypes> = Omit<LoadRequest, 'settings'> & {
  readonly settings?: TypedSettings<Types>;
};

/** Settings for every function that takes some, checked at compile time. */
export function typedSettings<Types extends ObjectTypes>(
  settings: TypedSettings<Types>,
): PlanSettings {
  return settings as PlanSettings;
}

/**
 * As `loadStructOps`, with settings that are checked at compile time: `loadObject<Second>(…)`
 * with the `Second` that `structops types second.bpf.o` declares.
 *
 * @throws {PlanError} As `loadStructOps`: the object may be another than the one declared.
 * @throws {ShimError} As `loadStructOps`.
 */
export function loadObject<Types extends ObjectTypes>(
  request: TypedLoadRequest<Types>,
): Promise<AppliedPlan> {
  return loadStructOps(request as LoadRequest);
}

/**
 * structops for browsers, and for every other host that has no Node modules: planning, which
 * needs no file and no privilege. One file with the core in it, made by
 * scripts/bundle_browser.mjs. The names are those of the library for Node.
 */

export {type ByteSource, type Bytes, type CoreModule, compileCore} from './core/wasm_core.js';
export {type DiffSide, diffPlans} from './diff/diff_plans.js';
export type * from './diff/plan_diff.js';
export * from './errors.js';
export type * from './faults.js';
export type {MapSettings, PlanSettings, SettingValue} from './inputs/settings.js';
export * from './inspect/inspect_kernel.js';
export {type InspectRequest, inspectObject} from './inspect/inspect_object.js';
export type * from './inspect/inspection.js';
export {
  type ObjectInstruction,
  type ObjectProgram,
  objectInstructions,
} from './inspect/object_instructions.js';
export {Plan} from './plan/plan.js';
export type * from './plan/plan_description.js';
export {type KernelNames, planInstructions} from './plan/plan_instructions.js';
export {type ModuleBtf, type PlanRequest, planObject} from './plan/plan_object.js';

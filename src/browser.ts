/**
 * structops for browsers, and for every other host that has no Node modules: planning, which
 * needs no file and no privilege. One file with the core in it, made by
 * scripts/bundle_browser.mjs. The names are those of the library for Node.
 */
export {type DiffSide, diffPlans} from './diff_plans.js';
export * from './errors.js';
export type * from './faults.js';
export * from './inspect_kernel.js';
export {type InspectRequest, inspectObject} from './inspect_object.js';
export type * from './inspection.js';
export {
  type ObjectInstruction,
  type ObjectProgram,
  objectInstructions,
} from './object_instructions.js';
export {Plan} from './plan.js';
export type * from './plan_description.js';
export type * from './plan_diff.js';
export {type KernelNames, planInstructions} from './plan_instructions.js';
export {type ModuleBtf, type PlanRequest, planObject} from './plan_object.js';
export type {MapSettings, PlanSettings, SettingValue} from './settings.js';
export {type ByteSource, type Bytes, type CoreModule, compileCore} from './wasm_core.js';

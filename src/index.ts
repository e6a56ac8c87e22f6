/**
 * structops: plan and apply for eBPF struct_ops.
 *
 * `planObject` turns a compiled object and a kernel's BTF into a plan: bytes, made without any
 * privilege. `applyPlan` has the executor carry it out. `loadStructOps` does both. Every error is
 * a `StructopsError` with a stable `code`, a `shortMessage`, a `why` and a `hint`.
 */

export {
  type CheckRequest,
  checkAndKeep,
  checkObjects,
  type KeptCheck,
  type ObjectToCheck,
} from './check/check_objects.js';
export type * from './check/check_report.js';
export {runCheck} from './check/run_check.js';
export {type ByteSource, type Bytes, type CoreModule, compileCore} from './core/wasm_core.js';
export {type DiffSide, diffPlans} from './diff/diff_plans.js';
export type * from './diff/plan_diff.js';
export {type DiagnoseOptions, diagnose} from './doctor/diagnose.js';
export type * from './doctor/finding.js';
export * from './errors.js';
export {type AppliedPlan, type ApplyOptions, applyPlan} from './executor/apply_plan.js';
export type * from './executor/holding.js';
export {type LoadRequest, loadStructOps} from './executor/load_struct_ops.js';
export {type ShimOptions, ShimProcess} from './executor/shim_process.js';
export type * from './executor/shim_report.js';
export {
  explainVerifierLog,
  type VerifierCounts,
  type VerifierExplanation,
} from './explain/verifier_log.js';
export type * from './faults.js';
export {findRunningKconfig, openKconfig} from './inputs/kconfig.js';
export {openBtf, openRunningKernelBtf, VMLINUX_BTF} from './inputs/kernel_btf.js';
export {runningKernelVersion} from './inputs/kernel_version.js';
export type {MapSettings, PlanSettings, Replacement, SettingValue} from './inputs/settings.js';
export {openSettings, parseSettings} from './inputs/settings_file.js';
export type * from './inspect/declarations.js';
export {declarationsOf, describeTypes} from './inspect/declarations.js';
export {
  type InspectKernelRequest,
  inspectKernel,
  type KernelInspection,
} from './inspect/inspect_kernel.js';
export {type InspectRequest, inspectObject} from './inspect/inspect_object.js';
export type * from './inspect/inspection.js';
export {
  type ObjectInstruction,
  type ObjectProgram,
  objectInstructions,
} from './inspect/object_instructions.js';
export {
  loadObject,
  type ObjectTypes,
  type TypedLoadRequest,
  type TypedSettings,
  typedSettings,
} from './inspect/object_types.js';
export {type KernelFile, type ReadKernelsOptions, readKernels} from './kernel_file/read_kernels.js';
export {Plan} from './plan/plan.js';
export type * from './plan/plan_description.js';
export {planForRunningKernel, type RunningKernelRequest} from './plan/plan_for_running_kernel.js';
export {type KernelNames, planInstructions} from './plan/plan_instructions.js';
export {type ModuleBtf, type PlanRequest, planObject} from './plan/plan_object.js';
export {type PlannedRegistration, registrationsOf} from './plan/plan_registrations.js';
export {detachRegistration} from './registered/detach_registration.js';
export type {QueryOptions} from './registered/executor_query.js';
export {findRegistration} from './registered/find_registration.js';
export {listRegistrations, type RegistrationList} from './registered/list_registrations.js';
export {type PlannedUpdate, planUpdate, type UpdateRequest} from './registered/plan_update.js';
export {
  idOf,
  isLeftBehind,
  type Pin,
  type RegisteredProgram,
  type Registration,
} from './registered/registration.js';
export {
  type Update,
  type UpdateOptions,
  updateRegistration,
} from './registered/update_registration.js';

import {planForRunningKernel} from '../plan/plan_for_running_kernel.js';
import {type PlanRequest, planObject} from '../plan/plan_object.js';
import {type AppliedPlan, type ApplyOptions, applyPlan} from './apply_plan.js';

export type LoadRequest = Omit<PlanRequest, 'kernelBtf'> &
  Partial<Pick<PlanRequest, 'kernelBtf'>> &
  ApplyOptions;

/**
 * Loads every struct_ops variable of a BPF object into the running kernel and registers it: plan
 * and apply in one. What is attached goes away with the returned object, or with this process.
 *
 * @param request - As for `planObject` and `applyPlan`. `kernelBtf` is by default the running
 * kernel's; the BTF of any other kernel makes the executor refuse. Without it the kernel's
 * configuration and version are looked up as well, where the object asks for them.
 * @throws {PlanError} Refused before any privilege was used; `error.faults` has every reason.
 * @throws {ShimError} The executor could not be run, or the kernel refused a step.
 *
 * Does what `bpf_object__load()` and `bpf_map__attach_struct_ops()` of libbpf do together.
 */
export async function loadStructOps(request: LoadRequest): Promise<AppliedPlan> {
  const {kernelBtf} = request;
  const plan =
    kernelBtf === undefined ? planForRunningKernel(request) : planObject({...request, kernelBtf});
  return applyPlan(plan, request);
}

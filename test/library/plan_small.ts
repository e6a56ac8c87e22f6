import {compileCore} from '../../src/core/wasm_core.js';
import {PlanError} from '../../src/errors.js';
import type {Fault} from '../../src/faults.js';
import type {PlanDescription} from '../../src/plan/plan_description.js';
import {type PlanRequest, planObject} from '../../src/plan/plan_object.js';
import {bpfObject} from '../helpers/bpf_objects.js';
import {openCore} from '../helpers/core_wasm.js';
import {smallKernel} from '../malformed/refused.js';

/** Plans of the objects of test/bpf/library for the kernel of test/bpf/malformed. */

const core = openCore().then(({bytes}) => compileCore(bytes));

export type Rest = Omit<PlanRequest, 'object' | 'objectName' | 'kernelBtf' | 'core'>;

export async function requestFor(name: string, rest: Rest = {}): Promise<PlanRequest> {
  return {
    object: await bpfObject(`library/${name}`),
    objectName: `${name}.bpf.o`,
    kernelBtf: await smallKernel(),
    core: await core,
    ...rest,
  };
}

export async function planSmall(name: string, rest: Rest = {}): Promise<PlanDescription> {
  return planObject(await requestFor(name, rest)).describe();
}

/** Why there is no plan; none if there is one. */
export async function faultsSmall(name: string, rest: Rest = {}): Promise<readonly Fault[]> {
  try {
    await planSmall(name, rest);
    return [];
  } catch (error) {
    if (error instanceof PlanError) return error.faults;
    throw error;
  }
}

/** The step of a plan that makes a call for something of that name. */
export function stepOf({steps}: PlanDescription, cmd: string, name: string) {
  return steps.find(step => step.cmd === cmd && step.name === name);
}

/** The bytes that a map is filled with; undefined where nothing is written. */
export function mapValue(plan: PlanDescription, map: string): Buffer | undefined {
  const hex = stepOf(plan, 'BPF_MAP_UPDATE_ELEM', map)?.blobs.value;
  return hex === undefined ? undefined : Buffer.from(hex, 'hex');
}

import {type Bytes, type CoreInput, callCoreForJson, utf8} from '../core/wasm_core.js';
import type {Plan} from './plan.js';
import type {ModuleBtf} from './plan_object.js';

/** What the core's `structops.instructions/1` looks like: docs/plan-json.md, "Instructions". */
interface InstructionsDescription {
  readonly programs: readonly {readonly step: number; readonly instructions: readonly string[]}[];
}

/** Where names of kernel functions may be found. A BTF that a plan was not made for is passed over. */
export interface KernelNames {
  readonly kernelBtf?: Bytes;
  readonly moduleBtfs?: readonly ModuleBtf[];
}

/**
 * The instructions of each program of a plan as text, by the index of the step that loads it. The
 * second half of a load of 64 bits is an empty text.
 *
 * @throws {PlanError} The plan is damaged.
 */
export function planInstructions(
  plan: Plan,
  {kernelBtf, moduleBtfs = []}: KernelNames = {},
): ReadonlyMap<number, readonly string[]> {
  const inputs: CoreInput[] = [{kind: 'plan', bytes: plan.bytes}];
  if (kernelBtf !== undefined) inputs.push({kind: 'kernelBtf', bytes: kernelBtf});
  for (const {name, bytes} of moduleBtfs) {
    inputs.push({kind: 'moduleName', bytes: utf8(name)}, {kind: 'moduleBtf', bytes});
  }
  const {programs} = callCoreForJson<InstructionsDescription>('describeInstructions', inputs);
  return new Map(programs.map(({step, instructions}) => [step, instructions]));
}

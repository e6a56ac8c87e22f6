import type {FaultReport} from '../../src/faults.js';
import type {Inspection} from '../../src/inspect/inspection.js';
import type {PlanDescription} from '../../src/plan/plan_description.js';
import {type Answer, type CoreFunction, type Inputs, STATUS} from '../helpers/core_wasm.js';

/** What is asked of a core: the real one, or one that a test of the oracle makes up. */
export interface Core {
  call(name: CoreFunction, inputs: Inputs): Answer;
}

const MIB = 2 ** 20;
const PLAN_BYTES_MAX = 64 * MIB;
/** 256 faults of some sentences each. */
const FAULTS_BYTES_MAX = 2 * MIB;

/** What came of one input. */
export type Outcome = 'plan' | 'faults';

/** A core answered what no input may make it answer. */
export class Broken extends Error {}

/**
 * `makePlan` gives a plan that `describePlan` accepts, or at least one fault.
 *
 * @throws {Broken} It did anything else.
 */
export function checkPlan(core: Core, inputs: Inputs): Outcome {
  const {status, output} = ask(core, 'makePlan', inputs);
  if (status !== STATUS.done) return checkFaults('makePlan', status, output);
  if (output.length > PLAN_BYTES_MAX) throw new Broken(`a plan of ${output.length} bytes`);
  const described = ask(core, 'describePlan', {plan: output});
  if (described.status !== STATUS.done) {
    throw new Broken(`describePlan refuses what makePlan made: ${described.output.toString()}`);
  }
  const {schema, steps} = parse<PlanDescription>('describePlan', described.output);
  if (schema !== 'structops.plan/1' || steps.length === 0) throw new Broken('a plan without steps');
  const {kernelBtf, moduleName, moduleBtf} = inputs;
  const kernel = {...(kernelBtf && {kernelBtf}), ...(moduleBtf && {moduleName, moduleBtf})};
  const told = ask(core, 'describeInstructions', {plan: output, ...kernel} as Inputs);
  if (told.status !== STATUS.done) {
    throw new Broken(`describeInstructions refuses a plan: ${told.output.toString()}`);
  }
  parse('describeInstructions', told.output);
  return 'plan';
}

/** `inspectObject` describes the object in few bytes, or gives at least one fault. */
export function checkInspection(core: Core, object: Uint8Array): Outcome {
  const {status, output} = ask(core, 'inspectObject', {object});
  if (status !== STATUS.done) return checkFaults('inspectObject', status, output);
  if (output.length > 8 * object.length + 2 * MIB) {
    throw new Broken(`a description of ${output.length} bytes for ${object.length}`);
  }
  const {schema} = parse<Inspection>('inspectObject', output);
  if (schema !== 'structops.inspect/1') throw new Broken(`the schema is ${schema}`);
  return checkTypes(core, object) === 'faults' ? 'faults' : checkInstructions(core, object);
}

/** `describeTypes` tells of members that are not set as well, so that it may be too long alone. */
function checkTypes(core: Core, object: Uint8Array): Outcome {
  const {status, output} = ask(core, 'describeTypes', {object});
  if (status !== STATUS.done) return checkFaults('describeTypes', status, output);
  parse('describeTypes', output);
  return 'plan';
}

/** `inspectInstructions` tells of the instructions in few bytes, or gives at least one fault. */
function checkInstructions(core: Core, object: Uint8Array): Outcome {
  const {status, output} = ask(core, 'inspectInstructions', {object});
  if (status !== STATUS.done) return checkFaults('inspectInstructions', status, output);
  if (output.length > 8 * object.length + 2 * MIB) {
    throw new Broken(`instructions of ${output.length} bytes for ${object.length}`);
  }
  parse('inspectInstructions', output);
  return 'plan';
}

function ask(core: Core, name: CoreFunction, inputs: Inputs): Answer {
  try {
    return core.call(name, inputs);
  } catch (error) {
    throw new Broken(`${name} trapped: ${error instanceof Error ? error.stack : error}`);
  }
}

function checkFaults(name: string, status: number, output: Buffer): Outcome {
  if (status !== STATUS.faults) throw new Broken(`${name} ended with status ${status}`);
  if (output.length > FAULTS_BYTES_MAX) throw new Broken(`faults of ${output.length} bytes`);
  const {schema, faults} = parse<FaultReport>(name, output);
  if (schema !== 'structops.faults/1' || faults.length === 0)
    throw new Broken('refused for nothing');
  for (const {code, number, message} of faults) {
    if (code === 'CORE_BUG' || !(number > 0) || message.length === 0) {
      throw new Broken(`no fault: ${output.toString()}`);
    }
  }
  return 'faults';
}

function parse<Json>(name: string, output: Buffer): Json {
  try {
    return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(output));
  } catch (error) {
    throw new Broken(`${name} wrote no JSON: ${error}`);
  }
}

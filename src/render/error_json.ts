import {CoreBug, PlanError, ShimError, StructopsError} from '../errors.js';

/** `structops.faults/1` for what the core refused, else `structops.error/1`. */
export function errorJson(error: unknown): object {
  if (error instanceof PlanError) {
    const {faults, subject} = error;
    return {schema: 'structops.faults/1', faults, ...(subject !== undefined && {subject})};
  }
  const schema = 'structops.error/1';
  if (!(error instanceof StructopsError)) {
    const message = error instanceof Error ? error.message : String(error);
    return {schema, code: 'INTERNAL', message, why: 'a defect of structops itself', hint: ''};
  }
  return {
    schema,
    code: error.code,
    message: error.shortMessage,
    why: error.why,
    hint: error.hint,
    ...(error instanceof CoreBug && {inputs: error.inputs}),
    ...(error instanceof ShimError && {undone: error.undone}),
    ...(error instanceof ShimError && error.result !== undefined && {result: error.result}),
  };
}

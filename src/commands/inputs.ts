import {basename} from 'node:path';
import {InputError} from '../errors.js';
import {openBtf, openRunningKernelBtf, runningBtfPath} from '../kernel_btf.js';
import {readInput} from '../open_input.js';
import {Plan} from '../plan.js';
import {type ModuleBtf, planObject} from '../plan_object.js';
import {INPUT_BYTES_MAX} from '../wasm_core.js';

/** Options of every command that plans. */
export interface PlanOptions {
  readonly btf?: string;
  readonly moduleBtf?: readonly string[];
}

export interface ObjectFile {
  readonly object: Uint8Array;
  readonly objectName: string;
}

/** The object at a path; `-` is standard input. */
export function readObject(path: string): ObjectFile {
  const object = readInput(path, 'the object', INPUT_BYTES_MAX.object);
  if (Plan.isPlan(object)) {
    throw new InputError('BAD_ARGUMENT', {
      what: `${path} is a plan, not an object`,
      hint: `structops show ${path}`,
    });
  }
  return {object, objectName: objectNameOf(path)};
}

/** The kept plan at a path; `-` is standard input. */
export function readPlan(path: string): Plan {
  const bytes = readInput(path, 'the plan', INPUT_BYTES_MAX.plan);
  if (Plan.isPlan(bytes)) return new Plan(bytes);
  throw new InputError('BAD_ARGUMENT', {
    what: `${path} is not a plan`,
    why: 'a plan begins with the letters "structop"',
    hint: 'structops plan OBJECT -o PLAN makes one; structops inspect shows an object',
  });
}

/** Plans an object for the kernel that the options name, by default the running one. */
export function planFile(file: ObjectFile, {btf, moduleBtf = []}: PlanOptions): Plan {
  return planObject({
    ...file,
    kernelBtf: btf === undefined ? openRunningKernelBtf() : openBtf(btf),
    moduleBtfs: moduleBtf.map(openModuleBtf),
  });
}

/** A kept plan, or an object planned now. */
export function readPlanOrObject(path: string, options: PlanOptions): Plan {
  const bytes = readInput(path, 'the plan or object', INPUT_BYTES_MAX.plan);
  if (!Plan.isPlan(bytes)) {
    return planFile({object: bytes, objectName: objectNameOf(path)}, options);
  }
  if (options.btf === undefined && options.moduleBtf === undefined) return new Plan(bytes);
  throw new InputError('BAD_ARGUMENT', {
    what: `${path} is a plan: it is for one kernel already`,
    hint: 'leave out --btf and --module-btf, or give the object',
  });
}

function objectNameOf(path: string): string {
  return path === '-' ? 'stdin.bpf.o' : basename(path);
}

/** `NAME=FILE`; `NAME` alone means the running kernel's. */
function openModuleBtf(argument: string): ModuleBtf {
  const [name = '', ...rest] = argument.split('=');
  if (name === '') {
    throw new InputError('BAD_ARGUMENT', {
      what: `--module-btf ${argument}: the module's name is missing`,
      hint: '--module-btf hid=hid.btf, or --module-btf hid for the running kernel',
    });
  }
  return {name, bytes: openBtf(rest.length === 0 ? runningBtfPath(name) : rest.join('='))};
}

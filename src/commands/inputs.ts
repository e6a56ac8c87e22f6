import {basename, posix} from 'node:path';
import {setFlagsFromString} from 'node:v8';
import {INPUT_BYTES_MAX} from '../core/wasm_core.js';
import {InputError} from '../errors.js';
import {openKconfig} from '../inputs/kconfig.js';
import {openBtf, runningBtfPath} from '../inputs/kernel_btf.js';
import {readInput} from '../inputs/open_input.js';
import type {PlanSettings} from '../inputs/settings.js';
import {inspectObject} from '../inspect/inspect_object.js';
import {Plan} from '../plan/plan.js';
import {planForRunningKernel} from '../plan/plan_for_running_kernel.js';
import {type ModuleBtf, planObject} from '../plan/plan_object.js';
import {pinPathOf} from '../registered/pin_path.js';
import {type SettingArguments, settingsOf} from './setting_arguments.js';

/** Options of every command that plans. */
export interface PlanOptions extends SettingArguments {
  readonly btf?: string;
  readonly moduleBtf?: readonly string[];
  readonly kconfig?: string;
  readonly kernelVersion?: string;
  /** The directory that pins go to. */
  readonly pin?: string;
}

/** How each of them is typed. */
const FLAGS: Readonly<Record<keyof PlanOptions, string>> = {
  btf: '--btf',
  moduleBtf: '--module-btf',
  kconfig: '--kconfig',
  kernelVersion: '--kernel-version',
  settings: '--settings',
  pin: '--pin',
  set: '--set',
  map: '--map',
  autoload: '--autoload',
  create: '--create',
  nullUnknownCallbacks: '--null-unknown-callbacks',
  enumConstants: '--enum-constants',
  resize: '--resize',
  associate: '--associate',
  hotplugSeq: '--hotplug-seq',
};

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

/**
 * Plans an object for the kernel that the options name, by default the running one: only then is
 * anything of this machine looked at.
 */
export function planFile(file: ObjectFile, options: PlanOptions): Plan {
  compileOnceOnly();
  const request = runningRequest(file, options);
  const {pin, btf} = options;
  const settings = {
    ...request.settings,
    ...(pin !== undefined && {pins: pinsBelow(pin, file, request.settings)}),
  };
  if (btf === undefined) return planForRunningKernel({...request, settings});
  return planObject({...request, settings, kernelBtf: openBtf(btf)});
}

/** What the options say of an object, whichever the kernel is. */
export function runningRequest(file: ObjectFile, options: PlanOptions) {
  const {moduleBtf, kconfig, kernelVersion} = options;
  return {
    ...file,
    moduleBtfs: openModuleBtfs(moduleBtf),
    settings: settingsOf(options),
    ...(kconfig !== undefined && {kconfig: openKconfig(kconfig)}),
    ...(kernelVersion !== undefined && {kernelVersion}),
  };
}

/** Each struct_ops variable that is made is pinned by its name. */
function pinsBelow(
  directory: string,
  file: ObjectFile,
  {create = {}}: PlanSettings,
): Record<string, string> {
  const made = inspectObject(file).struct_ops.filter(
    ({name, optional}) => create[name] ?? !optional,
  );
  return Object.fromEntries(made.map(({name}) => [name, pinPathOf(posix.join(directory, name))]));
}

/**
 * A kept plan, or an object planned now.
 *
 * @param fitting - Options that mean something for a plan as well.
 */
export function readPlanOrObject(
  path: string,
  options: PlanOptions,
  fitting: readonly (keyof PlanOptions)[] = [],
): Plan {
  const bytes = readInput(path, 'the plan or object', INPUT_BYTES_MAX.plan);
  if (!Plan.isPlan(bytes)) {
    return planFile({object: bytes, objectName: objectNameOf(path)}, options);
  }
  const names = Object.keys(FLAGS) as (keyof PlanOptions)[];
  const given = names.filter(name => options[name] && !fitting.includes(name));
  if (given.length === 0) return new Plan(bytes);
  throw new InputError('BAD_ARGUMENT', {
    what: `${path} is a plan: it is for one kernel already, and with its settings`,
    hint: `leave out ${given.map(name => FLAGS[name]).join(', ')}, or give the object`,
  });
}

function objectNameOf(path: string): string {
  return path === '-' ? 'stdin.bpf.o' : basename(path);
}

export function openModuleBtfs(typed: readonly string[] = []): ModuleBtf[] {
  return typed.map(openModuleBtf);
}

/** `NAME=FILE`; `NAME` alone means the running kernel's. */
function openModuleBtf(argument: string): ModuleBtf {
  const [name = '', ...rest] = argument.split('=');
  if (name === '') throw moduleNameMissing(argument);
  return {name, bytes: openBtf(rest.length === 0 ? runningBtfPath(name) : rest.join('='))};
}

export function moduleNameMissing(argument: string): InputError {
  return new InputError('BAD_ARGUMENT', {
    what: `--module-btf ${argument}: the module's name is missing`,
    hint: '--module-btf hid=hid.btf, or --module-btf hid for that of the kernel itself',
  });
}

/**
 * For one plan, code that V8 compiles a second time comes too late, and takes time of its own. What
 * a library's process does with its Wasm is not for us to say.
 */
function compileOnceOnly(): void {
  setFlagsFromString('--wasm-tiering-budget=1000000000');
}

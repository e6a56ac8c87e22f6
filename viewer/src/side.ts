import {
  type Inspection,
  inspectObject,
  type ModuleBtf,
  type ObjectProgram,
  objectInstructions,
  Plan,
  type PlanDescription,
  planInstructions,
  planObject,
  StructopsError,
} from 'structops/browser';
import * as yaml from 'yaml';
import {InputError} from '../../src/errors.js';
import {settingsIn} from '../../src/inputs/settings_text.js';
import {printableJson} from '../../src/render/text.js';

export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface ObjectFile {
  readonly object: Uint8Array;
  readonly objectName: string;
}

/** What a person gave for one plan. */
export interface SideInputs {
  /** An object or a kept plan. */
  readonly subject?: NamedBytes;
  readonly kernel?: NamedBytes;
  readonly modules: readonly NamedBytes[];
  readonly kconfig?: NamedBytes;
  readonly kernelVersion: string;
  /** The text of a settings file: docs/settings.md. */
  readonly settings: string;
}

export const NO_INPUTS: SideInputs = {
  modules: [],
  kernelVersion: '',
  settings: '',
};

/** What the core says of it. Every text in it is safe to be shown. */
export interface Side {
  readonly inputs: SideInputs;
  readonly inspection?: Inspection;
  readonly plan?: Plan;
  readonly description?: PlanDescription;
  /** Step -> text of each instruction. */
  readonly instructions?: ReadonlyMap<number, readonly string[]>;
  /** The same from before relocation, by the program's name; empty for a kept plan. */
  readonly before?: ReadonlyMap<string, ObjectProgram>;
  readonly error?: unknown;
}

/** Looks at an object, plans it if there is a kernel, or describes a kept plan. */
export function lookAt(inputs: SideInputs): Side {
  const {subject, kernel} = inputs;
  if (subject === undefined) return {inputs};
  try {
    if (Plan.isPlan(subject.bytes)) return {inputs, ...described(new Plan(subject.bytes), inputs)};
    const object = {object: subject.bytes, objectName: subject.name};
    const side = {inputs, inspection: printableJson(inspectObject(object))};
    if (kernel === undefined) return side;
    try {
      const plan = planOf(object, kernel, inputs);
      return {...side, ...described(plan, inputs), before: beforeOf(object)};
    } catch (error) {
      return {...side, error};
    }
  } catch (error) {
    return {inputs, error};
  }
}

/** What the second column lacks, it has in common with the first. */
export function withRestOf(inputs: SideInputs, first: SideInputs): SideInputs {
  const given = Object.fromEntries(
    Object.entries(inputs).filter(([, value]) => value !== undefined && value !== ''),
  );
  const modules = inputs.modules.length > 0 || inputs.kernel ? inputs.modules : first.modules;
  return {...first, ...given, modules};
}

export function namesOfKernel({kernel, modules}: SideInputs) {
  return {...(kernel && {kernelBtf: kernel.bytes}), moduleBtfs: moduleBtfs(modules)};
}

function beforeOf(object: ObjectFile): ReadonlyMap<string, ObjectProgram> {
  const programs = printableJson(objectInstructions(object));
  return new Map(programs.map(program => [program.name, program]));
}

function described(plan: Plan, inputs: SideInputs) {
  const description = printableJson(plan.describe());
  const instructions = new Map(
    [...planInstructions(plan, namesOfKernel(inputs))].map(([step, texts]) => [
      step,
      printableJson(texts),
    ]),
  );
  return {plan, description, instructions};
}

function planOf(
  object: ObjectFile,
  kernel: NamedBytes,
  {modules, kconfig, kernelVersion, settings}: SideInputs,
): Plan {
  return planObject({
    ...object,
    kernelBtf: kernel.bytes,
    moduleBtfs: moduleBtfs(modules),
    ...(kconfig && {kconfig: kconfig.bytes}),
    ...(kernelVersion !== '' && {kernelVersion}),
    settings: settingsIn(settings, 'settings', yaml),
  });
}

/** The file of a module's BTF is called as the module. */
function moduleBtfs(modules: readonly NamedBytes[]): ModuleBtf[] {
  return modules.map(({name, bytes}) => ({name: name.replace(/\.[^.]*$/, ''), bytes}));
}

/** For a person: one line, and what to do. */
export function errorText(error: unknown): {title: string; rest: string[]} {
  if (error instanceof StructopsError || error instanceof InputError) {
    return {title: error.shortMessage, rest: [error.why, error.hint].filter(Boolean)};
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {title: 'a defect of structops itself; please report it', rest: [text]};
}

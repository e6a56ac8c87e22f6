import {PlanError} from '../../src/errors.js';
import type {Fault} from '../../src/faults.js';
import {openKconfig} from '../../src/inputs/kconfig.js';
import {openBtf} from '../../src/inputs/kernel_btf.js';
import type {PlanSettings} from '../../src/inputs/settings.js';
import {inspectObject} from '../../src/inspect/inspect_object.js';
import type {Plan} from '../../src/plan/plan.js';
import {type ModuleBtf, type PlanRequest, planObject} from '../../src/plan/plan_object.js';
import type {Kernel} from '../rig/kernels.js';
import type {LibbpfVersion} from './build_with_libbpf.js';

/** What both sides are told, and who the other one is. */
export interface OracleOptions {
  readonly kernel: Kernel;
  /** Of modules that the kernel has loaded, by name: files with raw split BTF. */
  readonly modules?: Readonly<Record<string, string>>;
  /** A file with the kernel's configuration, text or gzip; without, it has none. */
  readonly kconfig?: string;
  /** What is set in each object before load. */
  readonly settings?: PlanSettings;
  /** And what the user side of a sched_ext scheduler sets. */
  readonly schedExt?: boolean;
  /** Whose libbpf; Debian's newest when absent. */
  readonly libbpf?: LibbpfVersion;
}

/** An object as it is found. */
export interface OracleObject {
  /** Path below the directory of objects. */
  readonly name: string;
  readonly path: string;
  readonly bytes: Buffer;
  readonly sha256: string;
  /** What is set in this one before load. */
  readonly settings?: PlanSettings;
}

/** A plan, or every reason why there is none. */
export type OurPlan = {readonly plan: Plan} | {readonly faults: readonly Fault[]};

const SCHEDULER = /^sched_ext_ops/;

/** Plans an object as its user would. */
export function planAsUser(object: OracleObject, options: OracleOptions): OurPlan {
  const {kernel, modules = {}, kconfig} = options;
  const moduleBtfs = Object.entries(modules).map(
    ([name, path]): ModuleBtf => ({name, bytes: openBtf(path)}),
  );
  const request: PlanRequest = {
    ...inspected(object),
    kernelBtf: openBtf(kernel.btf),
    kernelVersion: kernel.version,
    moduleBtfs,
    ...(kconfig !== undefined && {kconfig: openKconfig(kconfig)}),
  };
  try {
    return {plan: planObject({...request, settings: settingsFor(object, options)})};
  } catch (error) {
    if (error instanceof PlanError) return {faults: error.faults};
    throw error;
  }
}

function inspected({bytes, name}: OracleObject) {
  return {object: bytes, objectName: name.slice(name.lastIndexOf('/') + 1)};
}

/** What both sides set. */
export function settingsFor(object: OracleObject, options: OracleOptions): PlanSettings {
  const scheduler = options.schedExt ? schedulerSettings(object) : {};
  return {...scheduler, ...options.settings, ...object.settings};
}

/** Of an object that cannot be read there is nothing to set. */
function schedulerSettings(object: OracleObject): PlanSettings {
  return {
    nullUnknownCallbacks: true,
    enumConstants: '__SCX_',
    ...hotplugSeq(object),
  };
}

function hotplugSeq(object: OracleObject): PlanSettings {
  try {
    const variables = inspectObject(inspected(object)).struct_ops;
    const scheduler = variables.find(({struct}) => SCHEDULER.test(struct));
    return scheduler === undefined ? {} : {hotplugSeq: `${scheduler.name}.hotplug_seq`};
  } catch (error) {
    if (error instanceof PlanError) return {};
    throw error;
  }
}

import {type Bytes, type CoreInput, type CoreModule, callCore, utf8} from '../core/wasm_core.js';
import {optionLines, type PlanSettings} from '../inputs/settings.js';
import {Plan} from './plan.js';

export interface ModuleBtf {
  /** As in /sys/kernel/btf, such as `hid`; at most 55 bytes. */
  readonly name: string;
  /** Raw split BTF. */
  readonly bytes: Bytes;
}

export interface PlanRequest {
  /** A little-endian `EM_BPF` relocatable ELF, at most 64 MiB. Not modified. */
  readonly object: Bytes;
  /** The file's base name, at most 255 bytes of UTF-8. The kernel shows part of it. */
  readonly objectName: string;
  /** Raw BTF of the kernel to plan for, at most 256 MiB: see `openBtf`. */
  readonly kernelBtf: Bytes;
  /** The BTF of each module that the kernel has loaded and the object needs. */
  readonly moduleBtfs?: readonly ModuleBtf[];
  /** The text of that kernel's configuration, unpacked, at most 16 MiB: see `openKconfig`. */
  readonly kconfig?: Bytes;
  /** That kernel's version, such as `6.12.107`: what `LINUX_KERNEL_VERSION` of an object is. */
  readonly kernelVersion?: string;
  /** What of the object is changed before; written into the plan. */
  readonly settings?: PlanSettings;
  /** Default: the core of this package, compiled once. */
  readonly core?: CoreModule;
}

/**
 * Plans the load of every struct_ops variable of a BPF object into one kernel. Needs no
 * privilege, asks the running kernel nothing, and gives the same bytes for the same input.
 *
 * @throws {PlanError} The object or a BTF cannot be used, a setting does not fit the object, or
 * the kernel lacks something that the object needs; `error.faults` has every reason.
 * @throws {InputError} An input is larger than the core takes, or cannot be read, or a setting
 * has a value that cannot be handed over.
 */
export function planObject(request: PlanRequest): Plan {
  const {object, objectName, kernelBtf, moduleBtfs = [], kconfig, core} = request;
  const inputs: CoreInput[] = [
    {kind: 'object', bytes: object},
    {kind: 'objectName', bytes: utf8(objectName)},
    {kind: 'kernelBtf', bytes: kernelBtf},
  ];
  for (const {name, bytes} of moduleBtfs) {
    inputs.push({kind: 'moduleName', bytes: utf8(name)}, {kind: 'moduleBtf', bytes});
  }
  if (kconfig !== undefined) inputs.push({kind: 'kconfig', bytes: kconfig});
  const options = utf8(optionLines(request.settings ?? {}, request.kernelVersion));
  if (options.length > 0) inputs.push({kind: 'options', bytes: options});
  return new Plan(callCore('makePlan', inputs, core), core);
}

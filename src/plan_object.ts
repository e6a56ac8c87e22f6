import {InputError} from './errors.js';
import {Plan} from './plan.js';
import {type Bytes, type CoreInput, type CoreModule, callCore} from './wasm_core.js';

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
  /** Settings of the core, written into the plan. */
  readonly options?: Readonly<Record<string, string>>;
  /** Default: the core of this package, compiled once. */
  readonly core?: CoreModule;
}

/**
 * Plans the load of every struct_ops variable of a BPF object into one kernel. Needs no
 * privilege, asks the running kernel nothing, and gives the same bytes for the same input.
 *
 * @throws {PlanError} The object or a BTF cannot be used, or the kernel lacks something that the
 * object needs; `error.faults` has every reason.
 * @throws {InputError} An input is larger than the core takes, or cannot be read.
 */
export function planObject(request: PlanRequest): Plan {
  const {object, objectName, kernelBtf, moduleBtfs = [], options = {}, core} = request;
  const inputs: CoreInput[] = [
    {kind: 'object', bytes: object},
    {kind: 'objectName', bytes: Buffer.from(objectName)},
    {kind: 'kernelBtf', bytes: kernelBtf},
  ];
  for (const {name, bytes} of moduleBtfs) {
    inputs.push({kind: 'moduleName', bytes: Buffer.from(name)}, {kind: 'moduleBtf', bytes});
  }
  const lines = Object.entries(options).map(optionLine);
  if (lines.length > 0) inputs.push({kind: 'options', bytes: Buffer.from(lines.join(''))});
  return new Plan(callCore('makePlan', inputs, core), core);
}

/** A line break would begin a setting that the caller did not name. */
function optionLine([name, value]: [string, string]): string {
  if (/[\r\n=]/.test(name) || /[\r\n]/.test(value)) {
    throw new InputError('BAD_ARGUMENT', {
      what: `option ${JSON.stringify(name)}: neither name nor value may have a line break`,
    });
  }
  return `${name}=${value}\n`;
}

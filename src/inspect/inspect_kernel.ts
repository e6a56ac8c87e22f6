import {
  type Bytes,
  type CoreInput,
  type CoreModule,
  callCoreForJson,
  utf8,
} from '../core/wasm_core.js';
import type {ModuleBtf} from '../plan/plan_object.js';

export interface InspectKernelRequest {
  /** Raw BTF of a kernel: see `openBtf` and `readKernels`. */
  readonly kernelBtf: Bytes;
  /** Modules whose kinds of struct_ops are told as well. */
  readonly moduleBtfs?: readonly ModuleBtf[];
  /** Default: the core of this package, compiled once. */
  readonly core?: CoreModule;
}

/** `structops.kernel/1` of the core: docs/embedding.md, "Kernels". */
export interface KernelInspection {
  readonly schema: 'structops.kernel/1';
  readonly btf_size: number;
  readonly btf_xxh64: string;
  /** Such as `x86-64`; `unknown` where the BTF does not tell. */
  readonly machine: string;
  /** Bytes; 0 where the BTF does not tell. */
  readonly pointer_size: number;
  /** The kinds that an object can be of, such as `tcp_congestion_ops`. */
  readonly struct_ops: readonly string[];
  readonly features: readonly {
    readonly name: string;
    /** The first release of Linux that has it. */
    readonly since: string;
    readonly present: boolean;
  }[];
  readonly kinds: readonly KernelKind[];
}

/** A kind of struct_ops, and what there is to know for whoever looks at one that is in force. */
export interface KernelKind {
  readonly struct: string;
  readonly value_type: string;
  readonly value_type_id: number;
  /** The module that the value type is of; null for vmlinux. */
  readonly module: string | null;
  /** Bytes. */
  readonly value_size: number;
  /** How one is replaced: without a gap, or with one. */
  readonly swap: 'update' | 'detach';
  readonly members: readonly {
    readonly name: string;
    /** Bytes from the start of the value. */
    readonly offset: number;
    readonly size: number;
    readonly kind: string;
    readonly callback: boolean;
  }[];
}

/**
 * What a kernel is and can do, as far as its BTF tells.
 *
 * @throws {PlanError} The BTF cannot be used.
 */
export function inspectKernel(request: InspectKernelRequest): KernelInspection {
  const {kernelBtf, moduleBtfs = [], core} = request;
  const inputs: CoreInput[] = [{kind: 'kernelBtf', bytes: kernelBtf}];
  for (const {name, bytes} of moduleBtfs) {
    inputs.push({kind: 'moduleName', bytes: utf8(name)}, {kind: 'moduleBtf', bytes});
  }
  return callCoreForJson('inspectKernel', inputs, core);
}

import {type Bytes, type CoreModule, callCoreForJson} from './wasm_core.js';

export interface InspectKernelRequest {
  /** Raw BTF of a kernel: see `openBtf` and `readKernels`. */
  readonly kernelBtf: Bytes;
  /** Default: the core of this package, compiled once. */
  readonly core?: CoreModule;
}

/** `structops.kernel/1` of the core: docs/core-abi.md, "Kernels". */
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
}

/**
 * What a kernel is and can do, as far as its BTF tells.
 *
 * @throws {PlanError} The BTF cannot be used.
 */
export function inspectKernel({kernelBtf, core}: InspectKernelRequest): KernelInspection {
  return callCoreForJson('inspectKernel', [{kind: 'kernelBtf', bytes: kernelBtf}], core);
}

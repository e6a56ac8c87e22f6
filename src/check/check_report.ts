import type {Fault} from '../faults.js';

/** `structops.check/1`: which objects load on which kernels, and why not: docs/check-json.md. */
export interface CheckReport {
  readonly schema: 'structops.check/1';
  readonly objects: readonly CheckedObject[];
  readonly kernels: readonly CheckedKernel[];
  /** The modules that were asked for; absent: none. */
  readonly modules?: readonly string[];
  /** One for each object on each kernel; kernel by kernel. */
  readonly cells: readonly CheckCell[];
  /** What was given, and is no object or no kernel. */
  readonly problems: readonly CheckProblem[];
}

export interface CheckedObject {
  readonly name: string;
  readonly path: string;
}

export interface CheckedKernel {
  /** Its release, or the name of its file. */
  readonly name: string;
  readonly path: string;
  readonly release?: string;
  /** Such as `x86-64`; `unknown` where its BTF does not tell. */
  readonly machine: string;
  readonly btf_size: number;
  readonly btf_xxh64: string;
  /** The kinds of struct_ops that it has. */
  readonly struct_ops: readonly string[];
  /** Whether its file has its configuration. */
  readonly kconfig: boolean;
  /** Of the modules that were asked for those that it has. */
  readonly modules?: readonly string[];
}

/** `loads_with_losses`: something that the object has and can do without is left out. */
export type LoaderVerdict = 'loads' | 'loads_with_losses' | 'refused';

/** `cannot_run`: there is no image to boot, or no plan. */
export type VerifierVerdict = 'not_run' | 'accepted' | 'refused' | 'cannot_run';

export interface CheckCell {
  /** Indices into `objects` and `kernels`. */
  readonly object: number;
  readonly kernel: number;
  readonly loader: LoaderVerdict;
  /** With `loads_with_losses`: what is left out. */
  readonly losses: readonly string[];
  readonly warnings: readonly string[];
  /** With `refused`: every reason. */
  readonly faults: readonly Fault[];
  /** The digest of the plan, in hex; absent with `refused`. */
  readonly plan_sha256?: string;
  readonly verifier: VerifierVerdict;
  /** With `cannot_run` or `refused` by the verifier: one sentence. */
  readonly verifier_reason?: string;
  /** What the verifier said of each program, in the order of the plan. */
  readonly programs?: readonly VerifiedProgram[];
}

export interface VerifiedProgram {
  readonly name: string;
  readonly accepted: boolean;
  /** Instructions that the verifier looked at, on all paths. */
  readonly insns?: number;
  readonly total_states?: number;
  readonly peak_states?: number;
  readonly time_us?: number;
  /** Bytes of each frame of the stack, as the verifier prints them. */
  readonly stack?: string;
}

export interface CheckProblem {
  readonly path: string;
  readonly code: string;
  /** What, why and what to try; all but the first may be empty. */
  readonly message: string;
  readonly why: string;
  readonly hint: string;
}

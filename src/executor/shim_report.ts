import type {BtfIdentity} from '../plan/plan_description.js';

/** The executor's result lines, `structops.result/1`: docs/executor.md, "Results". */
export type ShimLine = FrameResult | Detached | Released | ShimFault;

/** The answer to one plan frame. */
export type FrameResult = Done | Checked | StepFailed | Interrupted | PlanRefused | WrongKernel;

interface Line<Status extends string> {
  readonly schema: 'structops.result/1';
  readonly status: Status;
}

interface FrameLine<Status extends string> extends Line<Status> {
  /** Counted from 0. */
  readonly frame: number;
  /** The digest at the frame's end, in hex. */
  readonly plan_sha256: string;
}

/** `done`: carried out and held. `loaded`: phase `load` was carried out, and let go. */
export interface Done extends FrameLine<'done' | 'loaded'>, Partial<RegistrationsListed> {
  /** The number of steps that failed and may. */
  readonly tolerated: number;
  readonly slots: readonly FilledSlot[];
  /** How long nothing was in force between a detach and the attach after it. */
  readonly gap_ns?: number;
}

/** What a frame that lists has found: docs/executor.md, "The list". */
export interface RegistrationsListed {
  readonly maps: readonly ListedMap[];
  readonly links: readonly ListedLink[];
  readonly programs: readonly ListedProgram[];
  readonly pins: readonly ListedPin[];
  /** Whether everything could be looked at. */
  readonly complete: boolean;
}

/** Of type STRUCT_OPS. */
export interface ListedMap {
  readonly id: number;
  readonly name: string;
  /** `map_flags` */
  readonly flags: number;
  /** `btf_vmlinux_value_type_id`, of the module if there is one. */
  readonly value_type_id: number;
  readonly module?: string;
  /** `enum bpf_struct_ops_state`; absent, as the value, if it could not be read. */
  readonly state?: number;
  /** Hex. */
  readonly value?: string;
}

export interface ListedLink {
  readonly id: number;
  /** 0: it is detached. */
  readonly map_id: number;
}

/** Of type STRUCT_OPS. */
export interface ListedProgram {
  readonly id: number;
  readonly name: string;
  /** Nanoseconds since the boot. */
  readonly load_time: number;
  readonly uid: number;
}

export interface ListedPin {
  readonly id: number;
  readonly kind: 'map' | 'link';
  /** Below the pin root. */
  readonly path: string;
}

export type SlotKind = 'map' | 'prog' | 'btf' | 'link' | 'module';

export interface FilledSlot {
  readonly slot: number;
  readonly kind: SlotKind;
  /** The kernel's, as bpftool shows it; absent if the kernel did not tell. */
  readonly id?: number;
  /** The step that made it, and its name; not for a module. */
  readonly step?: number;
  readonly name?: string;
  /** Whether it was there before the frame. */
  readonly got?: boolean;
  /** Of a link that the frame made: whether the kernel tells when it drops it. */
  readonly watched?: boolean;
}

/** It would be acted on. */
export interface Checked extends FrameLine<'checked'> {}

interface StoppedAtStep<Status extends string> extends FrameLine<Status> {
  readonly step: number;
  /** Such as `BPF_PROG_LOAD`. */
  readonly cmd: string;
  readonly name: string;
  /** Registrations that the kernel did not let the executor delete: still in force. */
  readonly left_registered: number;
  /** Pins that could not be removed, and what could not be put back: absent if there are none. */
  readonly left_pinned?: number;
  readonly not_restored?: number;
  /** New links in the place of those that the frame had detached. */
  readonly restored?: readonly Restored[];
  /** How long nothing was in force between a detach and the attach after it. */
  readonly gap_ns?: number;
}

export interface Restored {
  readonly slot: number;
  readonly id: number;
  /** No pin keeps it: it goes out of force when the executor ends. */
  readonly held: boolean;
}

/** The kernel refused a step; the frame is undone. */
export interface StepFailed extends StoppedAtStep<'step_failed'> {
  /** The number and its name, such as `EINVAL`; absent if a positive number was returned. */
  readonly errno?: number;
  readonly error?: string;
  readonly returned?: number;
  /** Why, where an errno alone would not tell: docs/executor.md, "Reasons of `step_failed`". */
  readonly reason?: string;
  /** The file that was asked for it. */
  readonly file?: string;
  /** The kernel symbol that was looked for. */
  readonly symbol?: string;
  /** Capabilities that the plan asks for and the executor has not; absent if it has all. */
  readonly lacks?: readonly string[];
  /** What the verifier, or the check of the BTF, said. */
  readonly log?: string;
  readonly log_truncated?: boolean;
}

/** A signal came before a step; the frame is undone. */
export interface Interrupted extends StoppedAtStep<'interrupted'> {}

/** The frame breaks a rule; nothing was done. */
export interface PlanRefused extends Line<'plan_refused'> {
  readonly frame: number;
  /** Stable: docs/executor.md, "Reasons of `plan_refused`". */
  readonly reason: string;
  readonly part: string;
  readonly index: number;
  readonly field?: string;
}

/** The plan is for another kernel or module; no step was made. */
export interface WrongKernel extends FrameLine<'wrong_kernel'> {
  /** `vmlinux`, or the module's name. */
  readonly btf: string;
  readonly wanted: BtfIdentity;
  readonly running: BtfIdentity | null;
  readonly errno?: number;
  readonly error?: string;
}

/** The kernel has dropped a link that a frame made: by itself, or because somebody detached it. */
export interface Detached extends Line<'detached'> {
  /** The frame that made the link. */
  readonly frame: number;
  /** The kernel's. */
  readonly id: number;
  /** What the plan calls it. */
  readonly name: string;
}

/** What was held is let go. */
export interface Released extends Line<'released'> {
  /** `end_of_input`, `detached`, `error`, or a signal's name. */
  readonly why: string;
  /** How many frames were held. */
  readonly frames: number;
  readonly left_registered: number;
}

/** The executor's own fault, or the machine's: no memory, input that cannot be read. */
export interface ShimFault extends Line<'error'> {
  readonly doing: string;
  readonly errno: number;
  readonly error: string;
}

const STATUSES = new Set([
  ...['done', 'loaded', 'checked', 'step_failed', 'interrupted', 'plan_refused'],
  ...['wrong_kernel', 'detached', 'released', 'error'],
]);

/** Reads one line; undefined if it is not a result line of version 1. */
export function parseShimLine(line: string): ShimLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const {schema, status} = value as Record<string, unknown>;
  if (schema !== 'structops.result/1' || !STATUSES.has(String(status))) return undefined;
  return value as ShimLine;
}

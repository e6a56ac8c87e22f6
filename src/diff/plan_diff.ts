import type {AttrValue, KernelIdentity, ObjectIdentity} from '../plan/plan_description.js';

/** What `structops.diff/1` looks like: docs/diff-json.md. */
export interface PlanDiff {
  readonly schema: 'structops.diff/1';
  /** Whether anything below differs. Identities of object, kernel and plan are not counted. */
  readonly differs: boolean;
  readonly old: PlanIdentity;
  readonly new: PlanIdentity;
  /** Those of the new plan in its order, then those that it does not have. */
  readonly steps: readonly StepDiff[];
  /** Whether steps that both have come in another order. */
  readonly reordered: boolean;
  readonly capabilities: ListDiff;
  readonly settings: ListDiff;
  readonly losses: ListDiff;
  readonly warnings: ListDiff;
}

export interface PlanIdentity {
  readonly object: ObjectIdentity;
  readonly kernel: KernelIdentity;
  readonly plan: {readonly size: number; readonly sha256: string};
}

export interface ListDiff {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

export interface StepDiff {
  /** Such as `BPF_PROG_LOAD`, and the name of what it is about. */
  readonly cmd: string;
  readonly name: string;
  /** Its index in each plan; null where it is not there. */
  readonly old_step: number | null;
  readonly new_step: number | null;
  readonly change: 'added' | 'removed' | 'changed';
  /** Those of `union bpf_attr`; an fd is the name of what it is of. */
  readonly fields: readonly FieldDiff[];
  readonly blobs: readonly BlobDiff[];
  /** Of a program whose instructions differ. */
  readonly instructions?: InstructionsDiff;
  /** Of the value of a struct_ops. */
  readonly members?: readonly MemberDiff[];
}

export interface FieldDiff {
  readonly field: string;
  readonly old: AttrValue | null;
  readonly new: AttrValue | null;
}

/** What an attr field points to: `license`, `btf`, `value`, … */
export interface BlobDiff {
  readonly blob: string;
  /** Bytes. */
  readonly old_size: number;
  readonly new_size: number;
  /** Where bytes differ, if the sizes are the same. */
  readonly ranges: readonly RangeDiff[];
}

export interface RangeDiff {
  readonly offset: number;
  /** In hex. */
  readonly old: string;
  readonly new: string;
}

export interface InstructionsDiff {
  /** Numbers of instructions. */
  readonly old_count: number;
  readonly new_count: number;
  /** Those that are not in the other one; null: the two have so little in common that nobody looked further. */
  readonly removed: number | null;
  readonly added: number | null;
  readonly hunks: readonly InstructionsHunk[];
}

/** A place where they differ, with some instructions around it. */
export interface InstructionsHunk {
  /** The numbers of the first instruction shown. */
  readonly old_start: number;
  readonly new_start: number;
  /** Each begins with `-`, `+` or a blank. */
  readonly lines: readonly string[];
}

export interface MemberDiff {
  readonly name: string;
  /** null: not set, or not there. */
  readonly old: MemberContent | null;
  readonly new: MemberContent | null;
}

export interface MemberContent {
  /** Bytes from the start of the value. */
  readonly offset: number;
  readonly size: number;
  /** Its BTF kind. */
  readonly kind: string;
  /** What it holds: a program by its name, a run-time value, or bytes in hex. */
  readonly program?: string;
  readonly value?: string;
  readonly hex?: string;
}

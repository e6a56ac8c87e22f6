/** What `structops.plan/1` of the core looks like: docs/plan-json.md. */
export interface PlanDescription {
  readonly schema: 'structops.plan/1';
  readonly plan: {
    /** Bytes. */
    readonly size: number;
    readonly sha256: string;
  };
  readonly object: ObjectIdentity;
  readonly kernel: KernelIdentity;
  /** Those that the steps need, such as `CAP_BPF`. */
  readonly capabilities: readonly string[];
  readonly slot_count: number;
  /** The options that the plan was made with, each `name=value`. */
  readonly settings: readonly string[];
  /** Of those that change what the object has: from what to what. */
  readonly setting_changes: readonly SettingChange[];
  /** What the object has and this kernel has not, left out. */
  readonly losses: readonly PlanNote[];
  /** What a reviewer should know. */
  readonly warnings: readonly PlanNote[];
  readonly steps: readonly PlanStep[];
}

export interface SettingChange {
  /** As in `settings`, such as `set.window_min`. */
  readonly name: string;
  readonly old: string;
  readonly new: string;
}

export interface ObjectIdentity {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

export interface BtfIdentity {
  /** Bytes. */
  readonly btf_size: number;
  /** 16 hex digits, as `xxh64sum` prints them. */
  readonly btf_xxh64: string;
}

export interface KernelIdentity extends BtfIdentity {
  readonly modules: readonly ModuleIdentity[];
}

export interface ModuleIdentity extends BtfIdentity {
  readonly name: string;
  readonly slot: number;
}

export interface PlanNote {
  /** The index of the step that it speaks of; null: the whole plan. */
  readonly step: number | null;
  readonly text: string;
}

/** Numbers above 2^53 are strings: `0x` and hex digits. Names are strings as well. */
export type AttrValue = number | string;

export type Phase = 'load' | 'attach';

export interface PlanStep {
  readonly index: number;
  /** `load`: nothing runs yet; `attach`: the kernel starts calling. */
  readonly phase: Phase;
  /** Such as `BPF_MAP_CREATE`; `STRUCTOPS_ARENA_MAP` is the executor's own. */
  readonly cmd: string;
  readonly name: string;
  /** The slot that receives the returned fd. */
  readonly slot: number | null;
  readonly may_fail: boolean;
  /** Each field of `union bpf_attr` that is not zero, by its kernel name. */
  readonly attr: Readonly<Record<string, AttrValue>>;
  /** Bytes of the attr image, the third argument of bpf(2). */
  readonly attr_size: number;
  readonly attr_hex: string;
  /** In hex, by the attr field that points to each: `insns`, `license`, `btf`, `value`, … */
  readonly blobs: Readonly<Record<string, string>>;
  readonly patches: readonly StepPatch[];
  /** The kernel struct that the step's value is. */
  readonly value_type?: string;
  readonly members?: readonly ValueMember[];
}

/** What is put into the attr or a blob just before the call. */
export interface StepPatch {
  /** `attr`, or the name of a blob. */
  readonly in: string;
  /** The attr field that is written. */
  readonly field?: string;
  /** Bytes from the start of what `in` names. */
  readonly offset: number;
  /** Bytes. */
  readonly width: number;
  readonly put: 'address' | 'slot' | 'value';
  /** With `address`: whose. */
  readonly blob?: string;
  /** With `slot`: whose fd. */
  readonly slot?: number;
  /** With `value`: which. */
  readonly value?: RunTimeValue;
  /** With the `KSYM` values: the kernel symbol whose address is meant. */
  readonly symbol?: string;
}

/** What only the running kernel can say: docs/plan-format.md, "Run-time values". */
export type RunTimeValue =
  | 'POSSIBLE_CPUS'
  | 'KSYM_LOW'
  | 'KSYM_HIGH'
  | 'WEAK_KSYM_LOW'
  | 'WEAK_KSYM_HIGH'
  | 'HOTPLUG_SEQ';

/** A member of the struct inside a `kern_vdata`. */
export interface ValueMember {
  readonly name: string;
  /** Bytes from the start of the value. */
  readonly offset: number;
  readonly size: number;
  /** Its BTF kind, such as `PTR`. */
  readonly kind: string;
  /** The slot of the program whose fd goes there. */
  readonly slot?: number;
  /** The run-time value that goes there. */
  readonly value?: RunTimeValue;
  readonly hex?: string;
}

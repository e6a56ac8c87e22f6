/**
 * The records of a plan frame: sizes, and offsets of their fields in bytes. docs/plan-format.md is the contract; the
 * executor has the same in shim/plan_wire.h. Everything is little-endian.
 */

/** `structop` as a little-endian u64. */
export const MAGIC: u64 = 0x706f746375727473;
export const VERSION: u32 = 1;
/** No slot, no step. */
export const NONE: u32 = u32.MAX_VALUE;
/** SHA-256 of every byte before it. */
export const DIGEST_SIZE: u32 = 32;
/** Private ranges of the blob and its two areas start at multiples of it. */
export const BLOB_ALIGNMENT: u32 = 8;
/** Above the largest of today's `union bpf_attr`. */
export const ATTR_SIZE_MAX: u32 = 256;

export const HEAD_SIZE: u32 = 128;
export const HEAD_MAGIC: u32 = 0;
export const HEAD_VERSION: u32 = 8;
export const HEAD_FRAME_SIZE: u32 = 12;
export const HEAD_SLOT_COUNT: u32 = 16;
export const HEAD_MODULE_COUNT: u32 = 20;
export const HEAD_STEP_COUNT: u32 = 24;
export const HEAD_PATCH_COUNT: u32 = 28;
export const HEAD_NOTE_COUNT: u32 = 32;
export const HEAD_BLOB_SIZE: u32 = 36;
export const HEAD_CAPABILITIES: u32 = 40;
export const HEAD_OBJECT_SIZE: u32 = 48;
export const HEAD_OBJECT_SHA256: u32 = 56;
export const HEAD_OBJECT_NAME: u32 = 88;
export const HEAD_OBJECT_NAME_SIZE: u32 = 92;
export const HEAD_BTF_SIZE: u32 = 96;
export const HEAD_BTF_XXH64: u32 = 104;
export const HEAD_SHARED_SIZE: u32 = 112;
/** Three u32. */
export const HEAD_ZERO: u32 = 116;

export const MODULE_SIZE: u32 = 32;
export const MODULE_NAME: u32 = 0;
export const MODULE_NAME_SIZE: u32 = 4;
export const MODULE_BTF_SIZE: u32 = 8;
export const MODULE_BTF_XXH64: u32 = 16;
export const MODULE_SLOT: u32 = 24;
export const MODULE_ZERO: u32 = 28;

export const STEP_SIZE: u32 = 48;
export const STEP_CMD: u32 = 0;
export const STEP_PHASE: u32 = 4;
export const STEP_ATTR: u32 = 8;
export const STEP_ATTR_SIZE: u32 = 12;
export const STEP_PATCH_FIRST: u32 = 16;
export const STEP_PATCH_COUNT: u32 = 20;
export const STEP_SLOT: u32 = 24;
export const STEP_FLAGS: u32 = 28;
export const STEP_NAME: u32 = 32;
export const STEP_NAME_SIZE: u32 = 36;
/** Two u32. */
export const STEP_ZERO: u32 = 40;

/** Nothing runs yet. */
export const PHASE_LOAD: u32 = 1;
/** The kernel starts calling. */
export const PHASE_ATTACH: u32 = 2;

/** The step may fail without ending the frame. */
export const FLAG_MAY_FAIL: u32 = 1;
/** What BPF_OBJ_GET gets is a link, not a map. */
export const FLAG_GETS_LINK: u32 = 2;

export const PATCH_SIZE: u32 = 24;
export const PATCH_KIND: u32 = 0;
export const PATCH_OFFSET: u32 = 4;
export const PATCH_WIDTH: u32 = 8;
export const PATCH_SOURCE: u32 = 12;
/** Of the range; the argument of a run-time value; or 0. */
export const PATCH_RANGE_SIZE: u32 = 16;
export const PATCH_ZERO: u32 = 20;

export const ADDRESS_IN_ATTR: u32 = 1;
export const SLOT_IN_ATTR: u32 = 2;
export const SLOT_IN_BLOB: u32 = 3;
/** `source` is one of the VALUE_ numbers, `size` its argument. */
export const VALUE_IN_ATTR: u32 = 4;
export const VALUE_IN_BLOB: u32 = 5;

/** Run-time values: what only the running kernel can say. plan_values.ts has their widths and arguments. */
export const VALUE_POSSIBLE_CPUS: u32 = 1;
/** The lower and upper 32 bits of the address of a kernel symbol; the argument is the blob offset of its name. */
export const VALUE_KSYM_LOW: u32 = 2;
export const VALUE_KSYM_HIGH: u32 = 3;
/** The same, but 0 if the kernel has no such symbol. */
export const VALUE_WEAK_KSYM_LOW: u32 = 4;
export const VALUE_WEAK_KSYM_HIGH: u32 = 5;
/** The number in /sys/kernel/sched_ext/hotplug_seq. */
export const VALUE_HOTPLUG_SEQ: u32 = 6;

export const NOTE_SIZE: u32 = 32;
export const NOTE_KIND: u32 = 0;
export const NOTE_STEP: u32 = 4;
export const NOTE_OFFSET: u32 = 8;
/** Of the bytes that it speaks of. */
export const NOTE_RANGE_SIZE: u32 = 12;
export const NOTE_TEXT: u32 = 16;
export const NOTE_TEXT_SIZE: u32 = 20;
export const NOTE_ARGUMENT: u32 = 24;
export const NOTE_ZERO: u32 = 28;

export const NOTE_MEMBER: u32 = 1;
export const NOTE_LOSS: u32 = 2;
export const NOTE_WARNING: u32 = 3;
export const NOTE_SETTING: u32 = 4;
export const NOTE_VALUE_TYPE: u32 = 5;

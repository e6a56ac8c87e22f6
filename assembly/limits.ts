/** Every upper bound of the core, with where it comes from. */

/** ELF files of scheduler objects with DWARF reach some megabytes. */
export const OBJECT_SIZE_MAX: u32 = 64 << 20;
/** vmlinux BTFs are 4 to 6 MB today. */
export const KERN_BTF_SIZE_MAX: u32 = 256 << 20;
export const MODULE_BTF_SIZE_MAX: u32 = 64 << 20;
/** A vmlinux with all its DWARF; unpacked images have some ten megabytes. */
export const KERNEL_IMAGE_SIZE_MAX: u32 = 1000 << 20;
export const MODULES_MAX: u32 = 64;
export const OPTIONS_SIZE_MAX: u32 = 1 << 20;
/** All of them together: the memory has 3 GiB at most (asconfig.json), so that no address wraps. */
export const INPUTS_SIZE_MAX: u64 = 1 << 30;
/** Debian's kernel configurations have a quarter of a megabyte. */
export const KCONFIG_SIZE_MAX: u32 = 16 << 20;
/** File names: NAME_MAX. */
export const OBJECT_NAME_MAX: u32 = 255;
/** MODULE_NAME_LEN is 56 with its NUL. */
export const MODULE_NAME_MAX: u32 = 55;

/** Of the target; x86-64 has no other. */
export const PAGE_SIZE: u64 = 4096;

/** A run reports at most so many faults; more would not be read. */
export const FAULTS_MAX: u32 = 256;

/** Bytes of a name in an object; the kernel takes none above 511 (KSYM_NAME_LEN). */
export const NAME_LENGTH_MAX: u32 = 1024;
/** Of the struct of a kind in the kernel, whose own bound is 64 (BPF_STRUCT_OPS_MAX_NR_MEMBERS). */
export const KERN_MEMBERS_MAX: u32 = 4096;

/**
 * Steps through pointers, arrays and modifiers. Compilers write a few; libbpf has no bound, a hostile file may have a
 * cycle.
 */
export const CHAIN_MAX: u32 = 256;
/** Steps through types that are compared, measured or shown (libbpf: 32). */
export const RESOLVE_DEPTH_MAX: u32 = 32;
/** Bytes of a type's text: what a person reads in one line. */
export const TYPE_TEXT_MAX: u32 = 256;
/** Accessors of one CO-RE access string (libbpf BPF_CORE_SPEC_MAX_LEN). */
export const ACCESS_SPEC_MAX: u32 = 64;
/**
 * Types and members looked at for the CO-RE relocations of one object, 50 to 100 ns each: less than half a second. The
 * largest scheduler objects of today need fewer than a million; an object made to waste time could ask for 10^12.
 */
export const CORE_STEPS_MAX: u32 = 1 << 22;
/** BPF programs hold at most 1,000,000 instructions (BPF_COMPLEXITY_LIMIT_INSNS). */
export const PROGRAM_INSNS_MAX: u32 = 1_000_000;

/** A struct_ops value is some hundred bytes: the struct, in a cache line of its own. */
export const VALUE_SIZE_MAX: u32 = 1 << 20;

/** The plan format's own limits, see docs/plan-format.md. */
export const FRAME_SIZE_MAX: u32 = 64 << 20;
export const SLOTS_MAX: u32 = 4096;
export const STEPS_MAX: u32 = 16384;
export const PATCHES_MAX: u32 = 262144;
export const NOTES_MAX: u32 = 262144;
export const NAME_SIZE_MAX: u32 = 255;

/** Of the BTF of an object (BTF_MAX_SIZE of the kernel). */
export const LOADED_BTF_SIZE_MAX: u32 = 16 << 20;

/** Of a pin below the pin root, without its NUL, and of one name in it. */
export const PIN_PATH_MAX: u32 = 511;
export const PIN_NAME_MAX: u32 = 255;

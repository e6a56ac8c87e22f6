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
/** Lines of options; kernel configurations, which come as another input, have 12,000. Each is told in the plan. */
export const SETTINGS_MAX: u32 = 32768;
/** Names of an object that all options are compared with, some 20 ns each. Honest ones need thousands. */
export const SETTING_STEPS_MAX: u32 = 1 << 22;
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
/** Up to so many faults the names that were meant are looked for among all there are. */
export const NEAR_FAULTS_MAX: u32 = 8;
/** Bytes of a name that is compared with others to find a near one: nobody mistypes longer ones. */
export const NEAR_LENGTH_MAX: u32 = 64;
/** Letters of all names that one is compared with; those of a kernel's functions have a million. */
export const NEAR_LETTERS_MAX: u32 = 1 << 21;
/** Losses by CO-RE that a plan tells: a reader follows no more. */
export const LOSSES_MAX: i32 = 100;

/** Bytes of a name in an object; the kernel takes none above 511 (KSYM_NAME_LEN). */
export const NAME_LENGTH_MAX: u32 = 1024;
/** Different names in one bucket of an index. With as many buckets as names there are some; more were made to collide. */
export const NAME_CROWD_MAX: u32 = 64;
/** Bytes of all names of a kernel that gets an index of them; real ones have 2 MB. */
export const HASHED_SIZE_MAX: u32 = 64 << 20;
/** Kinds of struct_ops that messages tell of; kernels have about ten. */
export const KINDS_MAX: i32 = 256;
/** Map types, program types and attach types are some dozens each. They are looked through for every map and program. */
export const ENUMERATORS_MAX: u32 = 1024;
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
/** Of those, what one more candidate takes, beside what is looked at in it. */
export const CANDIDATE_STEPS: u32 = 4;
/** Names that an object asks a kernel for, as different ones; their numbers have 16 bits. */
export const WANTED_NAMES_MAX: i32 = 32000;
/**
 * Comparisons of a kernel's names with those, about 10 ns each. A real kernel has 100,000 names, of which few are near to one
 * that is asked for; one that is made for an object could have all of them near to all of its names.
 */
export const NAME_STEPS_MAX: u32 = 1 << 22;
/** Pairs of types in one prototype; those of real kernels have some dozens. */
export const PROTOTYPE_STEPS_MAX: u32 = 4096;
/** Types looked at for the prototypes of all kernel functions and variables that an object declares. */
export const EXTERN_STEPS_MAX: u32 = 1 << 20;
/** BPF programs hold at most 1,000,000 instructions (BPF_COMPLEXITY_LIMIT_INSNS). */
export const PROGRAM_INSNS_MAX: u32 = 1_000_000;

/** Members of a map's definition: there are a dozen, and each may be said again. */
export const MAP_ATTRIBUTES_MAX: u32 = 64;
/** Bytes of one `__kconfig` variable, and of all: options are lines. */
export const KCONFIG_VARIABLE_SIZE_MAX: u32 = 4096;
export const KCONFIG_VALUES_SIZE_MAX: u32 = 1 << 20;
/** Programs and the exception callbacks that are said of them; honest objects have one or two. */
export const TAGGED_MAX: u32 = 1_000_000;

/** A struct_ops value is some hundred bytes: the struct, in a cache line of its own. */
export const VALUE_SIZE_MAX: u32 = 1 << 20;
/** Of all struct_ops variables of an object. */
export const VALUES_SIZE_MAX: u32 = 16 << 20;
/** Members of all struct_ops variables of an object; and of those the ones that a kernel does not have: each is told. */
export const MEMBERS_MAX: u32 = 262144;
export const SKIPPED_MAX: u32 = 4096;

/** Of a map without a value in the plan: no kernel makes larger array maps (KMALLOC_MAX and the limits of struct bpf_array). */
export const ZERO_VALUE_SIZE_MAX: u64 = 1 << 31;

/** The plan format's own limits, see docs/plan-format.md. */
export const FRAME_SIZE_MAX: u32 = 64 << 20;
export const SLOTS_MAX: u32 = 4096;
export const STEPS_MAX: u32 = 16384;
export const PATCHES_MAX: u32 = 262144;
export const NOTES_MAX: u32 = 262144;
export const NAME_SIZE_MAX: u32 = 255;

/** What a plan is made of at most; the format would take more, of which the most is there twice while a plan is made. */
export const SHARED_SIZE_MAX: u32 = 4 << 20;
/** Instructions and their debug info: of all programs, each with its own copies of the functions that it calls. */
export const LINKED_SIZE_MAX: u32 = 16 << 20;
/** Tags that say of a parameter that it is the context: of all functions of all programs. */
export const CONTEXT_TAGS_MAX: u32 = 65536;
/** And of the types that stand for them. */
export const CONTEXT_TYPES_SIZE_MAX: u32 = 1 << 20;

/** Of a pin below the pin root, without its NUL, and of one name in it. */
export const PIN_PATH_MAX: u32 = 511;
export const PIN_NAME_MAX: u32 = 255;

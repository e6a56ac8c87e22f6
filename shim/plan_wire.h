/*
 * The records of a plan frame, as docs/plan-format.md defines them. assembly/plan/ writes them,
 * this folder checks them and carries them out; nobody else knows them.
 *
 * Every record's size is a multiple of 8 and all integers are little-endian, so on the hosts that
 * this builds for, a frame at an 8-byte aligned address is read in place.
 */
#ifndef PLAN_WIRE_H
#define PLAN_WIRE_H

#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "plan frames are read in place: this needs a little-endian machine"
#endif

#define PLAN_MAGIC "structop"
#define PLAN_VERSION 1
#define PLAN_PREFIX_SIZE 16 /* up to and with frame_size */
#define PLAN_DIGEST_SIZE 32
#define PLAN_NONE UINT32_MAX /* no slot, no step */

/* Limits of the format. Whatever is allocated or looped over is compared with these first. */
#define PLAN_FRAME_SIZE_MAX (64u << 20)
#define PLAN_SLOTS_MAX 4096
#define PLAN_MODULES_MAX 64
#define PLAN_STEPS_MAX 16384
#define PLAN_PATCHES_MAX 262144
#define PLAN_NOTES_MAX 262144
#define PLAN_NAME_SIZE_MAX 255
#define PLAN_MODULE_NAME_SIZE_MAX 55
#define PLAN_ATTR_SIZE_MAX 256 /* above the largest of today's union bpf_attr */
#define PLAN_SYMBOLS_MAX 4096
#define PLAN_SYMBOL_NAME_SIZE_MAX 511 /* KSYM_NAME_LEN of the kernel, without its NUL */
#define PLAN_PATH_SIZE_MAX 511	      /* of a pin, without its NUL */
#define PLAN_PATH_NAME_SIZE_MAX 255   /* of a file or directory in it: NAME_MAX */

struct plan_head {
	uint8_t magic[8];
	uint32_t version;
	uint32_t frame_size; /* bytes, digest included */
	uint32_t slot_count;
	uint32_t module_count;
	uint32_t step_count;
	uint32_t patch_count;
	uint32_t note_count;
	uint32_t blob_size;
	uint64_t capabilities;
	uint64_t object_size;
	uint8_t object_sha256[32];
	uint32_t object_name; /* blob offset */
	uint32_t object_name_size;
	uint64_t btf_size; /* of vmlinux; 0: the steps use no kernel type */
	uint64_t btf_xxh64;
	uint32_t shared_size;
	uint32_t zero[3];
};

struct plan_module {
	uint32_t name; /* blob offset */
	uint32_t name_size;
	uint64_t btf_size;
	uint64_t btf_xxh64;
	uint32_t slot;
	uint32_t zero;
};

enum plan_phase {
	PHASE_LOAD = 1,
	PHASE_ATTACH = 2,
};

#define STEP_MAY_FAIL 1u
#define STEP_GETS_LINK 2u /* what BPF_OBJ_GET gets is a link, not a map */

/* Commands of our own, for what bpf(2) has none. Their attrs, in place of union bpf_attr: */
/* mmap(2) of an arena: u32 map_fd at 0, u64 offset at 8, u64 data at 16, u32 data_size at 24. */
#define STRUCTOPS_ARENA_MAP 0x80000001u
/* The map that is pinned at a path; without one it is made, and pinned there. The attr of
 * BPF_MAP_CREATE, then u64 pathname at 96. */
#define STRUCTOPS_PINNED_MAP 0x80000002u
/* Removes a pin: u64 pathname at 0, u32 bpf_fd at 8, of the object that is pinned there. */
#define STRUCTOPS_UNPIN 0x80000003u
/* What struct_ops there is: 8 bytes of zero. */
#define STRUCTOPS_LIST 0x80000004u

struct plan_step {
	uint32_t cmd;
	uint32_t phase;
	uint32_t attr; /* blob offset */
	uint32_t attr_size;
	uint32_t patch_first;
	uint32_t patch_count;
	uint32_t slot; /* takes the returned fd, or PLAN_NONE */
	uint32_t flags;
	uint32_t name; /* blob offset */
	uint32_t name_size;
	uint32_t zero[2];
};

enum plan_patch_kind {
	PATCH_ADDRESS_IN_ATTR = 1,
	PATCH_SLOT_IN_ATTR = 2,
	PATCH_SLOT_IN_BLOB = 3,
	PATCH_VALUE_IN_ATTR = 4,
	PATCH_VALUE_IN_BLOB = 5,
};

/* What only the running kernel can say. */
enum plan_value {
	VALUE_POSSIBLE_CPUS = 1, /* their number */
	/* Half of the address of a kernel symbol; `size` is the blob offset of its name. */
	VALUE_KSYM_LOW = 2,
	VALUE_KSYM_HIGH = 3,
	VALUE_WEAK_KSYM_LOW = 4, /* 0 if there is no such symbol */
	VALUE_WEAK_KSYM_HIGH = 5,
	VALUE_HOTPLUG_SEQ = 6, /* sched_ext's count of CPUs that came or went; 8 bytes */
};

struct plan_patch {
	uint32_t kind;
	uint32_t offset; /* in the attr image, or for the _IN_BLOB kinds in the blob */
	uint32_t width;
	uint32_t source; /* blob offset of the range, or slot, or enum plan_value */
	uint32_t size;	 /* of the range, or the value's argument, or 0 */
	uint32_t zero;
};

struct plan_note {
	uint32_t kind;
	uint32_t step; /* or PLAN_NONE */
	uint32_t offset;
	uint32_t size;
	uint32_t text; /* blob offset */
	uint32_t text_size;
	uint32_t argument;
	uint32_t zero;
};

_Static_assert(sizeof(struct plan_head) == 128, "head");
_Static_assert(sizeof(struct plan_module) == 32, "module");
_Static_assert(sizeof(struct plan_step) == 48, "step");
_Static_assert(sizeof(struct plan_patch) == 24, "patch");
_Static_assert(sizeof(struct plan_note) == 32, "note");

#endif

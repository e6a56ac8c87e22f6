/* What the executor is willing to do for a plan, as one table. */
#ifndef PERMIT_H
#define PERMIT_H

#include "plan.h"

enum slot_kind {
	SLOT_MAP = 1,
	SLOT_PROG = 2,
	SLOT_BTF = 4,
	SLOT_LINK = 8,
	SLOT_MODULE = 16, /* the BTF of a kernel module */
	/* What was there before the frame; the executor makes sure that it is of struct_ops. */
	SLOT_GOT_MAP = 32,
	SLOT_GOT_LINK = 64,
};

#define SLOT_ANY_MAP (SLOT_MAP | SLOT_GOT_MAP)
#define SLOT_ANY_LINK (SLOT_LINK | SLOT_GOT_LINK)

/* What may stand in a field. Every byte outside these fields is zero, and so is every fd and
 * every pointer that no patch fills in: a plan cannot name an fd or an address by its number. */
enum use {
	USE_SCALAR,
	USE_KERNEL_TYPE, /* a scalar that names a type of vmlinux or of a module */
	USE_FD,
	USE_FD_NEEDED,
	/* From here on: pointers, by what they point to. */
	USE_RECORDS, /* (u32 at count_at) x (unit, or u32 at unit_at) bytes */
	USE_KEY,     /* key_size of the map in map_fd */
	USE_VALUE,   /* value_size of the map in map_fd */
	USE_LICENSE, /* a string */
	USE_FDS,     /* u32 fds, all of them patched */
	USE_PATH,    /* of a pin, below the pin root */
};

struct field {
	const char *name;
	uint32_t at, bytes; /* in union bpf_attr */
	enum use use;
	uint32_t slots;	 /* fds that may go into the field, or into what it points to */
	uint32_t values; /* run-time values that may: bit v set: enum plan_value v */
	uint32_t count_at, unit, unit_at;
};

struct command {
	uint32_t cmd; /* enum bpf_cmd, or one of STRUCTOPS_ */
	const char *name;
	uint32_t attr_size;
	uint32_t phases; /* bit p set: permitted in phase p */
	uint32_t yields; /* enum slot_kind of the fd that it returns, or 0 */
	uint32_t flags;	 /* of a step, that it may carry */
	/* Offsets of the log fields, which the executor alone sets; log_level_at 0: no log. */
	uint8_t log_level_at, log_size_at, log_buf_at;
	uint32_t field_count;
	const struct field *fields;
};

/* Numbers of the kernel that a build host's headers may be too old to have. */
#define CMD_PROG_ASSOC_STRUCT_OPS 38u
#define MAP_TYPE_ARENA 33u
#define MAP_TYPE_INSN_ARRAY 34u
#define PROG_TYPE_STRUCT_OPS 27u
#define ATTACH_TYPE_STRUCT_OPS 44u
#define MAP_FLAG_LINK (1u << 13)
#define STRUCT_OPS_KEY_SIZE 4u
#define LINK_TYPE_STRUCT_OPS 9u
#define LINK_FLAG_REPLACE 4u /* BPF_F_REPLACE */

/* The table's row for `cmd`, or NULL: not permitted. */
const struct command *command_find(uint32_t cmd);

/* The field that has the byte at `at`, or NULL. */
const struct field *command_field_at(const struct command *command, uint32_t at);

/*
 * Checks every step of a parsed plan against the table. `other_programs`: programs of every type
 * are permitted, not only of those that struct_ops objects have. False: see plan->refusal.
 */
bool plan_permit(struct plan *plan, bool other_programs);

#endif

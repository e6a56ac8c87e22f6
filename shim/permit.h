/* What the executor is willing to ask of the kernel, as one table. */
#ifndef PERMIT_H
#define PERMIT_H

#include "plan.h"

enum slot_kind {
	SLOT_MAP = 1,
	SLOT_PROG = 2,
	SLOT_BTF = 4,
	SLOT_LINK = 8,
	SLOT_MODULE = 16, /* the BTF of a kernel module */
};

struct command {
	uint32_t cmd; /* enum bpf_cmd */
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

/* The table's row for `cmd`, or NULL: not permitted. */
const struct command *command_find(uint32_t cmd);

/* Checks every step of a parsed plan against the table. False: see plan->refusal. */
bool plan_permit(struct plan *plan);

/*
 * The slot of the struct_ops map that `step` registers by writing its value (a "legacy" map, made
 * without BPF_F_LINK), or PLAN_NONE. Such a registration outlives its process.
 */
uint32_t registered_slot(const struct plan *plan, const struct plan_step *step);

/* A little-endian field of an attr image. */
uint32_t attr_u32(const struct plan *plan, const struct plan_step *step, uint32_t at);

#endif

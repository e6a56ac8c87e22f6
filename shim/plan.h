/* A frame, taken apart and checked. Nothing of it is acted on before both checks have passed. */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include "plan_wire.h"

/* Why a frame is not acted on. docs/executor.md lists the reasons: they are an interface. */
struct refusal {
	const char *reason;
	const char *part;  /* "head", "module", "step", "patch", "note", "blob" */
	uint32_t index;	   /* of the record in its part; of the byte in the blob */
	const char *field; /* of union bpf_attr, or NULL */
};

/* Who fills a slot: the index of a step, or one of these. */
#define FILLED_BY_NOBODY UINT32_MAX
#define FILLED_BY_MODULE (UINT32_MAX - 1)

struct plan {
	const struct plan_head *head;
	const struct plan_module *modules;
	const struct plan_step *steps;
	const struct plan_patch *patches;
	const struct plan_note *notes;
	uint8_t *blob; /* execution patches fds and addresses into it */
	const uint8_t *digest;
	/* Set by plan_parse: */
	uint32_t filled_by[PLAN_SLOTS_MAX];
	uint32_t symbol_count; /* kernel symbols that patches name: each once, ordered by strcmp */
	const char *symbols[PLAN_SYMBOLS_MAX];
	/* Set by plan_permit: */
	uint8_t slot_kinds[PLAN_SLOTS_MAX]; /* enum slot_kind */
	bool arena_mapped[PLAN_SLOTS_MAX];  /* by one of the steps */
	struct refusal refusal;
};

/* The reason why the first PLAN_PREFIX_SIZE bytes begin no frame that can be read, or NULL. */
const char *plan_check_prefix(const uint8_t *prefix);

/*
 * Checks the structure of a frame: everything in docs/plan-format.md up to "Commands". `frame`
 * is 8-byte aligned and outlives the plan. False: see plan->refusal.
 */
bool plan_parse(struct plan *plan, uint8_t *frame, size_t size);

/* Whether `size` bytes at `offset` lie below `limit`. Subtracts, since a sum may wrap. */
static inline bool within(uint64_t offset, uint64_t size, uint64_t limit)
{
	return offset <= limit && size <= limit - offset;
}

static inline bool patch_is_in_blob(const struct plan_patch *patch)
{
	return patch->kind == PATCH_SLOT_IN_BLOB || patch->kind == PATCH_VALUE_IN_BLOB;
}

static inline bool patch_is_value(const struct plan_patch *patch)
{
	return patch->kind == PATCH_VALUE_IN_ATTR || patch->kind == PATCH_VALUE_IN_BLOB;
}

static inline bool value_has_symbol(uint32_t value)
{
	return value >= VALUE_KSYM_LOW && value <= VALUE_WEAK_KSYM_HIGH;
}

/* The symbol's index in plan->symbols; if it is not there: where it belongs, and not *found. */
uint32_t plan_symbol_find(const struct plan *plan, const char *name, bool *found);

/* The ADDRESS_IN_ATTR patch of `step` whose private range holds `patch`'s target, or NULL. */
const struct plan_patch *plan_range_of(const struct plan *plan, const struct plan_step *step,
				       const struct plan_patch *patch);

#endif

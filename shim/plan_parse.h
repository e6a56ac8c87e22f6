/* What plan_parse.c and plan_parse_patch.c share. */
#ifndef PLAN_PARSE_H
#define PLAN_PARSE_H

#include "plan.h"

/* How far the records have used up what they must use up in order and without gaps. */
struct progress {
	uint32_t patch;
	uint32_t blob;
	uint32_t phase;
};

/* Notes why, and returns false. */
bool plan_refuse(struct plan *plan, const char *reason, const char *part, uint32_t index);

bool all_zero(const uint8_t *bytes, size_t size);

/* Takes the next private range of the blob, with the padding up to a multiple of 8. */
bool plan_take_private(struct plan *plan, struct progress *at, uint32_t offset, uint32_t size,
		       const char *part, uint32_t index);

/* Checks the patches of a step whose attr image has been taken. */
bool plan_check_patches(struct plan *plan, const struct plan_step *step, struct progress *at);

#endif

#include <string.h>
#include "plan_parse.h"

static bool refuse(struct plan *plan, const char *reason, uint32_t index)
{
	return plan_refuse(plan, reason, "patch", index);
}

const struct plan_patch *plan_range_of(const struct plan *plan, const struct plan_step *step,
				       const struct plan_patch *patch)
{
	for (uint32_t i = 0; i < step->patch_count; i++) {
		const struct plan_patch *range = &plan->patches[step->patch_first + i];

		/* In order: those into the attr image come first, and there are at most 64. */
		if (patch_is_in_blob(range))
			break;
		if (range->kind == PATCH_ADDRESS_IN_ATTR &&
		    range->source >= plan->head->shared_size && patch->offset >= range->source &&
		    within(patch->offset - range->source, patch->width, range->size))
			return range;
	}
	return NULL;
}

uint32_t plan_symbol_find(const struct plan *plan, const char *name, bool *found)
{
	uint32_t low = 0, high = plan->symbol_count;

	*found = false;
	while (low < high && !*found) {
		uint32_t middle = low + (high - low) / 2;
		int order = strcmp(plan->symbols[middle], name);

		*found = order == 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return *found ? high : low;
}

/* Notes the symbol at the blob offset that is the value's argument: one pass finds all of them. */
static bool add_symbol(struct plan *plan, uint32_t index)
{
	uint32_t offset = plan->patches[index].size, shared = plan->head->shared_size;
	const char *name = (const char *)plan->blob + offset;
	size_t most = offset < shared ? shared - offset : 0, size;
	uint32_t place;
	bool found;

	if (most > PLAN_SYMBOL_NAME_SIZE_MAX + 1)
		most = PLAN_SYMBOL_NAME_SIZE_MAX + 1;
	size = strnlen(name, most);
	if (size == 0 || size == most)
		return refuse(plan, "bad_symbol_name", index);
	place = plan_symbol_find(plan, name, &found);
	if (found)
		return true;
	if (plan->symbol_count == PLAN_SYMBOLS_MAX)
		return refuse(plan, "too_many_symbols", index);
	memmove(&plan->symbols[place + 1], &plan->symbols[place],
		(plan->symbol_count - place) * sizeof(plan->symbols[0]));
	plan->symbols[place] = name;
	plan->symbol_count++;
	return true;
}

/* The address of a range: of one in the shared area, or of the next private one. */
static bool check_address(struct plan *plan, struct progress *at, uint32_t index)
{
	const struct plan_patch *patch = &plan->patches[index];

	if (patch->width != 8)
		return refuse(plan, "bad_patch_width", index);
	if (patch->size == 0)
		return refuse(plan, "bad_patch_size", index);
	return within(patch->source, patch->size, plan->head->shared_size) ||
	       plan_take_private(plan, at, patch->source, patch->size, "patch", index);
}

/* The fd in a slot that is already filled. */
static bool check_slot(struct plan *plan, uint32_t index)
{
	const struct plan_patch *patch = &plan->patches[index];

	if (patch->width != 4 && !(patch->kind == PATCH_SLOT_IN_BLOB && patch->width == 8))
		return refuse(plan, "bad_patch_width", index);
	if (patch->size != 0)
		return refuse(plan, "bad_patch_size", index);
	if (patch->source >= plan->head->slot_count)
		return refuse(plan, "slot_out_of_range", index);
	if (plan->filled_by[patch->source] == FILLED_BY_NOBODY)
		return refuse(plan, "slot_read_before_filled", index);
	return true;
}

static bool check_value(struct plan *plan, uint32_t index)
{
	const struct plan_patch *patch = &plan->patches[index];

	if (patch->source < VALUE_POSSIBLE_CPUS || patch->source > VALUE_HOTPLUG_SEQ)
		return refuse(plan, "bad_value", index);
	if (patch->width != (patch->source == VALUE_HOTPLUG_SEQ ? 8 : 4))
		return refuse(plan, "bad_patch_width", index);
	if (value_has_symbol(patch->source))
		return add_symbol(plan, index);
	return patch->size == 0 || refuse(plan, "bad_patch_size", index);
}

static bool check_source(struct plan *plan, struct progress *at, uint32_t index)
{
	if (patch_is_value(&plan->patches[index]))
		return check_value(plan, index);
	if (plan->patches[index].kind == PATCH_ADDRESS_IN_ATTR)
		return check_address(plan, at, index);
	return check_slot(plan, index);
}

static bool check_target(struct plan *plan, const struct plan_step *step, uint32_t index)
{
	const struct plan_patch *patch = &plan->patches[index];
	uint32_t base = patch_is_in_blob(patch) ? 0 : step->attr;

	if (patch_is_in_blob(patch)) {
		if (plan_range_of(plan, step, patch) == NULL)
			return refuse(plan, "patch_outside_range", index);
	} else if (!within(patch->offset, patch->width, step->attr_size)) {
		return refuse(plan, "patch_outside_attr", index);
	}
	if (!all_zero(plan->blob + base + patch->offset, patch->width))
		return refuse(plan, "patch_target_not_zero", index);
	return true;
}

/* First those into the attr image, then those into the blob; each ascending, and apart. */
static bool check_order(struct plan *plan, uint32_t index)
{
	const struct plan_patch *patch = &plan->patches[index], *before = patch - 1;

	if (patch_is_in_blob(before) && !patch_is_in_blob(patch))
		return refuse(plan, "patch_out_of_order", index);
	if (patch_is_in_blob(before) != patch_is_in_blob(patch))
		return true;
	if (patch->offset < before->offset)
		return refuse(plan, "patch_out_of_order", index);
	if (patch->offset - before->offset < before->width)
		return refuse(plan, "patch_overlaps", index);
	return true;
}

bool plan_check_patches(struct plan *plan, const struct plan_step *step, struct progress *at)
{
	for (uint32_t i = 0; i < step->patch_count; i++, at->patch++) {
		const struct plan_patch *patch = &plan->patches[at->patch];

		if (patch->zero != 0)
			return refuse(plan, "reserved_not_zero", at->patch);
		if (patch->kind < PATCH_ADDRESS_IN_ATTR || patch->kind > PATCH_VALUE_IN_BLOB)
			return refuse(plan, "bad_patch_kind", at->patch);
		if (i > 0 && !check_order(plan, at->patch))
			return false;
		if (!check_source(plan, at, at->patch) || !check_target(plan, step, at->patch))
			return false;
	}
	return true;
}

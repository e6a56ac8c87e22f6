#include <string.h>
#include "hash.h"
#include "plan_parse.h"

bool plan_refuse(struct plan *plan, const char *reason, const char *part, uint32_t index)
{
	plan->refusal = (struct refusal){.reason = reason, .part = part, .index = index};
	return false;
}

bool all_zero(const uint8_t *bytes, size_t size)
{
	uint8_t seen = 0;

	for (size_t i = 0; i < size; i++)
		seen |= bytes[i];
	return seen == 0;
}

bool plan_take_private(struct plan *plan, struct progress *at, uint32_t offset, uint32_t size,
		       const char *part, uint32_t index)
{
	uint32_t end;

	if (offset != at->blob)
		return plan_refuse(plan, "range_out_of_place", part, index);
	if (!within(offset, size, plan->head->blob_size))
		return plan_refuse(plan, "range_past_blob", part, index);
	end = offset + size;
	at->blob = (end + 7) & ~7u;
	if (!all_zero(plan->blob + end, at->blob - end))
		return plan_refuse(plan, "padding_not_zero", part, index);
	return true;
}

static bool in_shared_area(const struct plan *plan, uint32_t offset, uint32_t size)
{
	return within(offset, size, plan->head->shared_size);
}

const char *plan_check_prefix(const uint8_t *prefix)
{
	const struct plan_head *head = (const struct plan_head *)prefix;

	if (memcmp(head->magic, PLAN_MAGIC, sizeof(head->magic)) != 0)
		return "bad_magic";
	if (head->version != PLAN_VERSION)
		return "bad_version";
	if (head->frame_size > PLAN_FRAME_SIZE_MAX)
		return "frame_too_large";
	if (head->frame_size < sizeof(*head) + PLAN_DIGEST_SIZE)
		return "bad_frame_size";
	return NULL;
}

/* What says how to read the rest, and the digest over everything. */
static bool check_envelope(struct plan *plan, const uint8_t *frame, size_t size)
{
	const char *wrong = size < PLAN_PREFIX_SIZE ? "truncated" : plan_check_prefix(frame);
	uint8_t digest[PLAN_DIGEST_SIZE];

	if (wrong == NULL && plan->head->frame_size != size)
		wrong = plan->head->frame_size > size ? "truncated" : "bad_frame_size";
	if (wrong != NULL)
		return plan_refuse(plan, wrong, "head", 0);
	plan->digest = frame + size - PLAN_DIGEST_SIZE;
	sha256(frame, size - PLAN_DIGEST_SIZE, digest);
	if (memcmp(digest, plan->digest, PLAN_DIGEST_SIZE) != 0)
		return plan_refuse(plan, "bad_digest", "head", 0);
	return true;
}

static bool check_head(struct plan *plan, size_t size)
{
	const struct plan_head *head = plan->head;
	uint64_t parts = sizeof(*head) + PLAN_DIGEST_SIZE + (uint64_t)head->blob_size +
			 sizeof(struct plan_module) * (uint64_t)head->module_count +
			 sizeof(struct plan_step) * (uint64_t)head->step_count +
			 sizeof(struct plan_patch) * (uint64_t)head->patch_count +
			 sizeof(struct plan_note) * (uint64_t)head->note_count;

	if (head->slot_count > PLAN_SLOTS_MAX || head->module_count > PLAN_MODULES_MAX ||
	    head->step_count > PLAN_STEPS_MAX || head->patch_count > PLAN_PATCHES_MAX ||
	    head->note_count > PLAN_NOTES_MAX)
		return plan_refuse(plan, "too_many_records", "head", 0);
	if (parts != size)
		return plan_refuse(plan, "bad_frame_size", "head", 0);
	if (head->blob_size % 8 != 0 || head->shared_size % 8 != 0 ||
	    head->shared_size > head->blob_size)
		return plan_refuse(plan, "bad_blob_size", "head", 0);
	if (!all_zero((const uint8_t *)head->zero, sizeof(head->zero)))
		return plan_refuse(plan, "reserved_not_zero", "head", 0);
	if (head->object_name_size > PLAN_NAME_SIZE_MAX ||
	    !in_shared_area(plan, head->object_name, head->object_name_size))
		return plan_refuse(plan, "bad_name", "head", 0);
	if (head->btf_size == 0 && head->btf_xxh64 != 0)
		return plan_refuse(plan, "bad_btf_size", "head", 0);
	return true;
}

static void find_parts(struct plan *plan, uint8_t *frame)
{
	const struct plan_head *head = plan->head;

	plan->modules = (const struct plan_module *)(head + 1);
	plan->steps = (const struct plan_step *)(plan->modules + head->module_count);
	plan->patches = (const struct plan_patch *)(plan->steps + head->step_count);
	plan->notes = (const struct plan_note *)(plan->patches + head->patch_count);
	plan->blob = frame + ((const uint8_t *)(plan->notes + head->note_count) - frame);
	memset(plan->filled_by, 0xff, sizeof(plan->filled_by));
	plan->symbol_count = 0;
}

static bool fill_slot(struct plan *plan, uint32_t slot, uint32_t by, const char *part,
		      uint32_t index)
{
	if (slot >= plan->head->slot_count)
		return plan_refuse(plan, "slot_out_of_range", part, index);
	if (plan->filled_by[slot] != FILLED_BY_NOBODY)
		return plan_refuse(plan, "slot_filled_twice", part, index);
	plan->filled_by[slot] = by;
	return true;
}

static bool check_module(struct plan *plan, uint32_t index)
{
	const struct plan_module *module = &plan->modules[index];

	if (module->zero != 0)
		return plan_refuse(plan, "reserved_not_zero", "module", index);
	if (module->name_size == 0 || module->name_size > PLAN_MODULE_NAME_SIZE_MAX ||
	    !in_shared_area(plan, module->name, module->name_size))
		return plan_refuse(plan, "bad_name", "module", index);
	/* A module's type ids continue those of vmlinux, so both must be known. */
	if (module->btf_size == 0 || plan->head->btf_size == 0)
		return plan_refuse(plan, "bad_btf_size", "module", index);
	return fill_slot(plan, module->slot, FILLED_BY_MODULE, "module", index);
}

static bool check_step(struct plan *plan, uint32_t index, struct progress *at)
{
	const struct plan_step *step = &plan->steps[index];

	if (step->zero[0] != 0 || step->zero[1] != 0)
		return plan_refuse(plan, "reserved_not_zero", "step", index);
	if ((step->phase != PHASE_LOAD && step->phase != PHASE_ATTACH) || step->phase < at->phase)
		return plan_refuse(plan, "bad_phase", "step", index);
	at->phase = step->phase;
	if ((step->flags & ~(STEP_MAY_FAIL | STEP_GETS_LINK)) != 0)
		return plan_refuse(plan, "bad_flags", "step", index);
	if (step->name_size > PLAN_NAME_SIZE_MAX ||
	    !in_shared_area(plan, step->name, step->name_size))
		return plan_refuse(plan, "bad_name", "step", index);
	if (step->attr_size == 0 || step->attr_size > PLAN_ATTR_SIZE_MAX)
		return plan_refuse(plan, "bad_attr_size", "step", index);
	if (!plan_take_private(plan, at, step->attr, step->attr_size, "step", index))
		return false;
	if (step->patch_first != at->patch ||
	    step->patch_count > plan->head->patch_count - at->patch)
		return plan_refuse(plan, "bad_patch_list", "step", index);
	if (!plan_check_patches(plan, step, at))
		return false;
	return step->slot == PLAN_NONE || fill_slot(plan, step->slot, index, "step", index);
}

static bool check_note(struct plan *plan, uint32_t index)
{
	const struct plan_note *note = &plan->notes[index];

	if (note->zero != 0)
		return plan_refuse(plan, "reserved_not_zero", "note", index);
	if ((note->step != PLAN_NONE && note->step >= plan->head->step_count) ||
	    !within(note->offset, note->size, plan->head->blob_size) ||
	    !in_shared_area(plan, note->text, note->text_size))
		return plan_refuse(plan, "bad_note", "note", index);
	return true;
}

bool plan_parse(struct plan *plan, uint8_t *frame, size_t size)
{
	struct progress at = {.phase = PHASE_LOAD};

	plan->head = (const struct plan_head *)frame;
	if (!check_envelope(plan, frame, size) || !check_head(plan, size))
		return false;
	find_parts(plan, frame);
	at.blob = plan->head->shared_size;
	for (uint32_t i = 0; i < plan->head->module_count; i++) {
		if (!check_module(plan, i))
			return false;
	}
	for (uint32_t i = 0; i < plan->head->step_count; i++) {
		if (!check_step(plan, i, &at))
			return false;
	}
	if (at.patch != plan->head->patch_count)
		return plan_refuse(plan, "patch_of_no_step", "patch", at.patch);
	if (at.blob != plan->head->blob_size)
		return plan_refuse(plan, "blob_left_over", "blob", at.blob);
	for (uint32_t i = 0; i < plan->head->note_count; i++) {
		if (!check_note(plan, i))
			return false;
	}
	return true;
}

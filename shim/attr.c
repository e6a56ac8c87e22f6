#include "attr.h"
#include <linux/bpf.h>
#include <string.h>
#include <unistd.h>

uint32_t attr_u32(const struct plan *plan, const struct plan_step *step, uint32_t at)
{
	uint32_t value;

	memcpy(&value, plan->blob + step->attr + at, sizeof(value));
	return value;
}

uint64_t attr_u64(const struct plan *plan, const struct plan_step *step, uint32_t at)
{
	uint64_t value;

	memcpy(&value, plan->blob + step->attr + at, sizeof(value));
	return value;
}

const struct plan_patch *patch_at(const struct plan *plan, const struct plan_step *step,
				  uint32_t at)
{
	for (uint32_t i = 0; i < step->patch_count; i++) {
		const struct plan_patch *patch = &plan->patches[step->patch_first + i];

		/* Those into the attr image come first; behind them there may be many. */
		if (patch_is_in_blob(patch))
			break;
		if (patch->offset == at)
			return patch;
	}
	return NULL;
}

uint32_t slot_at(const struct plan *plan, const struct plan_step *step, uint32_t at)
{
	const struct plan_patch *fd = patch_at(plan, step, at);

	return fd != NULL && fd->kind == PATCH_SLOT_IN_ATTR ? fd->source : PLAN_NONE;
}

const char *path_at(const struct plan *plan, const struct plan_step *step, uint32_t at)
{
	const struct plan_patch *path = patch_at(plan, step, at);

	/* plan_permit() has seen to it that there is one. */
	return path != NULL ? (const char *)plan->blob + path->source : "";
}

const struct plan_step *maker_of(const struct plan *plan, const struct plan_step *step, uint32_t at,
				 enum slot_kind kind)
{
	uint32_t slot = slot_at(plan, step, at);

	if (slot == PLAN_NONE || plan->slot_kinds[slot] != kind)
		return NULL;
	return &plan->steps[plan->filled_by[slot]];
}

const struct plan_step *map_of(const struct plan *plan, const struct plan_step *step)
{
	if (step->cmd != BPF_MAP_UPDATE_ELEM && step->cmd != BPF_MAP_DELETE_ELEM &&
	    step->cmd != STRUCTOPS_ARENA_MAP)
		return NULL;
	return maker_of(plan, step, MAP_FD_AT, SLOT_MAP);
}

uint32_t registered_slot(const struct plan *plan, const struct plan_step *step)
{
	const struct plan_step *map = map_of(plan, step);

	if (map == NULL || attr_u32(plan, map, MAP_TYPE_AT) != BPF_MAP_TYPE_STRUCT_OPS ||
	    (attr_u32(plan, map, MAP_FLAGS_AT) & MAP_FLAG_LINK) != 0)
		return PLAN_NONE;
	return map->slot;
}

uint64_t arena_size(const struct plan *plan, const struct plan_step *map)
{
	return (uint64_t)attr_u32(plan, map, MAX_ENTRIES_AT) * (uint64_t)sysconf(_SC_PAGESIZE);
}

#include <linux/bpf.h>
#include <string.h>
#include "attr.h"

#define BIT(number) (UINT64_C(1) << (number))

/* Map types for which an update reads key_size and value_size bytes: per-CPU maps read more. */
#define UPDATABLE_MAP_TYPES                                                                        \
	(BIT(BPF_MAP_TYPE_ARRAY) | BIT(BPF_MAP_TYPE_PROG_ARRAY) |                                  \
	 BIT(BPF_MAP_TYPE_ARRAY_OF_MAPS) | BIT(BPF_MAP_TYPE_HASH_OF_MAPS) |                        \
	 BIT(BPF_MAP_TYPE_STRUCT_OPS) | BIT(MAP_TYPE_INSN_ARRAY))

/*
 * Programs that objects with struct_ops have: struct_ops itself, SYSCALL, which user space runs by
 * hand, and TRACING, such as iterators. Without a command to attach or run the latter, they rest.
 */
#define PROG_TYPES_OF_STRUCT_OPS                                                                   \
	(1u << PROG_TYPE_STRUCT_OPS | 1u << BPF_PROG_TYPE_TRACING | 1u << BPF_PROG_TYPE_SYSCALL)

/* As of the kernel's arena_map_alloc(): an address in an arena has 32 bits. */
#define ARENA_SIZE_MAX (UINT64_C(4) << 30)

static bool refuse(struct plan *plan, const char *reason, const char *part, uint32_t index,
		   const struct field *field)
{
	plan->refusal = (struct refusal){reason, part, index, field != NULL ? field->name : NULL};
	return false;
}

/* Whether `map_fd` of a MAP_DELETE_ELEM is a struct_ops map that was there before the frame. */
static bool is_of_got_map(const struct plan *plan, const struct plan_step *step)
{
	uint32_t slot = slot_at(plan, step, MAP_FD_AT);

	return slot != PLAN_NONE && plan->slot_kinds[slot] == SLOT_GOT_MAP;
}

static uint64_t wanted_range_size(const struct plan *plan, const struct plan_step *step,
				  const struct field *field, uint32_t given)
{
	const struct plan_step *map = map_of(plan, step);

	switch (field->use) {
	case USE_RECORDS:
		return (uint64_t)attr_u32(plan, step, field->count_at) *
		       (field->unit != 0 ? field->unit : attr_u32(plan, step, field->unit_at));
	case USE_KEY:
		if (is_of_got_map(plan, step))
			return STRUCT_OPS_KEY_SIZE;
		return map != NULL ? attr_u32(plan, map, KEY_SIZE_AT) : 0;
	case USE_VALUE:
		return map != NULL ? attr_u32(plan, map, VALUE_SIZE_AT) : 0;
	case USE_LICENSE:
	case USE_PATH:
		return given != 0 ? given : 1;
	case USE_FDS:
		return given & ~3u;
	case USE_SCALAR:
	case USE_KERNEL_TYPE:
	case USE_FD:
	case USE_FD_NEEDED:
		break;
	}
	return 0;
}

static bool check_bytes(struct plan *plan, uint32_t index, const struct command *command)
{
	const struct plan_step *step = &plan->steps[index];

	for (uint32_t at = 0; at < step->attr_size; at++) {
		const struct field *field = command_field_at(command, at);

		if (plan->blob[step->attr + at] == 0)
			continue;
		if (field == NULL || field->use > USE_KERNEL_TYPE)
			return refuse(plan, "field_not_permitted", "step", index, field);
		if (field->use == USE_KERNEL_TYPE && plan->head->btf_size == 0)
			return refuse(plan, "kernel_not_named", "step", index, field);
	}
	return true;
}

/* Whether the fd or the run-time value of the patch may go to `field`, or to what it points to. */
static bool check_source(struct plan *plan, uint32_t index, const struct field *field)
{
	const struct plan_patch *patch = &plan->patches[index];

	if (patch_is_value(patch))
		return (field->values & 1u << patch->source) != 0 ||
		       refuse(plan, "patch_not_permitted", "patch", index, field);
	return (field->slots & plan->slot_kinds[patch->source]) != 0 ||
	       refuse(plan, "wrong_slot_kind", "patch", index, field);
}

/* Which may go where: into the immediates of instructions, fd_array, a value. */
static bool check_blob_patch(struct plan *plan, const struct plan_step *step, uint32_t index,
			     const struct command *command)
{
	const struct plan_patch *patch = &plan->patches[index];
	const struct plan_patch *range = plan_range_of(plan, step, patch);
	const struct field *field = range != NULL ? command_field_at(command, range->offset) : NULL;
	const struct plan_step *map = map_of(plan, step);
	uint32_t at = range != NULL ? patch->offset - range->source : 0;

	if (field == NULL)
		return refuse(plan, "patch_not_permitted", "patch", index, NULL);
	if (!check_source(plan, index, field))
		return false;
	/* An instruction's immediate is its second half; fd_array is made of u32; the number of
	 * a hotplug is for sched_ext_ops. */
	if ((field->use == USE_RECORDS && (patch->width != 4 || at % 8 != 4)) ||
	    (field->use == USE_FDS && (patch->width != 4 || at % 4 != 0)) ||
	    (patch_is_value(patch) && field->use == USE_VALUE &&
	     (map == NULL || attr_u32(plan, map, MAP_TYPE_AT) != BPF_MAP_TYPE_STRUCT_OPS)))
		return refuse(plan, "patch_not_permitted", "patch", index, field);
	return true;
}

static bool check_attr_patch(struct plan *plan, uint32_t index, const struct command *command)
{
	const struct plan_patch *patch = &plan->patches[index];
	const struct field *field = command_field_at(command, patch->offset);
	bool address = patch->kind == PATCH_ADDRESS_IN_ATTR;

	if (field == NULL || field->at != patch->offset || address != (field->use >= USE_RECORDS) ||
	    patch_is_value(patch) != (field->use <= USE_KERNEL_TYPE))
		return refuse(plan, "patch_not_permitted", "patch", index, field);
	return address || check_source(plan, index, field);
}

/*
 * A path below the pin root: names of bounded size, each after one slash, and none that leads
 * up or out. bpffs keeps names with a dot for itself, so there is none in them at all.
 */
static bool is_path(const uint8_t *bytes, uint32_t size)
{
	uint32_t name_size = 0;

	if (size > PLAN_PATH_SIZE_MAX + 1 || bytes[size - 1] != '\0')
		return false;
	for (uint32_t i = 0; i < size - 1; i++) {
		if (bytes[i] == '\0' || bytes[i] == '.' || (bytes[i] == '/' && name_size == 0))
			return false;
		name_size = bytes[i] == '/' ? 0 : name_size + 1;
		if (name_size > PLAN_PATH_NAME_SIZE_MAX)
			return false;
	}
	return name_size != 0;
}

static bool check_field(struct plan *plan, uint32_t index, const struct field *field)
{
	const struct plan_step *step = &plan->steps[index];
	const struct plan_patch *patch = patch_at(plan, step, field->at);
	uint32_t size = patch != NULL ? patch->size : 0;
	const uint8_t *range = patch != NULL ? plan->blob + patch->source : NULL;

	if (field->use == USE_FD_NEEDED && patch == NULL)
		return refuse(plan, "field_missing", "step", index, field);
	if (field->use >= USE_RECORDS && size != wanted_range_size(plan, step, field, size))
		return refuse(plan, "bad_range_size", "step", index, field);
	if (field->use == USE_LICENSE && range != NULL && range[size - 1] != 0)
		return refuse(plan, "string_not_terminated", "step", index, field);
	if (field->use == USE_PATH && (range == NULL || !is_path(range, size)))
		return refuse(plan, "bad_path", "step", index, field);
	for (uint32_t at = 0; field->use == USE_FDS && range != NULL && at < size; at++) {
		if (range[at] != 0)
			return refuse(plan, "field_not_permitted", "step", index, field);
	}
	return true;
}

static const char *wrong_element(const struct plan *plan, const struct plan_step *step)
{
	const struct plan_step *map = map_of(plan, step);
	uint32_t type = map != NULL ? attr_u32(plan, map, MAP_TYPE_AT) : 0;

	if (is_of_got_map(plan, step))
		return NULL;
	if (type >= 64 || (BIT(type) & UPDATABLE_MAP_TYPES) == 0)
		return "bad_map_type";
	if (registered_slot(plan, step) != PLAN_NONE && step->phase != PHASE_ATTACH)
		return "phase_not_permitted";
	return NULL;
}

static const char *wrong_association(const struct plan *plan, const struct plan_step *step)
{
	const struct plan_step *map = maker_of(plan, step, MAP_FD_AT, SLOT_MAP);
	const struct plan_step *prog = maker_of(plan, step, PROG_FD_AT, SLOT_PROG);

	if (map == NULL || attr_u32(plan, map, MAP_TYPE_AT) != BPF_MAP_TYPE_STRUCT_OPS)
		return "bad_map_type";
	if (prog == NULL || attr_u32(plan, prog, PROG_TYPE_AT) == PROG_TYPE_STRUCT_OPS)
		return "bad_prog_type";
	return NULL;
}

static const char *wrong_arena(struct plan *plan, const struct plan_step *step)
{
	const struct plan_step *map = map_of(plan, step);
	uint64_t size = map != NULL ? arena_size(plan, map) : 0;

	if (map == NULL || attr_u32(plan, map, MAP_TYPE_AT) != MAP_TYPE_ARENA)
		return "bad_map_type";
	if (size == 0 || size > ARENA_SIZE_MAX)
		return "bad_arena_size";
	if (!within(attr_u64(plan, step, ARENA_OFFSET_AT), attr_u32(plan, step, ARENA_DATA_SIZE_AT),
		    size))
		return "data_outside_arena";
	if (plan->arena_mapped[map->slot])
		return "arena_mapped_twice";
	plan->arena_mapped[map->slot] = true;
	return NULL;
}

static const char *wrong_program(const struct plan *plan, const struct plan_step *step)
{
	uint32_t type = attr_u32(plan, step, PROG_TYPE_AT);

	if (type >= 32 || (1u << type & PROG_TYPES_OF_STRUCT_OPS) == 0)
		return "prog_type_not_permitted";
	return NULL;
}

/* The map comes with the flag, and with nothing else. */
static const char *wrong_update(const struct plan *plan, const struct plan_step *step)
{
	uint32_t flags = slot_at(plan, step, OLD_MAP_FD_AT) != PLAN_NONE ? LINK_FLAG_REPLACE : 0;

	if (attr_u32(plan, step, LINK_FLAGS_AT) == flags)
		return NULL;
	return "bad_link_flags";
}

/* Whether the map in `map_fd` may be one that was pinned before. */
static bool is_of_pinned_map(const struct plan *plan, const struct plan_step *step)
{
	const struct plan_step *map = maker_of(plan, step, MAP_FD_AT, SLOT_MAP);

	return map != NULL && map->cmd == STRUCTOPS_PINNED_MAP;
}

/* A struct_ops map is pinned by hand, once it is registered; an arena is this process's memory. */
static const char *wrong_pinned_map(const struct plan *plan, const struct plan_step *step)
{
	uint32_t type = attr_u32(plan, step, MAP_TYPE_AT);

	return type == BPF_MAP_TYPE_STRUCT_OPS || type == MAP_TYPE_ARENA ? "bad_map_type" : NULL;
}

/* What a row of the table cannot say: it depends on a value, or on how a map was made. */
static bool check_meaning(struct plan *plan, uint32_t index, bool other_programs)
{
	const struct plan_step *step = &plan->steps[index];
	const char *wrong = NULL;

	if (step->cmd == BPF_PROG_LOAD && !other_programs)
		wrong = wrong_program(plan, step);
	if (step->cmd == BPF_LINK_UPDATE)
		wrong = wrong_update(plan, step);
	if (step->cmd == BPF_LINK_CREATE &&
	    attr_u32(plan, step, ATTACH_TYPE_AT) != ATTACH_TYPE_STRUCT_OPS)
		wrong = "bad_attach_type";
	if (step->cmd == BPF_MAP_UPDATE_ELEM || step->cmd == BPF_MAP_DELETE_ELEM)
		wrong = wrong_element(plan, step);
	if (step->cmd == BPF_MAP_FREEZE && is_of_pinned_map(plan, step))
		wrong = "bad_map_type"; /* it could not be undone */
	if (step->cmd == STRUCTOPS_PINNED_MAP)
		wrong = wrong_pinned_map(plan, step);
	if (step->cmd == CMD_PROG_ASSOC_STRUCT_OPS)
		wrong = wrong_association(plan, step);
	if (step->cmd == STRUCTOPS_ARENA_MAP)
		wrong = wrong_arena(plan, step);
	return wrong == NULL || refuse(plan, wrong, "step", index, NULL);
}

static bool check_step(struct plan *plan, uint32_t index, bool other_programs)
{
	const struct plan_step *step = &plan->steps[index];
	const struct command *command = command_find(step->cmd);

	if (command == NULL)
		return refuse(plan, "cmd_not_permitted", "step", index, NULL);
	if (step->attr_size != command->attr_size)
		return refuse(plan, "bad_attr_size", "step", index, NULL);
	if ((command->phases & 1u << step->phase) == 0)
		return refuse(plan, "phase_not_permitted", "step", index, NULL);
	if ((step->flags & ~command->flags) != 0)
		return refuse(plan, "flag_not_permitted", "step", index, NULL);
	if ((step->slot != PLAN_NONE) != (command->yields != 0))
		return refuse(plan, "bad_result_slot", "step", index, NULL);
	if (!check_bytes(plan, index, command))
		return false;
	for (uint32_t i = step->patch_first; i < step->patch_first + step->patch_count; i++) {
		if (patch_is_in_blob(&plan->patches[i]) ? !check_blob_patch(plan, step, i, command)
							: !check_attr_patch(plan, i, command))
			return false;
	}
	for (uint32_t i = 0; i < command->field_count; i++) {
		if (!check_field(plan, index, &command->fields[i]))
			return false;
	}
	if (step->slot != PLAN_NONE)
		plan->slot_kinds[step->slot] = (step->flags & STEP_GETS_LINK) != 0
						       ? SLOT_GOT_LINK
						       : (uint8_t)command->yields;
	return check_meaning(plan, index, other_programs);
}

bool plan_permit(struct plan *plan, bool other_programs)
{
	memset(plan->slot_kinds, 0, sizeof(plan->slot_kinds));
	memset(plan->arena_mapped, 0, sizeof(plan->arena_mapped));
	for (uint32_t i = 0; i < plan->head->module_count; i++)
		plan->slot_kinds[plan->modules[i].slot] = SLOT_MODULE;
	for (uint32_t i = 0; i < plan->head->step_count; i++) {
		if (!check_step(plan, i, other_programs))
			return false;
	}
	return true;
}

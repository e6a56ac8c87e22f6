#include <linux/bpf.h>
#include <string.h>
#include "permit.h"

/* What may stand in a field. Every byte outside these fields is zero, and so is every fd and
 * every pointer that no patch fills in: a plan cannot name an fd or an address by its number. */
enum use {
	SCALAR,
	KERNEL_TYPE, /* a scalar that names a type of vmlinux or of a module */
	FD,
	FD_NEEDED,
	/* From here on: pointers, by what they point to. */
	RECORDS, /* (u32 at count_at) x (unit, or u32 at unit_at) bytes */
	KEY,	 /* key_size of the map in map_fd */
	VALUE,	 /* value_size of the map in map_fd */
	LICENSE, /* a string */
	FDS,	 /* u32 fds, all of them patched */
};

struct field {
	const char *name;
	uint32_t at, bytes; /* in union bpf_attr */
	enum use use;
	uint32_t slots; /* fds that may go into the field, or into what it points to */
	uint32_t count_at, unit, unit_at;
};

#define NUMBER(name, at, bytes) {name, at, bytes, SCALAR, 0, 0, 0, 0}
#define TYPE(name, at) {name, at, 4, KERNEL_TYPE, 0, 0, 0, 0}
#define FD_OF(name, at, slots) {name, at, 4, FD, slots, 0, 0, 0}
#define NEEDED_FD_OF(name, at, slots) {name, at, 4, FD_NEEDED, slots, 0, 0, 0}
#define POINTER(name, at, use, slots) {name, at, 8, use, slots, 0, 0, 0}
#define ARRAY(name, at, slots, count_at, unit, unit_at)                                            \
	{name, at, 8, RECORDS, slots, count_at, unit, unit_at}

/*
 * BPF_MAP_CREATE. Safe: a map is memory, charged to this process and freed with its last fd. A
 * struct_ops map does nothing before its value is written.
 */
static const struct field map_create[] = {
	NUMBER("map_type", 0, 4),	    NUMBER("key_size", 4, 4),
	NUMBER("value_size", 8, 4),	    NUMBER("max_entries", 12, 4),
	NUMBER("map_flags", 16, 4),	    FD_OF("inner_map_fd", 20, SLOT_MAP),
	NUMBER("numa_node", 24, 4),	    NUMBER("map_name", 28, 16),
	FD_OF("btf_fd", 48, SLOT_BTF),	    NUMBER("btf_key_type_id", 52, 4),
	NUMBER("btf_value_type_id", 56, 4), TYPE("btf_vmlinux_value_type_id", 60),
	NUMBER("map_extra", 64, 8),	    FD_OF("value_type_btf_obj_fd", 72, SLOT_MODULE),
};

/*
 * BPF_MAP_UPDATE_ELEM. Safe: only maps that this frame made can be named, and the kernel reads
 * exactly key_size and value_size bytes of the frame, since only map types are permitted for which
 * that holds. Writing a legacy struct_ops map makes the kernel call its programs, all of them
 * verified: phase attach, and undone by the executor, because the kernel does not do it at exit.
 */
static const struct field map_update_elem[] = {
	NEEDED_FD_OF("map_fd", 0, SLOT_MAP),
	POINTER("key", 8, KEY, 0),
	POINTER("value", 16, VALUE, SLOT_PROG | SLOT_MAP),
	NUMBER("flags", 24, 8),
};

/* BPF_MAP_DELETE_ELEM. Safe: takes away only what the same frame put into its own map. */
static const struct field map_delete_elem[] = {
	NEEDED_FD_OF("map_fd", 0, SLOT_MAP),
	POINTER("key", 8, KEY, 0),
};

/*
 * BPF_PROG_LOAD. Safe: the verifier judges every instruction, and a loaded program runs only when
 * something attaches it; of the commands here, only a struct_ops registration does.
 */
static const struct field prog_load[] = {
	NUMBER("prog_type", 0, 4),
	NUMBER("insn_cnt", 4, 4),
	ARRAY("insns", 8, SLOT_MAP | SLOT_MODULE, 4, 8, 0),
	POINTER("license", 16, LICENSE, 0),
	NUMBER("kern_version", 40, 4),
	NUMBER("prog_flags", 44, 4),
	NUMBER("prog_name", 48, 16),
	NUMBER("expected_attach_type", 68, 4),
	FD_OF("prog_btf_fd", 72, SLOT_BTF),
	NUMBER("func_info_rec_size", 76, 4),
	ARRAY("func_info", 80, 0, 88, 0, 76),
	NUMBER("func_info_cnt", 88, 4),
	NUMBER("line_info_rec_size", 92, 4),
	ARRAY("line_info", 96, 0, 104, 0, 92),
	NUMBER("line_info_cnt", 104, 4),
	TYPE("attach_btf_id", 108),
	FD_OF("attach_btf_obj_fd", 112, SLOT_MODULE),
	POINTER("fd_array", 120, FDS, SLOT_MAP | SLOT_MODULE),
};

/* BPF_BTF_LOAD. Safe: type information, checked by the kernel, that nothing runs. */
static const struct field btf_load[] = {
	ARRAY("btf", 0, 0, 16, 1, 0),
	NUMBER("btf_size", 16, 4),
};

/* BPF_MAP_FREEZE. Safe: only takes a right away, that of user space to write this frame's map. */
static const struct field map_freeze[] = {
	NEEDED_FD_OF("map_fd", 0, SLOT_MAP),
};

/*
 * BPF_LINK_CREATE. Safe: registers a struct_ops map of this frame, whose programs are verified;
 * the kernel takes it back when the link's last fd is closed, so at the latest when we end. The
 * attach type is fixed: with another one, this command attaches programs to anything.
 */
static const struct field link_create[] = {
	NEEDED_FD_OF("map_fd", 0, SLOT_MAP),
	NUMBER("attach_type", 8, 4),
};

/* BPF_PROG_BIND_MAP. Safe: a program of this frame keeps a map of this frame alive. */
static const struct field prog_bind_map[] = {
	NEEDED_FD_OF("prog_fd", 0, SLOT_PROG),
	NEEDED_FD_OF("map_fd", 4, SLOT_MAP),
};

#define IN_LOAD (1u << PHASE_LOAD)
#define IN_ATTACH (1u << PHASE_ATTACH)
#define FIELDS(table) (sizeof(table) / sizeof((table)[0])), (table)

static const struct command commands[] = {
	{BPF_MAP_CREATE, "BPF_MAP_CREATE", 92, IN_LOAD, SLOT_MAP, 0, 0, 0, 0, FIELDS(map_create)},
	{BPF_MAP_UPDATE_ELEM, "BPF_MAP_UPDATE_ELEM", 32, IN_LOAD | IN_ATTACH, 0, 0, 0, 0, 0,
	 FIELDS(map_update_elem)},
	{BPF_MAP_DELETE_ELEM, "BPF_MAP_DELETE_ELEM", 32, IN_ATTACH, 0, 0, 0, 0, 0,
	 FIELDS(map_delete_elem)},
	{BPF_PROG_LOAD, "BPF_PROG_LOAD", 168, IN_LOAD, SLOT_PROG, 0, 24, 28, 32, FIELDS(prog_load)},
	{BPF_BTF_LOAD, "BPF_BTF_LOAD", 40, IN_LOAD, SLOT_BTF, 0, 24, 20, 8, FIELDS(btf_load)},
	{BPF_MAP_FREEZE, "BPF_MAP_FREEZE", 4, IN_LOAD, 0, 0, 0, 0, 0, FIELDS(map_freeze)},
	{BPF_LINK_CREATE, "BPF_LINK_CREATE", 64, IN_ATTACH, SLOT_LINK, 0, 0, 0, 0,
	 FIELDS(link_create)},
	{BPF_PROG_BIND_MAP, "BPF_PROG_BIND_MAP", 12, IN_LOAD, 0, STEP_MAY_FAIL, 0, 0, 0,
	 FIELDS(prog_bind_map)},
};

/* Numbers of the kernel that a build host's headers may be too old to have. */
#define ATTACH_TYPE_STRUCT_OPS 44u
#define MAP_FLAG_LINK (1u << 13)

/* Map types for which an update reads key_size and value_size bytes: per-CPU maps read more. */
#define UPDATABLE_MAP_TYPES                                                                        \
	(1u << BPF_MAP_TYPE_ARRAY | 1u << BPF_MAP_TYPE_PROG_ARRAY |                                \
	 1u << BPF_MAP_TYPE_ARRAY_OF_MAPS | 1u << BPF_MAP_TYPE_HASH_OF_MAPS |                      \
	 1u << BPF_MAP_TYPE_STRUCT_OPS)

static bool refuse(struct plan *plan, const char *reason, const char *part, uint32_t index,
		   const struct field *field)
{
	plan->refusal = (struct refusal){reason, part, index, field != NULL ? field->name : NULL};
	return false;
}

const struct command *command_find(uint32_t cmd)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].cmd == cmd)
			return &commands[i];
	}
	return NULL;
}

static const struct field *field_at(const struct command *command, uint32_t at)
{
	for (uint32_t i = 0; i < command->field_count; i++) {
		const struct field *field = &command->fields[i];

		if (at >= field->at && at - field->at < field->bytes)
			return field;
	}
	return NULL;
}

uint32_t attr_u32(const struct plan *plan, const struct plan_step *step, uint32_t at)
{
	uint32_t value;

	memcpy(&value, plan->blob + step->attr + at, sizeof(value));
	return value;
}

/* The patch into the attr image at `at`, or NULL. */
static const struct plan_patch *patch_at(const struct plan *plan, const struct plan_step *step,
					 uint32_t at)
{
	for (uint32_t i = 0; i < step->patch_count; i++) {
		const struct plan_patch *patch = &plan->patches[step->patch_first + i];

		if (patch->kind != PATCH_SLOT_IN_BLOB && patch->offset == at)
			return patch;
	}
	return NULL;
}

/* The step that made the map in `map_fd` of an element command, or NULL. */
static const struct plan_step *map_of(const struct plan *plan, const struct plan_step *step)
{
	const struct plan_patch *map_fd = patch_at(plan, step, 0);

	if ((step->cmd != BPF_MAP_UPDATE_ELEM && step->cmd != BPF_MAP_DELETE_ELEM) ||
	    map_fd == NULL || plan->slot_kinds[map_fd->source] != SLOT_MAP)
		return NULL;
	return &plan->steps[plan->filled_by[map_fd->source]];
}

uint32_t registered_slot(const struct plan *plan, const struct plan_step *step)
{
	const struct plan_step *map = map_of(plan, step);

	if (map == NULL || attr_u32(plan, map, 0) != BPF_MAP_TYPE_STRUCT_OPS ||
	    (attr_u32(plan, map, 16) & MAP_FLAG_LINK) != 0)
		return PLAN_NONE;
	return map->slot;
}

static uint64_t wanted_range_size(const struct plan *plan, const struct plan_step *step,
				  const struct field *field, uint32_t given)
{
	const struct plan_step *map = map_of(plan, step);

	switch (field->use) {
	case RECORDS:
		return (uint64_t)attr_u32(plan, step, field->count_at) *
		       (field->unit != 0 ? field->unit : attr_u32(plan, step, field->unit_at));
	case KEY:
		return map != NULL ? attr_u32(plan, map, 4) : 0;
	case VALUE:
		return map != NULL ? attr_u32(plan, map, 8) : 0;
	case LICENSE:
		return given != 0 ? given : 1;
	case FDS:
		return given & ~3u;
	case SCALAR:
	case KERNEL_TYPE:
	case FD:
	case FD_NEEDED:
		break;
	}
	return 0;
}

static bool check_bytes(struct plan *plan, uint32_t index, const struct command *command)
{
	const struct plan_step *step = &plan->steps[index];

	for (uint32_t at = 0; at < step->attr_size; at++) {
		const struct field *field = field_at(command, at);

		if (plan->blob[step->attr + at] == 0)
			continue;
		if (field == NULL || field->use > KERNEL_TYPE)
			return refuse(plan, "field_not_permitted", "step", index, field);
		if (field->use == KERNEL_TYPE && plan->head->btf_size == 0)
			return refuse(plan, "kernel_not_named", "step", index, field);
	}
	return true;
}

/* Which fds may go where: into fd fields, the immediates of instructions, fd_array, a value. */
static bool check_blob_patch(struct plan *plan, const struct plan_step *step, uint32_t index,
			     const struct command *command)
{
	const struct plan_patch *patch = &plan->patches[index];
	const struct plan_patch *range = plan_range_of(plan, step, patch);
	const struct field *field = range != NULL ? field_at(command, range->offset) : NULL;
	uint32_t at = range != NULL ? patch->offset - range->source : 0;

	if (field == NULL)
		return refuse(plan, "patch_not_permitted", "patch", index, NULL);
	if ((field->slots & plan->slot_kinds[patch->source]) == 0)
		return refuse(plan, "wrong_slot_kind", "patch", index, field);
	/* An instruction's immediate is its second half; fd_array is made of u32. */
	if ((field->use == RECORDS && (patch->width != 4 || at % 8 != 4)) ||
	    (field->use == FDS && (patch->width != 4 || at % 4 != 0)))
		return refuse(plan, "patch_not_permitted", "patch", index, field);
	return true;
}

static bool check_attr_patch(struct plan *plan, uint32_t index, const struct command *command)
{
	const struct plan_patch *patch = &plan->patches[index];
	const struct field *field = field_at(command, patch->offset);
	bool address = patch->kind == PATCH_ADDRESS_IN_ATTR;

	if (field == NULL || field->at != patch->offset || field->use <= KERNEL_TYPE ||
	    address != (field->use >= RECORDS))
		return refuse(plan, "patch_not_permitted", "patch", index, field);
	if (!address && (field->slots & plan->slot_kinds[patch->source]) == 0)
		return refuse(plan, "wrong_slot_kind", "patch", index, field);
	return true;
}

static bool check_field(struct plan *plan, uint32_t index, const struct field *field)
{
	const struct plan_step *step = &plan->steps[index];
	const struct plan_patch *patch = patch_at(plan, step, field->at);
	uint32_t size = patch != NULL ? patch->size : 0;
	const uint8_t *range = patch != NULL ? plan->blob + patch->source : NULL;

	if (field->use == FD_NEEDED && patch == NULL)
		return refuse(plan, "field_missing", "step", index, field);
	if (field->use >= RECORDS && size != wanted_range_size(plan, step, field, size))
		return refuse(plan, "bad_range_size", "step", index, field);
	if (field->use == LICENSE && range != NULL && range[size - 1] != 0)
		return refuse(plan, "string_not_terminated", "step", index, field);
	for (uint32_t at = 0; field->use == FDS && range != NULL && at < size; at++) {
		if (range[at] != 0)
			return refuse(plan, "field_not_permitted", "step", index, field);
	}
	return true;
}

/* What a row of the table cannot say: it depends on a value, or on the map. */
static bool check_meaning(struct plan *plan, uint32_t index)
{
	const struct plan_step *step = &plan->steps[index];
	const struct plan_step *map = map_of(plan, step);
	uint32_t map_type = map != NULL ? attr_u32(plan, map, 0) : 0;

	if (step->cmd == BPF_LINK_CREATE && attr_u32(plan, step, 8) != ATTACH_TYPE_STRUCT_OPS)
		return refuse(plan, "bad_attach_type", "step", index, NULL);
	if (map != NULL && (map_type >= 32 || (1u << map_type & UPDATABLE_MAP_TYPES) == 0))
		return refuse(plan, "bad_map_type", "step", index, NULL);
	if (registered_slot(plan, step) != PLAN_NONE && step->phase != PHASE_ATTACH)
		return refuse(plan, "phase_not_permitted", "step", index, NULL);
	return true;
}

static bool check_step(struct plan *plan, uint32_t index)
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
		if (plan->patches[i].kind == PATCH_SLOT_IN_BLOB
			    ? !check_blob_patch(plan, step, i, command)
			    : !check_attr_patch(plan, i, command))
			return false;
	}
	for (uint32_t i = 0; i < command->field_count; i++) {
		if (!check_field(plan, index, &command->fields[i]))
			return false;
	}
	if (step->slot != PLAN_NONE)
		plan->slot_kinds[step->slot] = (uint8_t)command->yields;
	return check_meaning(plan, index);
}

bool plan_permit(struct plan *plan)
{
	memset(plan->slot_kinds, 0, sizeof(plan->slot_kinds));
	for (uint32_t i = 0; i < plan->head->module_count; i++)
		plan->slot_kinds[plan->modules[i].slot] = SLOT_MODULE;
	for (uint32_t i = 0; i < plan->head->step_count; i++) {
		if (!check_step(plan, i))
			return false;
	}
	return true;
}

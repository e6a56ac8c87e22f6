#include <linux/bpf.h>
#include <stddef.h>
#include "attr.h"
#include "permit.h"

#define NUMBER(name, at, bytes) {name, at, bytes, USE_SCALAR, 0, 0, 0, 0, 0}
#define NUMBER_OR(name, at, values) {name, at, 4, USE_SCALAR, 0, values, 0, 0, 0}
#define TYPE(name, at) {name, at, 4, USE_KERNEL_TYPE, 0, 0, 0, 0, 0}
#define FD_OF(name, at, slots) {name, at, 4, USE_FD, slots, 0, 0, 0, 0}
#define NEEDED_FD_OF(name, at, slots) {name, at, 4, USE_FD_NEEDED, slots, 0, 0, 0, 0}
#define POINTER(name, at, use, slots, values) {name, at, 8, use, slots, values, 0, 0, 0}
#define ARRAY(name, at, slots, values, count_at, unit, unit_at)                                    \
	{name, at, 8, USE_RECORDS, slots, values, count_at, unit, unit_at}

/* Safe: a plain number to the verifier. A program learns where the kernel lies (KASLR), but with
 * the privileges that loading it takes, it could have asked for that. */
#define KSYM_VALUES                                                                                \
	(1u << VALUE_KSYM_LOW | 1u << VALUE_KSYM_HIGH | 1u << VALUE_WEAK_KSYM_LOW |                \
	 1u << VALUE_WEAK_KSYM_HIGH)

/*
 * BPF_MAP_CREATE. Safe: a map is memory, charged to this process and freed with its last fd. A
 * struct_ops map does nothing before its value is written.
 */
#define MAP_FIELDS                                                                                 \
	NUMBER("map_type", MAP_TYPE_AT, 4), NUMBER("key_size", KEY_SIZE_AT, 4),                    \
		NUMBER("value_size", VALUE_SIZE_AT, 4),                                            \
		NUMBER_OR("max_entries", MAX_ENTRIES_AT, 1u << VALUE_POSSIBLE_CPUS),               \
		NUMBER("map_flags", MAP_FLAGS_AT, 4), FD_OF("inner_map_fd", 20, SLOT_MAP),         \
		NUMBER("numa_node", 24, 4), NUMBER("map_name", 28, 16),                            \
		FD_OF("btf_fd", 48, SLOT_BTF), NUMBER("btf_key_type_id", 52, 4),                   \
		NUMBER("btf_value_type_id", 56, 4), TYPE("btf_vmlinux_value_type_id", 60),         \
		NUMBER("map_extra", MAP_EXTRA_AT, 8),                                              \
		FD_OF("value_type_btf_obj_fd", 72, SLOT_MODULE)
static const struct field map_create[] = {MAP_FIELDS};

/*
 * BPF_MAP_UPDATE_ELEM. Safe: only maps that this frame made can be named, and the kernel reads
 * exactly key_size and value_size bytes of the frame, since only map types are permitted for which
 * that holds. Writing a legacy struct_ops map makes the kernel call its programs, all of them
 * verified: phase attach, and undone by the executor, because the kernel does not do it at exit.
 */
static const struct field map_update_elem[] = {
	NEEDED_FD_OF("map_fd", MAP_FD_AT, SLOT_MAP),
	POINTER("key", 8, USE_KEY, 0, 0),
	POINTER("value", 16, USE_VALUE, SLOT_PROG | SLOT_MAP, 1u << VALUE_HOTPLUG_SEQ),
	NUMBER("flags", 24, 8),
};

/*
 * BPF_MAP_DELETE_ELEM. Safe: takes away what the same frame put into its own map, or the
 * registration of a struct_ops map that was there before: what a detach is for.
 */
static const struct field map_delete_elem[] = {
	NEEDED_FD_OF("map_fd", MAP_FD_AT, SLOT_ANY_MAP),
	POINTER("key", 8, USE_KEY, 0, 0),
};

/*
 * BPF_PROG_LOAD. Safe: the verifier judges every instruction, and a loaded program runs only when
 * something attaches it; of the commands here, only a struct_ops registration does.
 */
static const struct field prog_load[] = {
	NUMBER("prog_type", PROG_TYPE_AT, 4),
	NUMBER("insn_cnt", 4, 4),
	ARRAY("insns", 8, SLOT_MAP | SLOT_MODULE, KSYM_VALUES, 4, 8, 0),
	POINTER("license", 16, USE_LICENSE, 0, 0),
	NUMBER("kern_version", 40, 4),
	NUMBER("prog_flags", 44, 4),
	NUMBER("prog_name", 48, 16),
	NUMBER("expected_attach_type", 68, 4),
	FD_OF("prog_btf_fd", 72, SLOT_BTF),
	NUMBER("func_info_rec_size", 76, 4),
	ARRAY("func_info", 80, 0, 0, 88, 0, 76),
	NUMBER("func_info_cnt", 88, 4),
	NUMBER("line_info_rec_size", 92, 4),
	ARRAY("line_info", 96, 0, 0, 104, 0, 92),
	NUMBER("line_info_cnt", 104, 4),
	TYPE("attach_btf_id", 108),
	FD_OF("attach_btf_obj_fd", 112, SLOT_MODULE),
	POINTER("fd_array", 120, USE_FDS, SLOT_MAP | SLOT_MODULE, 0),
};

/* BPF_BTF_LOAD. Safe: type information, checked by the kernel, that nothing runs. */
static const struct field btf_load[] = {
	ARRAY("btf", 0, 0, 0, 16, 1, 0),
	NUMBER("btf_size", 16, 4),
};

/* BPF_MAP_FREEZE. Safe: only takes a right away, that of user space to write this frame's map. */
static const struct field map_freeze[] = {
	NEEDED_FD_OF("map_fd", MAP_FD_AT, SLOT_MAP),
};

/*
 * BPF_LINK_CREATE. Safe: registers a struct_ops map of this frame, whose programs are verified;
 * the kernel takes it back when the link's last fd is closed, so at the latest when we end. The
 * attach type is fixed: with another one, this command attaches programs to anything.
 */
static const struct field link_create[] = {
	NEEDED_FD_OF("map_fd", MAP_FD_AT, SLOT_MAP),
	NUMBER("attach_type", ATTACH_TYPE_AT, 4),
};

/*
 * BPF_OBJ_PIN. Safe: keeps what this frame made when we end, below the pin root that whoever
 * started us chose. No symbolic link is followed on the way there.
 */
static const struct field obj_pin[] = {
	POINTER("pathname", PATH_AT, USE_PATH, 0, 0),
	NEEDED_FD_OF("bpf_fd", PIN_FD_AT, SLOT_MAP | SLOT_LINK),
};

/*
 * BPF_OBJ_GET. Safe: only below the pin root, and what is no struct_ops map or link is closed again
 * at once. All that the table lets anybody do with one is to detach, to update and to unpin it.
 */
static const struct field obj_get[] = {
	POINTER("pathname", PATH_AT, USE_PATH, 0, 0),
};

/* BPF_MAP_GET_FD_BY_ID, BPF_LINK_GET_FD_BY_ID. Safe: as BPF_OBJ_GET. */
static const struct field map_by_id[] = {
	NUMBER("map_id", 0, 4),
};
static const struct field link_by_id[] = {
	NUMBER("link_id", 0, 4),
};

/*
 * BPF_LINK_UPDATE. Safe: what comes into force is a map of this frame, whose programs are verified.
 * The executor makes sure that it is not the one in force: an update to that crashes the kernel.
 */
static const struct field link_update[] = {
	NEEDED_FD_OF("link_fd", LINK_FD_AT, SLOT_ANY_LINK),
	NEEDED_FD_OF("new_map_fd", NEW_MAP_FD_AT, SLOT_MAP),
	NUMBER("flags", LINK_FLAGS_AT, 4),
	FD_OF("old_map_fd", OLD_MAP_FD_AT, SLOT_ANY_MAP),
};

/* BPF_LINK_DETACH. Safe: takes a struct_ops out of force, which closing its last fd does as well.
 */
static const struct field link_detach[] = {
	NEEDED_FD_OF("link_fd", LINK_FD_AT, SLOT_ANY_LINK),
};

/* BPF_PROG_BIND_MAP. Safe: a program of this frame keeps a map of this frame alive. */
static const struct field prog_bind_map[] = {
	NEEDED_FD_OF("prog_fd", 0, SLOT_PROG),
	NEEDED_FD_OF("map_fd", 4, SLOT_MAP),
};

/*
 * BPF_PROG_ASSOC_STRUCT_OPS. Safe: tells the kernel which struct_ops map of this frame a program of
 * this frame belongs to, for the kfuncs that it calls; it runs no sooner for it.
 */
static const struct field prog_assoc_struct_ops[] = {
	NEEDED_FD_OF("map_fd", MAP_FD_AT, SLOT_MAP),
	NEEDED_FD_OF("prog_fd", PROG_FD_AT, SLOT_PROG),
};

/*
 * STRUCTOPS_ARENA_MAP. Safe: maps an arena of this frame into this process, never in the place of
 * something else, and writes bytes of the frame there. The executor reads nothing back from it.
 */
static const struct field arena_map[] = {
	NEEDED_FD_OF("map_fd", MAP_FD_AT, SLOT_MAP),
	NUMBER("offset", ARENA_OFFSET_AT, 8),
	ARRAY("data", ARENA_DATA_AT, 0, 0, ARENA_DATA_SIZE_AT, 1, 0),
	NUMBER("data_size", ARENA_DATA_SIZE_AT, 4),
};

/*
 * STRUCTOPS_PINNED_MAP. Safe: as BPF_MAP_CREATE and BPF_OBJ_PIN. A map that is there already is
 * used only if it is what would have been made.
 */
static const struct field pinned_map[] = {
	MAP_FIELDS,
	POINTER("pathname", PINNED_MAP_PATH_AT, USE_PATH, 0, 0),
};

/* STRUCTOPS_UNPIN. Safe: removes a file of the pin root, and only one that pins the object of a
 * slot; so nothing but struct_ops and what this frame made. */
static const struct field unpin[] = {
	POINTER("pathname", PATH_AT, USE_PATH, 0, 0),
	NEEDED_FD_OF("bpf_fd", PIN_FD_AT, SLOT_ANY_MAP | SLOT_ANY_LINK),
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
	{BPF_OBJ_PIN, "BPF_OBJ_PIN", 20, IN_ATTACH, 0, 0, 0, 0, 0, FIELDS(obj_pin)},
	{BPF_OBJ_GET, "BPF_OBJ_GET", 20, IN_LOAD | IN_ATTACH, SLOT_GOT_MAP, STEP_GETS_LINK, 0, 0, 0,
	 FIELDS(obj_get)},
	{BPF_MAP_GET_FD_BY_ID, "BPF_MAP_GET_FD_BY_ID", 12, IN_LOAD | IN_ATTACH, SLOT_GOT_MAP, 0, 0,
	 0, 0, FIELDS(map_by_id)},
	{BPF_LINK_GET_FD_BY_ID, "BPF_LINK_GET_FD_BY_ID", 12, IN_LOAD | IN_ATTACH, SLOT_GOT_LINK, 0,
	 0, 0, 0, FIELDS(link_by_id)},
	{BPF_LINK_UPDATE, "BPF_LINK_UPDATE", 16, IN_ATTACH, 0, 0, 0, 0, 0, FIELDS(link_update)},
	{BPF_LINK_DETACH, "BPF_LINK_DETACH", 4, IN_ATTACH, 0, 0, 0, 0, 0, FIELDS(link_detach)},
	{BPF_LINK_CREATE, "BPF_LINK_CREATE", 64, IN_ATTACH, SLOT_LINK, 0, 0, 0, 0,
	 FIELDS(link_create)},
	{BPF_PROG_BIND_MAP, "BPF_PROG_BIND_MAP", 12, IN_LOAD, 0, STEP_MAY_FAIL, 0, 0, 0,
	 FIELDS(prog_bind_map)},
	{CMD_PROG_ASSOC_STRUCT_OPS, "BPF_PROG_ASSOC_STRUCT_OPS", 12, IN_LOAD, 0, STEP_MAY_FAIL, 0,
	 0, 0, FIELDS(prog_assoc_struct_ops)},
	{STRUCTOPS_ARENA_MAP, "STRUCTOPS_ARENA_MAP", 32, IN_LOAD, 0, 0, 0, 0, 0, FIELDS(arena_map)},
	{STRUCTOPS_PINNED_MAP, "STRUCTOPS_PINNED_MAP", 104, IN_LOAD, SLOT_MAP, 0, 0, 0, 0,
	 FIELDS(pinned_map)},
	{STRUCTOPS_UNPIN, "STRUCTOPS_UNPIN", 16, IN_ATTACH, 0, 0, 0, 0, 0, FIELDS(unpin)},
	{STRUCTOPS_LIST, "STRUCTOPS_LIST", 8, IN_LOAD, 0, 0, 0, 0, 0, 0, NULL},
};

const struct command *command_find(uint32_t cmd)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].cmd == cmd)
			return &commands[i];
	}
	return NULL;
}

const struct field *command_field_at(const struct command *command, uint32_t at)
{
	for (uint32_t i = 0; i < command->field_count; i++) {
		const struct field *field = &command->fields[i];

		if (at >= field->at && at - field->at < field->bytes)
			return field;
	}
	return NULL;
}

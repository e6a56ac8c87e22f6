/*
 * Compares the numbers of shim/ with a kernel's header: the whole permit table, the words of what a
 * kernel tells of an object, and those that the build host's header may be too old to have.
 */
#include <linux/bpf.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "../../shim/object_info.h"
#include "../../shim/permit.c"

#define SAME(ours, of_kernel)                                                                      \
	_Static_assert((size_t)(ours) == (size_t)(of_kernel), #ours " is " #of_kernel)
#define WORD_OF(record, field) (offsetof(struct record, field) / sizeof(uint32_t))

SAME(CMD_PROG_ASSOC_STRUCT_OPS, BPF_PROG_ASSOC_STRUCT_OPS);
SAME(MAP_TYPE_ARENA, BPF_MAP_TYPE_ARENA);
SAME(MAP_TYPE_INSN_ARRAY, BPF_MAP_TYPE_INSN_ARRAY);
SAME(PROG_TYPE_STRUCT_OPS, BPF_PROG_TYPE_STRUCT_OPS);
SAME(ATTACH_TYPE_STRUCT_OPS, BPF_STRUCT_OPS);
SAME(MAP_FLAG_LINK, BPF_F_LINK);
SAME(LINK_TYPE_STRUCT_OPS, BPF_LINK_TYPE_STRUCT_OPS);
SAME(LINK_FLAG_REPLACE, BPF_F_REPLACE);

SAME(INFO_TYPE, WORD_OF(bpf_map_info, type));
SAME(INFO_TYPE, WORD_OF(bpf_prog_info, type));
SAME(INFO_TYPE, WORD_OF(bpf_link_info, type));
SAME(INFO_ID, WORD_OF(bpf_map_info, id));
SAME(INFO_ID, WORD_OF(bpf_prog_info, id));
SAME(INFO_ID, WORD_OF(bpf_link_info, id));
SAME(MAP_INFO_KEY_SIZE, WORD_OF(bpf_map_info, key_size));
SAME(MAP_INFO_VALUE_SIZE, WORD_OF(bpf_map_info, value_size));
SAME(MAP_INFO_MAX_ENTRIES, WORD_OF(bpf_map_info, max_entries));
SAME(MAP_INFO_FLAGS, WORD_OF(bpf_map_info, map_flags));
SAME(MAP_INFO_NAME, WORD_OF(bpf_map_info, name));
SAME(MAP_INFO_VALUE_TYPE, WORD_OF(bpf_map_info, btf_vmlinux_value_type_id));
SAME(MAP_INFO_VALUE_BTF, WORD_OF(bpf_map_info, btf_vmlinux_id));
SAME(MAP_INFO_EXTRA, WORD_OF(bpf_map_info, map_extra));
SAME(LINK_INFO_PROG, WORD_OF(bpf_link_info, prog_id));
SAME(LINK_INFO_MAP, WORD_OF(bpf_link_info, struct_ops.map_id));
SAME(PROG_INFO_LOAD_TIME, WORD_OF(bpf_prog_info, load_time));
SAME(PROG_INFO_UID, WORD_OF(bpf_prog_info, created_by_uid));
SAME(PROG_INFO_NAME, WORD_OF(bpf_prog_info, name));

#define OF(command, field, bytes) {command, #field, offsetof(union bpf_attr, field), bytes}
#define IN(command, part, field, bytes)                                                            \
	{command, #field, offsetof(union bpf_attr, part.field), bytes}

static const struct {
	uint32_t cmd;
	const char *name;
	size_t at, bytes;
} wanted[] = {
	OF(BPF_MAP_CREATE, map_type, 4),
	OF(BPF_MAP_CREATE, key_size, 4),
	OF(BPF_MAP_CREATE, value_size, 4),
	OF(BPF_MAP_CREATE, max_entries, 4),
	OF(BPF_MAP_CREATE, map_flags, 4),
	OF(BPF_MAP_CREATE, inner_map_fd, 4),
	OF(BPF_MAP_CREATE, numa_node, 4),
	OF(BPF_MAP_CREATE, map_name, BPF_OBJ_NAME_LEN),
	OF(BPF_MAP_CREATE, btf_fd, 4),
	OF(BPF_MAP_CREATE, btf_key_type_id, 4),
	OF(BPF_MAP_CREATE, btf_value_type_id, 4),
	OF(BPF_MAP_CREATE, btf_vmlinux_value_type_id, 4),
	OF(BPF_MAP_CREATE, map_extra, 8),
	OF(BPF_MAP_CREATE, value_type_btf_obj_fd, 4),
	OF(BPF_MAP_UPDATE_ELEM, map_fd, 4),
	OF(BPF_MAP_UPDATE_ELEM, key, 8),
	OF(BPF_MAP_UPDATE_ELEM, value, 8),
	OF(BPF_MAP_UPDATE_ELEM, flags, 8),
	OF(BPF_MAP_DELETE_ELEM, map_fd, 4),
	OF(BPF_MAP_DELETE_ELEM, key, 8),
	OF(BPF_PROG_LOAD, prog_type, 4),
	OF(BPF_PROG_LOAD, insn_cnt, 4),
	OF(BPF_PROG_LOAD, insns, 8),
	OF(BPF_PROG_LOAD, license, 8),
	OF(BPF_PROG_LOAD, kern_version, 4),
	OF(BPF_PROG_LOAD, prog_flags, 4),
	OF(BPF_PROG_LOAD, prog_name, BPF_OBJ_NAME_LEN),
	OF(BPF_PROG_LOAD, expected_attach_type, 4),
	OF(BPF_PROG_LOAD, prog_btf_fd, 4),
	OF(BPF_PROG_LOAD, func_info_rec_size, 4),
	OF(BPF_PROG_LOAD, func_info, 8),
	OF(BPF_PROG_LOAD, func_info_cnt, 4),
	OF(BPF_PROG_LOAD, line_info_rec_size, 4),
	OF(BPF_PROG_LOAD, line_info, 8),
	OF(BPF_PROG_LOAD, line_info_cnt, 4),
	OF(BPF_PROG_LOAD, attach_btf_id, 4),
	OF(BPF_PROG_LOAD, attach_btf_obj_fd, 4),
	OF(BPF_PROG_LOAD, fd_array, 8),
	OF(BPF_BTF_LOAD, btf, 8),
	OF(BPF_BTF_LOAD, btf_size, 4),
	OF(BPF_MAP_FREEZE, map_fd, 4),
	OF(BPF_OBJ_PIN, pathname, 8),
	OF(BPF_OBJ_PIN, bpf_fd, 4),
	OF(BPF_OBJ_GET, pathname, 8),
	OF(BPF_MAP_GET_FD_BY_ID, map_id, 4),
	OF(BPF_LINK_GET_FD_BY_ID, link_id, 4),
	IN(BPF_LINK_UPDATE, link_update, link_fd, 4),
	IN(BPF_LINK_UPDATE, link_update, new_map_fd, 4),
	IN(BPF_LINK_UPDATE, link_update, flags, 4),
	IN(BPF_LINK_UPDATE, link_update, old_map_fd, 4),
	IN(BPF_LINK_DETACH, link_detach, link_fd, 4),
	IN(BPF_LINK_CREATE, link_create, map_fd, 4),
	IN(BPF_LINK_CREATE, link_create, attach_type, 4),
	IN(BPF_PROG_BIND_MAP, prog_bind_map, prog_fd, 4),
	IN(BPF_PROG_BIND_MAP, prog_bind_map, map_fd, 4),
	IN(BPF_PROG_ASSOC_STRUCT_OPS, prog_assoc_struct_ops, map_fd, 4),
	IN(BPF_PROG_ASSOC_STRUCT_OPS, prog_assoc_struct_ops, prog_fd, 4),
};

/* Those of the kernel's own commands in the table; ours have higher numbers. */
static size_t permitted_fields(void)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		count += commands[i].cmd < STRUCTOPS_ARENA_MAP ? commands[i].field_count : 0;
	return count;
}

int main(void)
{
	const struct command *prog = command_find(BPF_PROG_LOAD), *btf = command_find(BPF_BTF_LOAD);
	size_t count = sizeof(wanted) / sizeof(wanted[0]);

	for (size_t i = 0; i < count; i++) {
		const struct field *field =
			command_field_at(command_find(wanted[i].cmd), (uint32_t)wanted[i].at);

		if (field == NULL || field->at != wanted[i].at || field->bytes != wanted[i].bytes ||
		    strcmp(field->name, wanted[i].name) != 0) {
			printf("%s of command %u\n", wanted[i].name, wanted[i].cmd);
			return 1;
		}
	}
	if (prog->log_level_at != offsetof(union bpf_attr, log_level) ||
	    prog->log_size_at != offsetof(union bpf_attr, log_size) ||
	    prog->log_buf_at != offsetof(union bpf_attr, log_buf) ||
	    btf->log_level_at != offsetof(union bpf_attr, btf_log_level) ||
	    btf->log_size_at != offsetof(union bpf_attr, btf_log_size) ||
	    btf->log_buf_at != offsetof(union bpf_attr, btf_log_buf))
		return 2;
	if (count != permitted_fields())
		return 3;
	printf("%zu fields\n", count);
	return 0;
}

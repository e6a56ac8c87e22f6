#include <string.h>
#include "object_info.h"
#include "permit.h"
#include "sys_bpf.h"

static int get_info(int fd, void *info, uint32_t size)
{
	union bpf_attr attr = {
		.info = {.bpf_fd = (uint32_t)fd, .info_len = size, .info = (uintptr_t)info}};

	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr.info));
}

int object_info(int fd, struct object_info *info)
{
	*info = (struct object_info){0};
	return get_info(fd, info, sizeof(*info));
}

int btf_info(int fd, struct bpf_btf_info *info)
{
	return get_info(fd, info, sizeof(*info));
}

uint32_t object_id_of(int fd)
{
	struct object_info info;

	return object_info(fd, &info) < 0 ? 0 : info.words[INFO_ID];
}

uint32_t btf_id_of(int fd)
{
	struct bpf_btf_info info = {0};

	return btf_info(fd, &info) < 0 ? 0 : info.id;
}

/*
 * Maps, programs and links all begin with a type of their own numbering, so the type alone tells
 * little: 26 is also that of a tracing program. But where a map has max_entries, which is 1 for
 * struct_ops, a program has the size of its machine code.
 */
bool is_struct_ops_map(const struct object_info *info)
{
	return info->words[INFO_TYPE] == BPF_MAP_TYPE_STRUCT_OPS &&
	       info->words[MAP_INFO_KEY_SIZE] == STRUCT_OPS_KEY_SIZE &&
	       info->words[MAP_INFO_MAX_ENTRIES] == 1 && info->words[MAP_INFO_VALUE_TYPE] != 0;
}

/* A map of type 9 has a key, a program of type 9 the time of its load; a link of struct_ops has
 * neither a program nor anything behind its map. */
bool is_struct_ops_link(const struct object_info *info)
{
	uint32_t others = info->words[LINK_INFO_PROG];

	for (uint32_t i = LINK_INFO_MAP + 1; i < sizeof(info->words) / 4; i++)
		others |= info->words[i];
	return info->words[INFO_TYPE] == LINK_TYPE_STRUCT_OPS && others == 0;
}

bool is_same_object(int fd, int other_fd)
{
	struct object_info info, other;

	return object_info(fd, &info) == 0 && object_info(other_fd, &other) == 0 &&
	       memcmp(&info, &other, sizeof(info)) == 0;
}

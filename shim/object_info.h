/* What the kernel tells of the object behind an fd (BPF_OBJ_GET_INFO_BY_FD). */
#ifndef OBJECT_INFO_H
#define OBJECT_INFO_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

/* The start of struct bpf_map_info, bpf_prog_info and bpf_link_info, which share type and id. */
struct object_info {
	uint32_t words[64];
};

/* Words of a struct bpf_map_info. */
enum {
	INFO_TYPE = 0,
	INFO_ID = 1,
	MAP_INFO_KEY_SIZE = 2,
	MAP_INFO_VALUE_SIZE = 3,
	MAP_INFO_MAX_ENTRIES = 4,
	MAP_INFO_FLAGS = 5,
	MAP_INFO_NAME = 6, /* 16 bytes */
	MAP_INFO_VALUE_TYPE = 11,
	MAP_INFO_VALUE_BTF = 19, /* the id of the BTF that the value type is in, since 6.9 */
	MAP_INFO_EXTRA = 20,	 /* 8 bytes */
	/* Of a struct bpf_link_info, for struct_ops. */
	LINK_INFO_PROG = 2,
	LINK_INFO_MAP = 4, /* the map's id; 0: it is detached */
	/* Of a struct bpf_prog_info. */
	PROG_INFO_LOAD_TIME = 10, /* 8 bytes: ns since the boot */
	PROG_INFO_UID = 12,
	PROG_INFO_NAME = 16, /* 16 bytes */
};

/* 0 or a negative errno. */
int object_info(int fd, struct object_info *info);

/* Of a BTF; what *info asks for is filled in. 0 or a negative errno. */
int btf_info(int fd, struct bpf_btf_info *info);

/* 0 if the kernel does not tell. */
uint32_t object_id_of(int fd);
uint32_t btf_id_of(int fd);

bool is_struct_ops_map(const struct object_info *info);
bool is_struct_ops_link(const struct object_info *info);

/* Whether both fds are of the same object. */
bool is_same_object(int fd, int other_fd);

#endif

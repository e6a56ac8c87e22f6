/*
 * objects
 *
 * Prints every BPF object of the kernel, a line for each: its kind, its id, the number of its type
 * and its name, for instance "map 3 26 so_first". bpftool tells more, and loads programs of its own
 * for that each time, after it has read all types of the kernel.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>
#include "bpf_counts.h"

static const struct kind {
	const char *name;
	uint32_t next_id_cmd, fd_by_id_cmd;
} kinds[] = {
	{"map", BPF_MAP_GET_NEXT_ID, BPF_MAP_GET_FD_BY_ID},
	{"prog", BPF_PROG_GET_NEXT_ID, BPF_PROG_GET_FD_BY_ID},
	{"link", BPF_LINK_GET_NEXT_ID, BPF_LINK_GET_FD_BY_ID},
};

union info {
	struct bpf_map_info map;
	struct bpf_prog_info prog;
	struct bpf_link_info link;
};

static void print_object(const struct kind *kind, uint32_t id)
{
	union bpf_attr by_id = {.map_id = id}, about = {0};
	union info info = {0};
	int fd = bpf(kind->fd_by_id_cmd, &by_id);

	/* It went in the meantime. */
	if (fd < 0)
		return;
	about.info.bpf_fd = (uint32_t)fd;
	about.info.info = (uintptr_t)&info;
	about.info.info_len = sizeof(info);
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &about) < 0)
		perror("BPF_OBJ_GET_INFO_BY_FD");
	/* Each info begins with type and id. */
	printf("%s %u %u", kind->name, id, info.link.type);
	if (kind->next_id_cmd == BPF_MAP_GET_NEXT_ID)
		printf(" %s", info.map.name);
	else if (kind->next_id_cmd == BPF_PROG_GET_NEXT_ID)
		printf(" %s", info.prog.name);
	putchar('\n');
	close(fd);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		union bpf_attr attr = {0};

		while (bpf(kinds[i].next_id_cmd, &attr) == 0) {
			print_object(&kinds[i], attr.next_id);
			attr.start_id = attr.next_id;
		}
	}
	return 0;
}

#define _GNU_SOURCE
#include "registrations.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bpf_counts.h"

void die(const char *what)
{
	perror(what);
	exit(1);
}

int carry_out(const char *executor, const char *plan)
{
	int status, input, output;
	pid_t pid = fork();

	if (pid == 0) {
		/* From standard input, at whose end it ends: a plan in a file would be held. */
		input = open(plan, O_RDONLY);
		output = open("/dev/null", O_WRONLY);
		if (dup2(input, 0) < 0 || dup2(output, 1) < 0)
			die(plan);
		execl(executor, executor, NULL);
		die(executor);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("executor");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

uint32_t map_in_force(void)
{
	union bpf_attr next = {0};
	uint32_t map = 0;

	for (; bpf(BPF_LINK_GET_NEXT_ID, &next) == 0; next.start_id = next.next_id) {
		union bpf_attr get = {.link_id = next.next_id};
		/* bpf_link_info: type, id, program, then what the type adds. */
		uint32_t info[32] = {0};
		int fd = bpf(BPF_LINK_GET_FD_BY_ID, &get);

		if (fd < 0)
			continue;
		get = (union bpf_attr){.info = {.bpf_fd = (uint32_t)fd,
						.info_len = sizeof(info),
						.info = (uintptr_t)info}};
		if (bpf(BPF_OBJ_GET_INFO_BY_FD, &get) == 0 && info[0] == 9)
			map = info[4];
		close(fd);
	}
	return map;
}

static int lookup_info(int fd, struct bpf_map_info *info)
{
	union bpf_attr attr = {.info = {.bpf_fd = (uint32_t)fd,
					.info_len = sizeof(*info),
					.info = (uintptr_t)info}};

	memset(info, 0, sizeof(*info));
	return bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

int delete_registrations(void)
{
	union bpf_attr next = {0};
	struct bpf_map_info info;
	uint32_t key = 0;
	int deleted = 0;

	for (; bpf(BPF_MAP_GET_NEXT_ID, &next) == 0; next.start_id = next.next_id) {
		union bpf_attr by_id = {.map_id = next.next_id};
		int fd = bpf(BPF_MAP_GET_FD_BY_ID, &by_id);

		if (fd < 0)
			continue;
		if (lookup_info(fd, &info) == 0 && info.type == BPF_MAP_TYPE_STRUCT_OPS) {
			union bpf_attr element = {.map_fd = (uint32_t)fd, .key = (uintptr_t)&key};

			/* A map with a link, or that is not in force, has nothing to delete. */
			deleted += bpf(BPF_MAP_DELETE_ELEM, &element) == 0;
		}
		close(fd);
	}
	return deleted;
}

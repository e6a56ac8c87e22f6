/*
 * libbpf_on_kernel [--settings FILE] OBJECT
 * libbpf_on_kernel --count
 * libbpf_on_kernel --sweep
 *
 * The first loads and attaches an object with libbpf in the running kernel and lets it go again:
 * see run_libbpf.h. --count prints how many maps, programs and links the kernel has. --sweep takes
 * away what a killed loader may have left: registrations of legacy struct_ops maps. Exit code 2
 * for wrong usage or a machine that this cannot run on.
 */
#include <bpf/bpf.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "objects.h"
#include "run_libbpf.h"
#include "settings.h"

static unsigned int count(int (*next)(__u32 id, __u32 *next_id))
{
	unsigned int found = 0;
	__u32 id = 0;

	while (next(id, &id) == 0)
		found++;
	return found;
}

static void sweep(void)
{
	__u32 id = 0, zero = 0;

	while (bpf_map_get_next_id(id, &id) == 0) {
		int fd = bpf_map_get_fd_by_id(id);
		struct bpf_map_info info = {0};
		__u32 size = sizeof(info);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &size) &&
		    info.type == BPF_MAP_TYPE_STRUCT_OPS)
			bpf_map_delete_elem(fd, &zero);
		close(fd);
	}
}

static int wrong_usage(void)
{
	fputs("usage: libbpf_on_kernel [--settings FILE] OBJECT, or --count, or --sweep\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct run_options run = {.detach = true};

	if (argc == 2 && !strcmp(argv[1], "--count"))
		return printf("maps %u, programs %u, links %u\n", count(bpf_map_get_next_id),
			      count(bpf_prog_get_next_id), count(bpf_link_get_next_id)) < 0;
	if (argc == 2 && !strcmp(argv[1], "--sweep")) {
		sweep();
		return 0;
	}
	if (argc == 4 ? strcmp(argv[1], "--settings") || !read_settings(argv[2]) : argc != 2)
		return wrong_usage();
	if (!reserve_prog_fds()) {
		fputs("libbpf_on_kernel: too few open files are allowed\n", stderr);
		return 2;
	}
	run.path = argv[argc - 1];
	return run_libbpf(&run) ? 0 : 2;
}

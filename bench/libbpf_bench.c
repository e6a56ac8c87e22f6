/*
 * libbpf_bench BTF RELEASE OBJECT
 *
 * For each line on standard input: opens and loads the object and attaches its struct_ops maps
 * with libbpf, on the fake kernel of test/oracle, and prints how long that took in nanoseconds,
 * without the time that the fake kernel had. Closing is not counted. The first run of a process
 * asks the kernel for its features; libbpf remembers the answers.
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include "../test/rig/clock.h"
#include "fake_kernel.h"
#include "target.h"

#define LINKS_MAX 16

static void fail(const char *what)
{
	fprintf(stderr, "libbpf_bench: cannot %s\n", what);
	exit(1);
}

static int attach(struct bpf_object *object, struct bpf_link **links)
{
	struct bpf_map *map;
	int count = 0;

	bpf_object__for_each_map(map, object)
	{
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS || count == LINKS_MAX)
			continue;
		links[count] = bpf_map__attach_struct_ops(map);
		if (!links[count++])
			fail("attach");
	}
	return count;
}

static unsigned long long run(const char *path)
{
	struct bpf_link *links[LINKS_MAX];
	unsigned long long kernel_ns = calls.busy_ns, start = now_ns(), taken;
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	int link_count;

	if (!object)
		fail("open");
	if (bpf_object__load(object))
		fail("load");
	link_count = attach(object, links);
	taken = now_ns() - start - (calls.busy_ns - kernel_ns);
	while (link_count > 0)
		bpf_link__destroy(links[--link_count]);
	bpf_object__close(object);
	return taken;
}

static int print_nothing(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

int main(int argc, char **argv)
{
	char line[16];

	if (argc != 4)
		fail("understand the arguments");
	target.btf = argv[1];
	target.release = argv[2];
	if (!fake_kernel_start())
		fail("have as many open files as needed");
	libbpf_set_print(print_nothing);
	while (fgets(line, sizeof(line), stdin)) {
		printf("%llu\n", run(argv[3]));
		fflush(stdout);
	}
	return 0;
}

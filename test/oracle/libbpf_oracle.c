/*
 * libbpf_oracle --btf FILE --release R [--kconfig FILE] [--module NAME=FILE]... OBJECT
 *
 * What libbpf does with an object on a kernel, without a kernel: opens it, loads it and attaches
 * each of its struct_ops maps, and prints the bpf(2) calls as JSON:
 *
 *	{"libbpf": "1.7", "probes": 20, "steps": [...], "error": null, "log": "..."}
 *
 * `steps` are those of docs/plan-json.md, without "may_fail"; a slot that holds a module's BTF
 * carries its name as "module". If libbpf fails, `error` is {"doing", "errno"}, the number
 * positive, and `steps` ends where it did. `log` holds its warnings and notices. Exit code 2 for
 * wrong usage or a machine that this cannot run on, with a line on standard error.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "arena_json.h"
#include "fake_kernel.h"
#include "step_json.h"
#include "target.h"

static struct step_writer writer = {.phase = "load"};
static FILE *log_stream;

static struct {
	const char *doing;
	int number;
} failure;

static void observe(const struct bpf_call *call)
{
	write_arena(&writer);
	write_step(&writer, call);
	watch_arena(call);
}

__attribute__((format(printf, 2, 0))) static int keep_log(enum libbpf_print_level level,
							  const char *format, va_list arguments)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(log_stream, format, arguments);
}

static bool fails(const char *doing, int error)
{
	if (!error)
		return false;
	failure.doing = doing;
	failure.number = error < 0 ? -error : error;
	return true;
}

static void load_and_attach(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_map *map;

	if (!object) {
		fails("open", errno);
		return;
	}
	if (fails("load", bpf_object__load(object)))
		return;
	writer.phase = "attach";
	bpf_object__for_each_map(map, object)
	{
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS || !bpf_map__autocreate(map))
			continue;
		/* The link is kept: what libbpf does at the end is no part of a plan. */
		if (!bpf_map__attach_struct_ops(map) && fails("attach", errno))
			return;
	}
}

static int wrong_usage(void)
{
	fputs("usage: libbpf_oracle --btf FILE --release R [--kconfig FILE] "
	      "[--module NAME=FILE]... OBJECT\n",
	      stderr);
	return 2;
}

static bool add_module(char *argument)
{
	char *equals = strchr(argument, '=');

	if (!equals)
		return false;
	*equals = 0;
	return fake_kernel_add_module(argument, equals + 1);
}

static bool read_arguments(int argc, char **argv)
{
	static const struct option options[] = {
		{"btf", required_argument, NULL, 'b'},
		{"release", required_argument, NULL, 'r'},
		{"kconfig", required_argument, NULL, 'k'},
		{"module", required_argument, NULL, 'm'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'b')
			target.btf = optarg;
		else if (option == 'r')
			target.release = optarg;
		else if (option == 'k')
			target.kconfig = optarg;
		else if (option != 'm' || !add_module(optarg))
			return false;
	}
	return target.btf && target.release && target_version() && optind == argc - 1;
}

static void print_end(const char *log, size_t log_size)
{
	fprintf(writer.out, "],\n \"probes\": %u,\n \"error\": ", fake_kernel.probes);
	if (failure.doing)
		fprintf(writer.out, "{\"doing\": \"%s\", \"errno\": %d}", failure.doing,
			failure.number);
	else
		fputs("null", writer.out);
	fputs(",\n \"log\": ", writer.out);
	write_text(writer.out, log, log_size);
	fputs("}\n", writer.out);
}

int main(int argc, char **argv)
{
	char *log = NULL;
	size_t log_size = 0;

	if (!read_arguments(argc, argv))
		return wrong_usage();
	if (!fake_kernel_start()) {
		fputs("libbpf_oracle: too few open files are allowed\n", stderr);
		return 2;
	}
	log_stream = open_memstream(&log, &log_size);
	if (!log_stream)
		return 2;
	libbpf_set_print(keep_log);
	fake_kernel.observe = observe;
	writer.out = stdout;
	printf("{\"libbpf\": \"%u.%u\", \"steps\": [", libbpf_major_version(),
	       libbpf_minor_version());
	load_and_attach(argv[optind]);
	write_arena(&writer);
	fflush(log_stream);
	print_end(log, log_size);
	return fflush(stdout) ? 2 : 0;
}

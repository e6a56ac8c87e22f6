#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include "arena_json.h"
#include "run_libbpf.h"
#include "settings.h"
#include "step_json.h"

#define LINKS_MAX 256

static struct step_writer writer = {.phase = "load"};
static FILE *log_stream;

static struct {
	const char *doing;
	int number;
} failure;

static struct bpf_link *links[LINKS_MAX];
static int link_count;

static void before(void)
{
	write_arena(&writer);
}

static void observe(const struct bpf_call *call)
{
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

static void attach(struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS || !bpf_map__autocreate(map))
			continue;
		if (link_count == LINKS_MAX)
			abort();
		links[link_count] = bpf_map__attach_struct_ops(map);
		if (!links[link_count] && fails("attach", errno))
			return;
		link_count++;
	}
}

static struct bpf_object *load_and_attach(const struct run_options *options)
{
	LIBBPF_OPTS(bpf_object_open_opts, open, .kconfig = kconfig_settings());
	struct bpf_object *object = bpf_object__open_file(options->path, &open);

	if (!object) {
		fails("open", errno);
		return NULL;
	}
	if (fails("set", set_before_load(object)) || fails("load", bpf_object__load(object)) ||
	    fails("set", set_after_load(object)))
		return object;
	writer.phase = "attach";
	attach(object);
	return object;
}

static void print_end(const char *log, size_t log_size)
{
	fprintf(writer.out, "],\n \"probes\": %u,\n \"error\": ", calls.probes);
	if (failure.doing)
		fprintf(writer.out, "{\"doing\": \"%s\", \"errno\": %d}", failure.doing,
			failure.number);
	else
		fputs("null", writer.out);
	fputs(",\n \"log\": ", writer.out);
	write_text(writer.out, log, log_size);
	fputs("}\n", writer.out);
}

/* The newest first. */
static void let_go(struct bpf_object *object)
{
	while (link_count > 0)
		bpf_link__destroy(links[--link_count]);
	bpf_object__close(object);
}

bool run_libbpf(const struct run_options *options)
{
	struct bpf_object *object;
	char *log = NULL;
	size_t log_size = 0;

	log_stream = open_memstream(&log, &log_size);
	if (!log_stream)
		return false;
	libbpf_set_print(keep_log);
	calls.before = before;
	calls.observe = observe;
	writer.out = stdout;
	printf("{\"libbpf\": \"%u.%u\", \"steps\": [", libbpf_major_version(),
	       libbpf_minor_version());
	object = load_and_attach(options);
	write_arena(&writer);
	calls.before = NULL;
	calls.observe = NULL;
	fflush(log_stream);
	print_end(log, log_size);
	if (options->detach)
		let_go(object);
	return fflush(stdout) == 0;
}

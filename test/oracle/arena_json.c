#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include "arena_json.h"

/* The size of its record in docs/plan-format.md. */
#define ARENA_MAP_SIZE 32
#define CHUNK 4096

static struct {
	int fd; /* of its memory */
	int slot;
	char name[BPF_OBJ_NAME_LEN + 1];
} arena = {.fd = -1};

struct range {
	off_t start, end;
};

void watch_arena(const struct bpf_call *call)
{
	if (!call->made || call->made->map_type != BPF_MAP_TYPE_ARENA)
		return;
	/* libbpf closes the one that it gets. */
	arena.fd = fcntl(call->result, F_DUPFD_CLOEXEC, 0);
	if (arena.fd < 0)
		abort();
	arena.slot = call->made->slot;
	snprintf(arena.name, sizeof(arena.name), "%s", call->made->name);
}

/* The part of a file between its holes, which may be gigabytes, with no zero at either end. */
static struct range written_range(int fd)
{
	struct range range = {0, 0};
	uint8_t bytes[CHUNK];
	ssize_t size;

	for (off_t at = lseek(fd, 0, SEEK_DATA); at >= 0; at = lseek(fd, at + size, SEEK_DATA)) {
		size = pread(fd, bytes, sizeof(bytes), at);
		if (size <= 0)
			abort();
		for (ssize_t i = 0; i < size; i++) {
			if (bytes[i] == 0)
				continue;
			if (range.end == 0)
				range.start = at + i;
			range.end = at + i + 1;
		}
	}
	return range;
}

void write_arena(struct step_writer *writer)
{
	struct range range;
	size_t size;
	uint8_t *bytes;

	if (arena.fd < 0)
		return;
	range = written_range(arena.fd);
	size = range.end - range.start;
	bytes = malloc(size + 1);
	if (!bytes || pread(arena.fd, bytes, size, range.start) != (ssize_t)size)
		abort();
	begin_step(writer, "STRUCTOPS_ARENA_MAP", arena.name);
	fprintf(writer->out, ", \"slot\": null,\n  \"attr\": {\"offset\": %jd, \"data_size\": %zu}",
		(intmax_t)range.start, size);
	fprintf(writer->out,
		", \"attr_size\": %d, \"attr_hex\": \"\", \"blobs\": {\"data\": ", ARENA_MAP_SIZE);
	write_hex(writer->out, bytes, size);
	fprintf(writer->out,
		"},\n  \"patches\": [{\"in\": \"attr\", \"field\": \"map_fd\", \"offset\": 0, "
		"\"width\": 4, \"put\": \"slot\", \"slot\": %d}]}",
		arena.slot);
	writer->step_count++;
	free(bytes);
	close(arena.fd);
	arena.fd = -1;
}

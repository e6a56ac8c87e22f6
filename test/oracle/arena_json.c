#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "arena_json.h"

/* The size of its record in docs/plan-format.md. */
#define ARENA_MAP_SIZE 32

static struct {
	int fd;
	int slot;
	char name[OBJECT_NAME_SIZE];
} arena = {.fd = -1};

/* The part of an arena with no zero at either end; the arena may have gigabytes. */
struct data {
	uint8_t *bytes;
	size_t size;
	off_t start;
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

static void add_page(struct data *data, off_t offset, const uint8_t page[ARENA_PAGE])
{
	size_t old_size = data->size;

	if (!data->bytes)
		data->start = offset;
	data->size = offset - data->start + ARENA_PAGE;
	data->bytes = realloc(data->bytes, data->size);
	if (!data->bytes)
		abort();
	memset(data->bytes + old_size, 0, data->size - old_size);
	memcpy(data->bytes + data->size - ARENA_PAGE, page, ARENA_PAGE);
}

static struct data read_arena(int fd)
{
	const struct object *object = object_of_fd(fd);
	struct data data = {0};
	uint8_t page[ARENA_PAGE];
	off_t at = 0;
	size_t zeros = 0;

	for (;; at += ARENA_PAGE) {
		at = next_written_page(fd, object, at, page);
		if (at < 0)
			break;
		add_page(&data, at, page);
	}
	while (data.size && data.bytes[data.size - 1] == 0)
		data.size--;
	while (zeros < data.size && data.bytes[zeros] == 0)
		zeros++;
	if (zeros)
		memmove(data.bytes, data.bytes + zeros, data.size - zeros);
	data.size -= zeros;
	data.start = data.size ? data.start + (off_t)zeros : 0;
	return data;
}

void write_arena(struct step_writer *writer)
{
	struct data data;

	if (arena.fd < 0)
		return;
	data = read_arena(arena.fd);
	begin_step(writer, "STRUCTOPS_ARENA_MAP", arena.name);
	fprintf(writer->out, ", \"slot\": null,\n  \"attr\": {\"offset\": %jd, \"data_size\": %zu}",
		(intmax_t)data.start, data.size);
	fprintf(writer->out,
		", \"attr_size\": %d, \"attr_hex\": \"\", \"blobs\": {\"data\": ", ARENA_MAP_SIZE);
	write_hex(writer->out, data.bytes, data.size);
	fprintf(writer->out,
		"},\n  \"patches\": [{\"in\": \"attr\", \"field\": \"map_fd\", \"offset\": 0, "
		"\"width\": 4, \"put\": \"slot\", \"slot\": %d}]}",
		arena.slot);
	writer->step_count++;
	free(data.bytes);
	close(arena.fd);
	arena.fd = -1;
}

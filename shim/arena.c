#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "arena.h"
#include "sys_bpf.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/*
 * Makes the kernel give pages to the arena. When it has none, or the arena was made with
 * BPF_F_SEGV_ON_FAULT, this fails; writing to them first would be a signal that ends us.
 */
static int populate(uint8_t *from, uint64_t size)
{
	uint64_t before = (uintptr_t)from % (uint64_t)sysconf(_SC_PAGESIZE);

	return madvise(from - before, size + before, MADV_POPULATE_WRITE) != 0 ? -errno : 0;
}

int arena_map(const struct plan *plan, const struct plan_step *step, struct holding *holding)
{
	const struct plan_step *map = map_of(plan, step);
	struct held *held = &holding->slots[map->slot];
	uint64_t offset = attr_u64(plan, step, ARENA_OFFSET_AT);
	uint64_t size = attr_u32(plan, step, ARENA_DATA_SIZE_AT);
	const void *data = (const void *)(uintptr_t)attr_u64(plan, step, ARENA_DATA_AT);
	int error;

	held->arena_size = arena_size(plan, map);
	error = sys_arena_map(held->fd, attr_u64(plan, map, MAP_EXTRA_AT), held->arena_size,
			      &held->arena);
	if (error < 0 || size == 0)
		return error;
	error = populate((uint8_t *)held->arena + offset, size);
	if (error == 0)
		memcpy((uint8_t *)held->arena + offset, data, size);
	return error;
}

void arena_unmap(struct held *held)
{
	if (held->arena != NULL)
		munmap(held->arena, held->arena_size);
	held->arena = NULL;
}

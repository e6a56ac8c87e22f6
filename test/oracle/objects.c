#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include "objects.h"

#define PROGS_MAX 4096
#define FDS_MAX 0x8000

static rlim_t prog_fd_min, prog_fd_end;
static struct object *objects;
static size_t object_count, object_room;

struct object *keep_object(const struct object *like)
{
	struct object *kept;

	if (object_count == object_room) {
		object_room = object_room ? 2 * object_room : 64;
		objects = realloc(objects, object_room * sizeof(*objects));
		if (!objects)
			abort();
	}
	kept = &objects[object_count++];
	*kept = *like;
	kept->slot = -1;
	return kept;
}

/* The newest first: the inode of a closed file may come again. */
struct object *find_object(int kind, uint64_t identity)
{
	for (size_t i = object_count; i > 0; i--) {
		struct object *object = &objects[i - 1];

		if (object->identity == identity && (kind < 0 || kind == (int)object->kind))
			return object;
	}
	return NULL;
}

bool reserve_prog_fds(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_max < 2 * PROGS_MAX)
		return false;
	prog_fd_end = limit.rlim_max < FDS_MAX ? limit.rlim_max : FDS_MAX;
	prog_fd_min = prog_fd_end - PROGS_MAX;
	limit.rlim_cur = prog_fd_end;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

int move_prog_fd(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, (int)prog_fd_min);

	close(fd);
	return high;
}

struct object *prog_of_number(__u64 number)
{
	struct object *object;

	if (number < prog_fd_min || number >= prog_fd_end)
		return NULL;
	object = object_of_fd(number);
	return object && object->kind == OBJECT_PROG ? object : NULL;
}

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fake_objects.h"

#define PROGS_MAX 4096
#define FDS_MAX 0x8000

static rlim_t prog_fd_min, prog_fd_end;
static struct object *objects;
static size_t object_count, object_room;

bool fake_objects_start(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_max < 2 * PROGS_MAX)
		return false;
	prog_fd_end = limit.rlim_max < FDS_MAX ? limit.rlim_max : FDS_MAX;
	prog_fd_min = prog_fd_end - PROGS_MAX;
	limit.rlim_cur = prog_fd_end;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

struct object *object_of_fd(int fd)
{
	struct stat status;

	if (fstat(fd, &status))
		return NULL;
	/* The newest first: the inode of a closed one may come again. */
	for (size_t i = object_count; i > 0; i--) {
		if (objects[i - 1].inode == status.st_ino)
			return &objects[i - 1];
	}
	return NULL;
}

struct object *prog_of_number(__u64 number)
{
	struct object *object;

	if (number < prog_fd_min || number >= prog_fd_end)
		return NULL;
	object = object_of_fd(number);
	return object && object->kind == OBJECT_PROG ? object : NULL;
}

/* An fd of a new memory file with `size` bytes, which libbpf may map. */
static int memory_fd(enum object_kind kind, size_t size)
{
	int fd = memfd_create("fake", MFD_CLOEXEC);
	int high;

	if (fd < 0 || (size && ftruncate(fd, size)))
		return -1;
	if (kind != OBJECT_PROG)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, (int)prog_fd_min);
	close(fd);
	return high;
}

int make_object(struct object like, const char *name, size_t size, struct object **made)
{
	int fd = memory_fd(like.kind, size);
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		return -1;
	if (object_count == object_room) {
		object_room = object_room ? 2 * object_room : 64;
		objects = realloc(objects, object_room * sizeof(*objects));
		if (!objects)
			abort();
	}
	like.inode = status.st_ino;
	like.slot = -1;
	memcpy(like.name, name, strnlen(name, BPF_OBJ_NAME_LEN));
	objects[object_count] = like;
	*made = &objects[object_count++];
	return fd;
}

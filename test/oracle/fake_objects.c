#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fake_objects.h"

struct object *object_of_fd(int fd)
{
	struct stat status;

	return fstat(fd, &status) ? NULL : find_object(-1, status.st_ino);
}

/* An fd of a new memory file with `size` bytes, which libbpf may map. */
static int memory_fd(enum object_kind kind, size_t size)
{
	int fd = memfd_create("fake", MFD_CLOEXEC);

	if (fd < 0 || (size && ftruncate(fd, size)))
		return -1;
	return kind == OBJECT_PROG ? move_prog_fd(fd) : fd;
}

int make_object(struct object like, const char *name, size_t size, struct object **made)
{
	int fd = memory_fd(like.kind, size);
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		return -1;
	like.identity = status.st_ino;
	memcpy(like.name, name, strnlen(name, BPF_OBJ_NAME_LEN));
	*made = keep_object(&like);
	return fd;
}

off_t next_written_page(int fd, const struct object *arena, off_t at, uint8_t page[ARENA_PAGE])
{
	off_t data = lseek(fd, at, SEEK_DATA);

	(void)arena;
	if (data < 0)
		return -1;
	data -= data % ARENA_PAGE;
	memset(page, 0, ARENA_PAGE);
	return pread(fd, page, ARENA_PAGE, data) <= 0 ? -1 : data;
}

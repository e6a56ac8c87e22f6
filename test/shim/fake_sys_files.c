#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "../../shim/sys_files.h"

/* In place of shim/sys_files.c: the same paths, below a directory of the tests. */
int sys_open(const char *path)
{
	const char *root = getenv("FAKE_ROOT");
	char below[4096];
	int fd;

	snprintf(below, sizeof(below), "%s%s", root != NULL ? root : FAKE_ROOT, path);
	fd = open(below, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* As kernels before 6.16, which map none of them; FAKE_MAPPED: as those since. */
uint8_t *sys_map(int fd, size_t *size)
{
	struct stat status;
	void *bytes;

	if (getenv("FAKE_MAPPED") == NULL || fstat(fd, &status) != 0)
		return NULL;
	*size = (size_t)status.st_size;
	bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	return bytes != MAP_FAILED ? bytes : NULL;
}

int __real_munmap(void *memory, size_t size);

void sys_unmap(uint8_t *bytes, size_t size)
{
	__real_munmap(bytes, size);
}

/* Pins of the tests are files of a directory of theirs, see fake_sys_bpf.c. */
bool sys_is_bpffs(int directory)
{
	(void)directory;
	return getenv("FAKE_NO_BPFFS") == NULL;
}

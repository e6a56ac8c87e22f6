#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include "sys_files.h"

int sys_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

uint8_t *sys_map(int fd, size_t *size)
{
	struct stat status;
	void *bytes;

	if (fstat(fd, &status) != 0 || status.st_size <= 0)
		return NULL;
	*size = (size_t)status.st_size;
	bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	return bytes != MAP_FAILED ? bytes : NULL;
}

void sys_unmap(uint8_t *bytes, size_t size)
{
	munmap(bytes, size);
}

bool sys_is_bpffs(int directory)
{
	struct statfs status;

	return fstatfs(directory, &status) == 0 && status.f_type == BPF_FS_MAGIC;
}

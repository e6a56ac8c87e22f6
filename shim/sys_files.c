#include <errno.h>
#include <fcntl.h>
#include "sys_files.h"

int sys_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

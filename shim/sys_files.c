#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include "sys_files.h"

int sys_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

bool sys_is_bpffs(int directory)
{
	struct statfs status;

	return fstatfs(directory, &status) == 0 && status.f_type == BPF_FS_MAGIC;
}

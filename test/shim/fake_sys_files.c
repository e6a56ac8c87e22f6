#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Pins of the tests are files of a directory of theirs, see fake_sys_bpf.c. */
bool sys_is_bpffs(int directory)
{
	(void)directory;
	return getenv("FAKE_NO_BPFFS") == NULL;
}

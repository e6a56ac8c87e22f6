/*
 * with_file_capabilities NUMBERS FILE [ARGUMENT...]
 *
 * Gives a program these capabilities (38,39), as setcap(8) does by NUMBERS=ep, and runs it as the
 * user nobody, who has none. FILE lies in a file system that keeps them, such as a tmpfs.
 */
#define _GNU_SOURCE
#include <grp.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NOBODY 65534

int main(int argc, char **argv)
{
	struct vfs_cap_data data = {.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE};
	char *number;

	if (argc < 3) {
		fprintf(stderr, "usage: with_file_capabilities NUMBERS FILE [ARGUMENT...]\n");
		return 2;
	}
	for (number = argv[1]; *number != '\0'; number += *number == ',') {
		unsigned long bit = strtoul(number, &number, 10);

		data.data[bit / 32].permitted |= UINT32_C(1) << bit % 32;
	}
	if (setxattr(argv[2], "security.capability", &data, XATTR_CAPS_SZ_2, 0) != 0 ||
	    setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) != 0) {
		perror(argv[2]);
		return 1;
	}
	execv(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}

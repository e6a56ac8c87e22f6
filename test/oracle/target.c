#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/version.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "target.h"

struct target target;

unsigned int target_version(void)
{
	unsigned int major, minor;

	if (sscanf(target.release, "%u.%u", &major, &minor) != 2)
		return 0;
	return KERNEL_VERSION(major, minor, 0);
}

static bool begins_with(const char *path, const char *prefix)
{
	return strncmp(path, prefix, strlen(prefix)) == 0;
}

static const struct {
	const char *path, *text;
} small_files[] = {
	{"/sys/devices/system/cpu/possible", "0-12\n"},
	{"/sys/bus/event_source/devices/kprobe/type", "8\n"},
	{"/proc/kallsyms", "ffffffff81000000 T _text\n"
			   "ffffffff81abc123 D a_symbol_of_the_kernel\n"},
};

/* The path of a new file with that text, which stays open. */
static const char *small_file(const char *text)
{
	static char path[64];
	int fd = memfd_create("small", MFD_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

/* The file that stands for `path` in the target; NULL with errno set if it has none. */
static const char *file_of(const char *path)
{
	if (!strcmp(path, "/sys/kernel/btf/vmlinux"))
		return target.btf;
	if (target.kconfig && !strcmp(path, "/proc/config.gz"))
		return target.kconfig;
	for (size_t i = 0; i < sizeof(small_files) / sizeof(small_files[0]); i++) {
		if (!strcmp(path, small_files[i].path))
			return small_file(small_files[i].text);
	}
	if (begins_with(path, "/sys/") || begins_with(path, "/proc/") ||
	    begins_with(path, "/boot/")) {
		errno = ENOENT;
		return NULL;
	}
	return path;
}

int __real_open64(const char *path, int flags, mode_t mode);
int __wrap_open64(const char *path, int flags, ...);
FILE *__real_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode);
int __real_faccessat(int directory, const char *path, int mode, int flags);
int __wrap_faccessat(int directory, const char *path, int mode, int flags);
void *__real_gzopen64(const char *path, const char *mode);
void *__wrap_gzopen64(const char *path, const char *mode);
int __wrap_uname(struct utsname *name);

int __wrap_open64(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode = 0;

	if (flags & O_CREAT) {
		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
	}
	path = file_of(path);
	return path ? __real_open64(path, flags, mode) : -1;
}

FILE *__wrap_fopen64(const char *path, const char *mode)
{
	path = file_of(path);
	return path ? __real_fopen64(path, mode) : NULL;
}

int __wrap_faccessat(int directory, const char *path, int mode, int flags)
{
	path = file_of(path);
	return path ? __real_faccessat(directory, path, mode, flags) : -1;
}

void *__wrap_gzopen64(const char *path, const char *mode)
{
	path = file_of(path);
	return path ? __real_gzopen64(path, mode) : NULL;
}

/* Without the "Debian 6.1.176-1" that libbpf would prefer in `version`: release is all we know. */
int __wrap_uname(struct utsname *name)
{
	memset(name, 0, sizeof(*name));
	snprintf(name->sysname, sizeof(name->sysname), "Linux");
	snprintf(name->release, sizeof(name->release), "%s", target.release);
	snprintf(name->machine, sizeof(name->machine), "x86_64");
	return 0;
}

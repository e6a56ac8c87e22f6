#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "pins.h"
#include "plan.h"
#include "sys_bpf.h"
#include "sys_files.h"

#define ATTR_SIZE 20
/* Deeper than that nobody pins. */
#define DEPTH_MAX 16

static int root = -1;

static int open_directory(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int pins_open_root(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (!sys_is_bpffs(fd)) {
		close(fd);
		return -EMEDIUMTYPE;
	}
	root = fd;
	return 0;
}

bool pins_have_root(void)
{
	return root >= 0;
}

/*
 * Makes the directory of the path the working directory, so that the kernel looks up nothing but
 * the last name: symbolic links on the way are not followed. *last: that name. *made, if not NULL:
 * missing directories are made, and counted.
 */
static int enter(const char *path, const char **last, uint16_t *made)
{
	int at = root, error = 0;
	const char *slash;

	if (root < 0)
		return -ENOENT;
	while (error == 0 && (slash = strchr(path, '/')) != NULL) {
		char name[PLAN_PATH_SIZE_MAX + 1] = "";
		int next;

		memcpy(name, path, (size_t)(slash - path));
		if (made != NULL && mkdirat(at, name, S_IRWXU) == 0)
			++*made;
		next = open_directory(at, name);
		if (at != root)
			close(at);
		at = next;
		error = next < 0 ? next : 0;
		path = slash + 1;
	}
	if (error == 0 && fchdir(at) != 0)
		error = -errno;
	if (at != root && at >= 0)
		close(at);
	*last = path;
	return error;
}

/* The deepest `count` directories of the path that there are: those that were made for its pin. */
static void remove_directories(const char *path, uint16_t count)
{
	char rest[PLAN_PATH_SIZE_MAX + 1] = "";
	const char *last;
	char *slash;

	memcpy(rest, path, strnlen(path, PLAN_PATH_SIZE_MAX));
	while (count > 0 && (slash = strrchr(rest, '/')) != NULL) {
		*slash = '\0';
		if (enter(rest, &last, NULL) == 0 && unlinkat(AT_FDCWD, last, AT_REMOVEDIR) == 0)
			count--;
	}
}

/* BPF_OBJ_PIN or BPF_OBJ_GET, in the working directory. */
static int call(uint32_t cmd, const char *name, int fd)
{
	union bpf_attr attr = {.pathname = (uintptr_t)name, .bpf_fd = (uint32_t)fd};

	return sys_bpf(cmd, &attr, ATTR_SIZE);
}

int pins_add(const char *path, int fd, uint16_t *directories)
{
	const char *last;
	int error;

	*directories = 0;
	error = enter(path, &last, directories);
	if (error == 0)
		error = call(BPF_OBJ_PIN, last, fd);
	if (error < 0) {
		remove_directories(path, *directories);
		*directories = 0;
	}
	return error;
}

int pins_get(const char *path)
{
	struct stat status;
	const char *last;
	int error = enter(path, &last, NULL);

	if (error < 0)
		return error;
	/* A link would lead to some other place. */
	if (fstatat(AT_FDCWD, last, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return -errno;
	return S_ISREG(status.st_mode) ? call(BPF_OBJ_GET, last, 0) : -ELOOP;
}

int pins_remove(const char *path, uint16_t directories)
{
	const char *last;
	int error = enter(path, &last, NULL);

	if (error == 0 && unlinkat(AT_FDCWD, last, 0) != 0)
		error = -errno;
	remove_directories(path, directories);
	return error;
}

static bool walk(const char *path, uint32_t depth, void (*visit)(const char *path, int fd));

static bool walk_entry(const char *path, uint32_t depth, const struct dirent *entry,
		       void (*visit)(const char *path, int fd))
{
	char below[PLAN_PATH_SIZE_MAX + 1];
	const char *slash = *path == '\0' ? "" : "/";
	int size = snprintf(below, sizeof(below), "%s%s%s", path, slash, entry->d_name), fd;

	if (*entry->d_name == '.')
		return true;
	if (size < 0 || (size_t)size >= sizeof(below))
		return false;
	if (entry->d_type == DT_DIR)
		return depth < DEPTH_MAX && walk(below, depth + 1, visit);
	if (entry->d_type != DT_REG)
		return true;
	fd = pins_get(below);
	if (fd < 0)
		return fd == -ENOENT; /* gone since */
	visit(below, fd);
	close(fd);
	return true;
}

/* Everything below `path`, which is empty for the root. Whether nothing was passed over. */
static bool walk(const char *path, uint32_t depth, void (*visit)(const char *path, int fd))
{
	const char *last = "";
	int at = *path == '\0' ? open_directory(root, ".") : enter(path, &last, NULL);
	DIR *directory;
	struct dirent *entry;
	bool all = true;

	if (at == 0)
		at = open_directory(AT_FDCWD, last);
	if (at < 0)
		return at == -ENOENT;
	directory = fdopendir(at);
	if (directory == NULL) {
		close(at);
		return false;
	}
	while ((entry = readdir(directory)) != NULL)
		all = walk_entry(path, depth, entry, visit) && all;
	closedir(directory);
	return all;
}

bool pins_walk(void (*visit)(const char *path, int fd))
{
	return root < 0 || walk("", 0, visit);
}

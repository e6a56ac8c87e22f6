#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../shim/permit.h"
#include "fake_objects.h"

#define OBJECTS_MAX 8192

static struct object objects[OBJECTS_MAX];
static uint32_t object_count;
/* By fd: index of its object plus one, or 0: closed. */
static uint32_t fds[OBJECTS_MAX];
static uint32_t fd_count;
struct fake_state fake_now;

void broken(const char *promise)
{
	fprintf(stderr, "fake kernel: broken promise: %s\n", promise);
	abort();
}

void objects_reset(void)
{
	object_count = fd_count = 0;
	fake_now = (struct fake_state){0};
}

int object_open(struct object *object)
{
	if (fd_count == OBJECTS_MAX)
		return -EMFILE;
	object_refer(object);
	fds[fd_count] = object_id(object);
	fake_now.open_fds++;
	return FIRST_FD + (int)fd_count++;
}

int object_new(struct object object)
{
	if (object_count == OBJECTS_MAX)
		return -EMFILE;
	objects[object_count] = object;
	return object_open(&objects[object_count++]);
}

struct object *object_any(uint32_t fd)
{
	if (fd < FIRST_FD || fd - FIRST_FD >= fd_count || fds[fd - FIRST_FD] == 0)
		return NULL;
	return &objects[fds[fd - FIRST_FD] - 1];
}

struct object *object_of(uint32_t fd, enum kind kind)
{
	struct object *object = object_any(fd);

	return object != NULL && object->kind == kind ? object : NULL;
}

uint32_t object_id(const struct object *object)
{
	return (uint32_t)(object - objects) + 1;
}

struct object *object_by_id(uint32_t id, enum kind kind)
{
	return id != 0 && id <= object_count && objects[id - 1].kind == kind ? &objects[id - 1]
									     : NULL;
}

uint32_t object_next_id(uint32_t id, enum kind kind)
{
	while (id < object_count && objects[id].kind != kind)
		id++;
	return id < object_count ? id + 1 : 0;
}

struct object *object_with_arena(const void *memory)
{
	for (uint32_t i = 0; i < object_count; i++) {
		if (objects[i].kind == MAP && objects[i].arena == memory)
			return &objects[i];
	}
	return NULL;
}

void object_refer(struct object *object)
{
	object->references++;
}

void link_drop(struct object *link)
{
	struct object *map = link->map;

	if (map == NULL)
		return;
	link->map = NULL;
	map->registered = false;
	fake_now.registered--;
	object_forget(map);
}

void object_forget(struct object *object)
{
	if (--object->references > 0)
		return;
	if (object->kind == LINK)
		link_drop(object);
	object->kind = GONE;
}

int __real_close(int fd);
int __wrap_close(int fd);

int __wrap_close(int fd)
{
	struct object *object;

	if (fd < FIRST_FD)
		return __real_close(fd);
	object = object_any((uint32_t)fd);
	if (object == NULL)
		broken("an fd is closed once");
	fds[fd - FIRST_FD] = 0;
	fake_now.open_fds--;
	object_forget(object);
	fake_record("close %d\n", fd);
	return 0;
}

int pin_make(const char *name, uint32_t fd)
{
	struct object *object = object_any(fd);
	int file = open(name, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);

	if (file < 0)
		return -errno;
	if (strchr(name, '/') != NULL || object == NULL)
		broken("an object is pinned in the working directory");
	dprintf(file, "%u\n", object_id(object));
	__real_close(file);
	object_refer(object);
	fake_now.pins++;
	return 0;
}

/* What a file of the directory `at` pins, or NULL. */
static struct object *pinned_at(int at, const char *name)
{
	int file = openat(at, name, O_RDONLY);
	char text[16] = "";
	uint32_t id = 0;

	if (file < 0)
		return NULL;
	if (read(file, text, sizeof(text) - 1) > 0)
		id = (uint32_t)atoi(text);
	__real_close(file);
	return id != 0 && id <= object_count ? &objects[id - 1] : NULL;
}

int pin_open(const char *name)
{
	struct object *object = pinned_at(AT_FDCWD, name);

	if (strchr(name, '/') != NULL)
		broken("an object is looked up in the working directory");
	return object != NULL ? object_open(object) : -ENOENT;
}

int __real_unlinkat(int at, const char *name, int flags);
int __wrap_close_range(unsigned int first, unsigned int last, int flags);

/* The file that is recorded to is open already; source.test.ts has what this does. */
int __wrap_close_range(unsigned int first, unsigned int last, int flags)
{
	(void)first, (void)last, (void)flags;
	errno = ENOSYS;
	return getenv("FAKE_NO_CLOSE_RANGE") == NULL ? 0 : -1;
}

int __wrap_unlinkat(int at, const char *name, int flags);

int __wrap_unlinkat(int at, const char *name, int flags)
{
	struct object *object = flags == 0 ? pinned_at(at, name) : NULL;
	int error = __real_unlinkat(at, name, flags);

	if (error != 0 || object == NULL)
		return error;
	fake_now.pins--;
	object_forget(object);
	return 0;
}

uint32_t fake_registrations(char *text, uint32_t size)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < object_count && used < size; i++) {
		if (objects[i].kind == MAP && objects[i].registered)
			used += (uint32_t)snprintf(text + used, size - used, "map %u ", i + 1);
	}
	return used;
}

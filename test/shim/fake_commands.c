#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../shim/permit.h"
#include "fake_objects.h"

/* Of every struct_ops value of the tests. */
#define VALUE_TYPE 77
#define VALUE_SIZE 40

static int put_in_force(struct object *map)
{
	char text[256];

	if (map->registered)
		return -EEXIST;
	if (is_exclusive() && fake_registrations(text, sizeof(text)) != 0)
		return -EBUSY;
	map->registered = true;
	fake_now.registered++;
	object_refer(map);
	return 0;
}

int fake_link_create(uint32_t map_fd)
{
	struct object *map = object_of(map_fd, MAP);
	int error;

	if (map == NULL || map->type != BPF_MAP_TYPE_STRUCT_OPS ||
	    (map->flags & MAP_FLAG_LINK) == 0 || !map->written)
		return -EINVAL;
	error = put_in_force(map);
	return error != 0 ? error : object_new((struct object){.kind = LINK, .map = map});
}

/* As of bpf_struct_ops_map_link_update(), and of what a congestion control makes of it. */
int fake_link_update(const union bpf_attr *attr)
{
	struct object *link = object_of(attr->link_update.link_fd, LINK);
	struct object *map = object_of(attr->link_update.new_prog_fd, MAP);
	struct object *old = object_of(attr->link_update.old_prog_fd, MAP);
	bool replace = attr->link_update.flags == LINK_FLAG_REPLACE;

	if (link == NULL || (attr->link_update.flags != 0 && !replace))
		return -EINVAL;
	if (!replace && attr->link_update.old_prog_fd != 0)
		return -EINVAL;
	if (map == NULL)
		return -EBADF;
	if (link->map == NULL)
		return -ENOLINK;
	if (map == link->map)
		broken("a link is not updated to the map that it has");
	if (replace && old != link->map)
		return -EPERM;
	if ((map->flags & MAP_FLAG_LINK) == 0 || !map->written || map->registered)
		return -EINVAL;
	link_drop(link);
	link->map = map;
	map->registered = true;
	fake_now.registered++;
	object_refer(map);
	return 0;
}

int fake_link_detach(uint32_t link_fd)
{
	struct object *link = object_of(link_fd, LINK);

	if (link == NULL)
		return -EINVAL;
	link_drop(link);
	return 0;
}

int fake_next_id(union bpf_attr *attr, enum kind kind)
{
	attr->next_id = object_next_id(attr->start_id, kind);
	return attr->next_id != 0 ? 0 : -ENOENT;
}

int fake_by_id(uint32_t id, enum kind kind)
{
	struct object *object = object_by_id(id, kind);

	return object != NULL ? object_open(object) : -ENOENT;
}

int fake_lookup(const union bpf_attr *attr)
{
	const struct object *map = object_of(attr->map_fd, MAP);
	uint32_t *value = (uint32_t *)(uintptr_t)attr->value;

	if (map == NULL)
		return -EBADF;
	memset(value, 0x5a, map->value_size);
	value[0] = map->registered;
	value[1] = map->registered ? 1 : map->written ? 3 : 0;
	return 0;
}

void fake_info(const struct object *object, uint32_t *words)
{
	words[1] = object_id(object);
	if (object->kind == LINK) {
		words[0] = LINK_TYPE_STRUCT_OPS;
		words[4] = object->map != NULL ? object_id(object->map) : 0;
		return;
	}
	words[0] = object->type;
	memcpy(&words[object->kind == MAP ? 6 : 16], object->name, sizeof(object->name));
	if (object->kind == PROG) {
		words[4] = 100;
		words[10] = 4000;
		return;
	}
	words[2] = object->key_size;
	words[3] = object->value_size;
	words[4] = object->max_entries;
	words[5] = object->flags;
	words[11] = object->type == BPF_MAP_TYPE_STRUCT_OPS ? VALUE_TYPE : 0;
	memcpy(&words[20], &object->map_extra, sizeof(object->map_extra));
}

static struct object struct_ops(uint32_t flags)
{
	return (struct object){.kind = MAP,
			       .type = BPF_MAP_TYPE_STRUCT_OPS,
			       .key_size = 4,
			       .value_size = VALUE_SIZE,
			       .flags = flags,
			       .max_entries = 1,
			       .name = "theirs",
			       .written = true};
}

/* Pins an object at "NAME" or "DIRECTORY/NAME". */
static bool pin(const char *path, int fd)
{
	char directory[64] = "";
	const char *name = strchr(path, '/');
	bool done;

	if (name == NULL)
		return pin_make(path, (uint32_t)fd) == 0;
	memcpy(directory, path, (size_t)(name - path));
	if ((mkdir(directory, S_IRWXU) != 0 && errno != EEXIST) || chdir(directory) != 0)
		return false;
	done = pin_make(name + 1, (uint32_t)fd) == 0;
	return chdir("..") == 0 && done;
}

/* The fd of what the word means: it is never closed. */
static int make(const char *word, int last)
{
	const struct object data = {.kind = MAP,
				    .type = BPF_MAP_TYPE_HASH,
				    .key_size = 4,
				    .value_size = 8,
				    .max_entries = 16};

	if (strncmp(word, "pin:", 4) == 0)
		return pin(word + 4, last) ? last : -1;
	if (strcmp(word, "link") == 0)
		return fake_link_create((uint32_t)object_new(struct_ops(MAP_FLAG_LINK)));
	if (strcmp(word, "data") == 0)
		return object_new(data);
	if (strcmp(word, "program") == 0)
		return object_new((struct object){.kind = PROG, .type = PROG_TYPE_STRUCT_OPS});
	if (strcmp(word, "legacy") != 0)
		return -1;
	last = object_new(struct_ops(0));
	return put_in_force(object_of((uint32_t)last, MAP)) == 0 ? last : -1;
}

void fake_make(const char *words)
{
	char word[64];
	int used, last = -1;

	while (sscanf(words, " %63s%n", word, &used) == 1) {
		last = make(word, last);
		if (last < 0)
			broken("a world can be made of these words");
		words += used;
	}
	/* Those are not fds of the executor, and not calls of it. */
	fake_now.open_fds = fake_now.pins = 0;
}

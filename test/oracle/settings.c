#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernel_settings.h"
#include "set_value.h"
#include "settings.h"

#define TEXT_MAX (1 << 16)
#define NAME_SIZE 256

/* The lines, each ended by a NUL, and those of the kernel's configuration as they are. */
static char lines[TEXT_MAX], kconfig[TEXT_MAX];
static size_t lines_size;

bool read_settings(const char *path)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char line[TEXT_MAX];

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		size_t size = strlen(line);

		if (!strncmp(line, "CONFIG_", strlen("CONFIG_")))
			strcat(kconfig, line);
		if (lines_size + size + 1 > sizeof(lines) || line[size - 1] != '\n')
			return false;
		line[size - 1] = 0;
		memcpy(lines + lines_size, line, size);
		lines_size += size;
	}
	return fclose(file) == 0;
}

const char *kconfig_settings(void)
{
	return *kconfig ? kconfig : NULL;
}

/* Of `KIND.REST` or `KIND=REST` the rest, or NULL. */
static const char *after(const char *text, const char *kind)
{
	size_t length = strlen(kind);

	return strncmp(text, kind, length) ? NULL : text + length;
}

static const struct btf_var_secinfo *find_variable(const struct btf *btf, const struct bpf_map *map,
						   const char *name)
{
	const struct btf_type *section = btf__type_by_id(btf, bpf_map__btf_value_type_id(map));

	for (int i = 0; section && btf_is_datasec(section) && i < btf_vlen(section); i++) {
		const struct btf_var_secinfo *info = btf_var_secinfos(section) + i;
		const struct btf_type *var = btf__type_by_id(btf, info->type);

		if (!strcmp(btf__name_by_offset(btf, var->name_off), name))
			return info;
	}
	return NULL;
}

/* The data section's map that has a global variable. */
static struct bpf_map *map_of_variable(struct bpf_object *object, const char *name,
				       const struct btf_var_secinfo **info)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		if (!bpf_map__is_internal(map))
			continue;
		*info = find_variable(bpf_object__btf(object), map, name);
		if (*info)
			return map;
	}
	return NULL;
}

static int set_global(struct bpf_object *object, const char *name, const char *value)
{
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_var_secinfo *info;
	struct bpf_map *map = map_of_variable(object, name, &info);
	size_t size;
	char *data = map ? (char *)bpf_map__initial_value(map, &size) : NULL;

	if (!data || info->offset + info->size > size)
		return -EINVAL;
	return write_value(btf, btf__type_by_id(btf, info->type)->type, value, data + info->offset);
}

static int set_member(struct bpf_object *object, struct bpf_map *map, const char *name,
		      const char *value)
{
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_member *member = find_member(btf, bpf_map__btf_value_type_id(map), name);
	size_t size;
	char *data = (char *)bpf_map__initial_value(map, &size); /* const before 1.5 */
	const struct bpf_program *program = NULL;

	if (!member || !data)
		return -EINVAL;
	if (!btf_is_ptr(btf__type_by_id(btf, member->type)))
		return write_value(btf, member->type, value, data + member->offset / 8);
	if (strcmp(value, "null")) {
		program = bpf_object__find_program_by_name(object, value);
		if (!program)
			return -EINVAL;
	}
	memcpy(data + member->offset / 8, &program, sizeof(program));
	return 0;
}

/* `VARIABLE=VALUE`, or `VARIABLE.member=VALUE` */
static int set(struct bpf_object *object, char *name, const char *value)
{
	char *dot = strchr(name, '.');
	struct bpf_map *map;

	if (!dot)
		return set_global(object, name, value);
	*dot = 0;
	map = bpf_object__find_map_by_name(object, name);
	return map ? set_member(object, map, dot + 1, value) : -EINVAL;
}

static int set_map(struct bpf_object *object, char *name, const char *value)
{
	char *dot = strchr(name, '.');
	struct bpf_map *map;

	if (!dot || strcmp(dot, ".max_entries"))
		return -EINVAL;
	*dot = 0;
	map = bpf_object__find_map_by_name(object, name);
	return map ? bpf_map__set_max_entries(map, strtoul(value, NULL, 0)) : -EINVAL;
}

static int resize(struct bpf_object *object, const char *name, const char *value)
{
	const struct btf_var_secinfo *info;
	struct bpf_map *map = map_of_variable(object, name, &info);

	return map ? bpf_map__set_value_size(map, info->offset + strtoul(value, NULL, 0)) : -EINVAL;
}

static int set_autoload(struct bpf_object *object, const char *name, const char *value)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	return program ? bpf_program__set_autoload(program, *value == '1') : -EINVAL;
}

static int set_create(struct bpf_object *object, const char *name, const char *value)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	return map ? bpf_map__set_autocreate(map, *value == '1') : -EINVAL;
}

/* A line that is for another time does nothing. */
static int apply(struct bpf_object *object, char *line)
{
	char *value = strchr(line, '=');
	const char *rest;

	if (!value)
		return *line ? -EINVAL : 0;
	*value++ = 0;
	if (after(line, "set."))
		return set(object, line + strlen("set."), value);
	if (after(line, "map."))
		return set_map(object, line + strlen("map."), value);
	if ((rest = after(line, "resize.")))
		return resize(object, rest, value);
	if ((rest = after(line, "autoload.")))
		return set_autoload(object, rest, value);
	if ((rest = after(line, "create.")))
		return set_create(object, rest, value);
	if (!strcmp(line, "enum_constants"))
		return set_constants(object, value);
	if (!strcmp(line, "null_unknown_callbacks"))
		return set_unknown_to_null(object);
	if (!strcmp(line, "hotplug_seq"))
		return set_hotplug_seq(object, value);
	return 0;
}

int set_before_load(struct bpf_object *object)
{
	char copy[NAME_SIZE + TEXT_MAX];

	for (size_t at = 0; at < lines_size; at += strlen(lines + at) + 1) {
		int error;

		strcpy(copy, lines + at);
		error = apply(object, copy);
		if (error)
			return error;
	}
	return 0;
}

/* Since 1.7. */
struct bpf_prog_assoc_struct_ops_opts;
__attribute__((weak)) int
bpf_program__assoc_struct_ops(struct bpf_program *program, struct bpf_map *map,
			      struct bpf_prog_assoc_struct_ops_opts *options);

/* As libbpf's users do it: a kernel that cannot is passed over. */
static int associate(struct bpf_object *object, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);
	struct bpf_program *program;

	if (!map || !bpf_map__autocreate(map) || !bpf_program__assoc_struct_ops)
		return -EINVAL;
	bpf_object__for_each_program(program, object)
	{
		if (bpf_program__type(program) != BPF_PROG_TYPE_STRUCT_OPS &&
		    bpf_program__autoload(program))
			bpf_program__assoc_struct_ops(program, map, NULL);
	}
	return 0;
}

int set_after_load(struct bpf_object *object)
{
	for (size_t at = 0; at < lines_size; at += strlen(lines + at) + 1) {
		const char *name = after(lines + at, "associate=");
		int error = name ? associate(object, name) : 0;

		if (error)
			return error;
	}
	return 0;
}

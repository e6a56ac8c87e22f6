#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernel_settings.h"
#include "set_value.h"

#define HOTPLUG_SEQ "/sys/kernel/sched_ext/hotplug_seq"
#define NAME_MAX_SIZE 256

static bool find_enumerator(const struct btf *kern, const char *name, __u64 *value)
{
	for (__u32 id = 1; id < btf__type_cnt(kern); id++) {
		const struct btf_type *type = btf__type_by_id(kern, id);

		for (int i = 0; btf_is_enum(type) && i < btf_vlen(type); i++) {
			const struct btf_enum *one = btf_enum(type) + i;

			*value = btf_kflag(type) ? (__u64)one->val : (__u32)one->val;
			if (!strcmp(btf__name_by_offset(kern, one->name_off), name))
				return true;
		}
		for (int i = 0; btf_is_enum64(type) && i < btf_vlen(type); i++) {
			const struct btf_enum64 *one = btf_enum64(type) + i;

			*value = btf_enum64_value(one);
			if (!strcmp(btf__name_by_offset(kern, one->name_off), name))
				return true;
		}
	}
	return false;
}

static void fill_constants(const struct btf *local, const struct btf *kern, struct bpf_map *map,
			   const char *prefix)
{
	const struct btf_type *section = btf__type_by_id(local, bpf_map__btf_value_type_id(map));
	size_t size;
	char *data = (char *)bpf_map__initial_value(map, &size); /* const before 1.5 */

	if (!data || !section || !btf_is_datasec(section))
		return;
	for (int i = 0; i < btf_vlen(section); i++) {
		const struct btf_var_secinfo *info = btf_var_secinfos(section) + i;
		const struct btf_type *var = btf__type_by_id(local, info->type);
		const char *name = btf__name_by_offset(local, var->name_off);
		__u64 value;

		if (strncmp(name, prefix, strlen(prefix)) != 0 || info->size > sizeof(value) ||
		    info->offset + info->size > size)
			continue;
		if (find_enumerator(kern, name + strspn(name, "_"), &value))
			memcpy(data + info->offset, &value, info->size);
	}
}

int set_constants(struct bpf_object *object, const char *prefix)
{
	struct btf *kern = btf__load_vmlinux_btf();
	struct bpf_map *map;

	if (!kern)
		return -errno;
	bpf_object__for_each_map(map, object)
	{
		if (bpf_map__is_internal(map) && strstr(bpf_map__name(map), ".rodata"))
			fill_constants(bpf_object__btf(object), kern, map, prefix);
	}
	btf__free(kern);
	return 0;
}

/* The kernel's struct of the local one's name, which may end in ___flavor; 0 if it has none. */
static __u32 kernel_struct(const struct btf *kern, const char *name)
{
	const char *flavor = strstr(name, "___");
	char plain[NAME_MAX_SIZE];
	int id;

	snprintf(plain, sizeof(plain), "%.*s", flavor ? (int)(flavor - name) : NAME_MAX_SIZE, name);
	id = btf__find_by_name_kind(kern, plain, BTF_KIND_STRUCT);
	return id < 0 ? 0 : id;
}

static const struct btf_type *struct_of(const struct btf *local, const struct bpf_map *map)
{
	const struct btf_type *type = btf__type_by_id(local, bpf_map__btf_value_type_id(map));

	return type && btf_is_struct(type) ? type : NULL;
}

static void adapt_struct(const struct btf *local, const struct btf *kern, struct bpf_map *map)
{
	const struct btf_type *type = struct_of(local, map);
	const void *null = NULL;
	__u32 kern_id;
	size_t size;
	char *data = (char *)bpf_map__initial_value(map, &size); /* const before 1.5 */

	if (!data || !type)
		return;
	kern_id = kernel_struct(kern, btf__name_by_offset(local, type->name_off));
	for (int i = 0; kern_id && i < btf_vlen(type); i++) {
		const struct btf_member *member = btf_members(type) + i;
		const char *name = btf__name_by_offset(local, member->name_off);

		/* Of a pointer libbpf keeps the program in the struct, until load. */
		if (btf_is_ptr(btf__type_by_id(local, member->type)) &&
		    !find_member(kern, kern_id, name))
			memcpy(data + member->offset / 8, &null, sizeof(null));
	}
}

int set_unknown_to_null(struct bpf_object *object)
{
	struct btf *kern = btf__load_vmlinux_btf();
	struct bpf_map *map;

	if (!kern)
		return -errno;
	bpf_object__for_each_map(map, object)
	{
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			adapt_struct(bpf_object__btf(object), kern, map);
	}
	btf__free(kern);
	return 0;
}

static __u64 hotplug_seq(void)
{
	FILE *file = fopen(HOTPLUG_SEQ, "re");
	unsigned long long number = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%llu", &number) != 1)
		number = 0;
	fclose(file);
	return number;
}

int set_hotplug_seq(struct bpf_object *object, const char *member)
{
	const struct btf *local = bpf_object__btf(object);
	const char *dot = strchr(member, '.');
	const struct btf_member *found;
	char name[NAME_MAX_SIZE];
	struct bpf_map *map;
	__u64 number = hotplug_seq();
	size_t size;
	char *data;

	if (!dot)
		return -EINVAL;
	snprintf(name, sizeof(name), "%.*s", (int)(dot - member), member);
	map = bpf_object__find_map_by_name(object, name);
	data = map ? (char *)bpf_map__initial_value(map, &size) : NULL;
	found = data ? find_member(local, bpf_map__btf_value_type_id(map), dot + 1) : NULL;
	if (!found)
		return -EINVAL;
	memcpy(data + found->offset / 8, &number, sizeof(number));
	return 0;
}

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sched_ext_user.h"

#define CONSTANT_PREFIX "__SCX_"
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

static void fill_constants(const struct btf *local, const struct btf *kern, struct bpf_map *map)
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

		if (strncmp(name, CONSTANT_PREFIX, strlen(CONSTANT_PREFIX)) != 0 ||
		    info->size > sizeof(value) || info->offset + info->size > size)
			continue;
		if (find_enumerator(kern, name + strspn(name, "_"), &value))
			memcpy(data + info->offset, &value, info->size);
	}
}

/* The kernel's struct of the local one's name, which may end in ___flavor; NULL if it has none. */
static const struct btf_type *kernel_struct(const struct btf *kern, const char *name)
{
	const char *flavor = strstr(name, "___");
	char plain[NAME_MAX_SIZE];
	int id;

	snprintf(plain, sizeof(plain), "%.*s", flavor ? (int)(flavor - name) : NAME_MAX_SIZE, name);
	id = btf__find_by_name_kind(kern, plain, BTF_KIND_STRUCT);
	return id < 0 ? NULL : btf__type_by_id(kern, id);
}

static bool has_member(const struct btf *btf, const struct btf_type *type, const char *name)
{
	for (int i = 0; i < btf_vlen(type); i++) {
		if (!strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), name))
			return true;
	}
	return false;
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

static void adapt_struct(const struct btf *local, const struct btf *kern, struct bpf_map *map)
{
	const struct btf_type *type = btf__type_by_id(local, bpf_map__btf_value_type_id(map));
	const struct btf_type *kern_type;
	size_t size;
	char *data = (char *)bpf_map__initial_value(map, &size); /* const before 1.5 */

	if (!data || !type || !btf_is_struct(type))
		return;
	kern_type = kernel_struct(kern, btf__name_by_offset(local, type->name_off));
	for (int i = 0; kern_type && i < btf_vlen(type); i++) {
		const struct btf_member *member = btf_members(type) + i;
		const char *name = btf__name_by_offset(local, member->name_off);
		__u64 number = 0;
		int kind = btf_kind(btf__type_by_id(local, member->type));

		/* Of a pointer libbpf keeps the program in the struct, until load. */
		if (kind == BTF_KIND_PTR && !has_member(kern, kern_type, name))
			memcpy(data + member->offset / 8, &number, sizeof(number));
		if (!strcmp(name, "hotplug_seq")) {
			number = hotplug_seq();
			memcpy(data + member->offset / 8, &number, sizeof(number));
		}
	}
}

int prepare_scheduler(struct bpf_object *object)
{
	const struct btf *local = bpf_object__btf(object);
	struct btf *kern = btf__load_vmlinux_btf();
	struct bpf_map *map;

	if (!kern)
		return -errno;
	bpf_object__for_each_map(map, object)
	{
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			adapt_struct(local, kern, map);
		else if (bpf_map__is_internal(map) && strstr(bpf_map__name(map), ".rodata"))
			fill_constants(local, kern, map);
	}
	btf__free(kern);
	return 0;
}

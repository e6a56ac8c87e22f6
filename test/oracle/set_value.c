#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "set_value.h"

static const struct btf_type *plain_type(const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type)))
		type = btf__type_by_id(btf, type->type);
	return type;
}

static int write_number(const char *text, size_t size, char *to)
{
	unsigned long long number =
		*text == '-' ? (unsigned long long)strtoll(text, NULL, 0) : strtoull(text, NULL, 0);

	if (!strcmp(text, "true"))
		number = 1;
	if (size > sizeof(number))
		return -EINVAL;
	memcpy(to, &number, size);
	return 0;
}

static int write_enumerator(const struct btf *btf, const struct btf_type *type, const char *text,
			    char *to)
{
	for (int i = 0; i < btf_vlen(type); i++) {
		const struct btf_enum *small = btf_enum(type) + i;
		const struct btf_enum64 *large = btf_enum64(type) + i;
		__u32 name = btf_is_enum(type) ? small->name_off : large->name_off;
		__u64 value = btf_is_enum(type) ? (__u64)small->val : btf_enum64_value(large);

		if (strcmp(btf__name_by_offset(btf, name), text))
			continue;
		memcpy(to, &value, type->size);
		return 0;
	}
	return write_number(text, type->size, to);
}

int write_value(const struct btf *btf, __u32 type_id, const char *text, char *to)
{
	const struct btf_type *type = plain_type(btf, type_id);

	if (!type)
		return -EINVAL;
	if (btf_is_int(type))
		return write_number(text, type->size, to);
	if (btf_is_any_enum(type))
		return write_enumerator(btf, type, text, to);
	if (!btf_is_array(type) || strlen(text) >= btf_array(type)->nelems)
		return -EINVAL;
	memset(to, 0, btf_array(type)->nelems);
	memcpy(to, text, strlen(text));
	return 0;
}

const struct btf_member *find_member(const struct btf *btf, __u32 type_id, const char *name)
{
	const struct btf_type *type = plain_type(btf, type_id);

	if (!type || !btf_is_struct(type))
		return NULL;
	for (int i = 0; i < btf_vlen(type); i++) {
		const struct btf_member *member = btf_members(type) + i;

		if (!strcmp(btf__name_by_offset(btf, member->name_off), name))
			return member;
	}
	return NULL;
}

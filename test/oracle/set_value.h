/* A value, given as text, in the memory of a variable or member; by the type that BTF says it has.
 */
#ifndef SET_VALUE_H
#define SET_VALUE_H

#include <linux/types.h>

struct btf;
struct btf_member;

/* The values are those of docs/embedding.md, "Options", without callbacks. 0, or -EINVAL. */
int write_value(const struct btf *btf, __u32 type_id, const char *text, char *to);

/* A member of a struct by its name, or NULL. */
const struct btf_member *find_member(const struct btf *btf, __u32 type_id, const char *name);

#endif

// SPDX-License-Identifier: GPL-2.0
/* Relocations that `synthetic_kernel.c` gives no answer to, or more than one. */
#include "core_relo.h"

struct twice {
	__u32 x;
} RELOCATED;

OFFSET(offset_differs, struct twice, x)
/* Both have one. */
EXISTS(exists_differs, struct twice, x)

struct agree {
	__u32 x;
} RELOCATED;

TYPE_ID(two_ids, struct agree)
TYPE_SIZE(two_sizes, struct agree)

/* The other order than in synthetic.bpf.c: nothing has narrowed the candidates yet. */
struct narrow {
	__u32 x;
	__u32 only_a;
} RELOCATED;

OFFSET(before_narrowing, struct narrow, x)
OFFSET(narrowing, struct narrow, only_a)
OFFSET(after_narrowing, struct narrow, x)

struct far {
	__u32 field;
} RELOCATED;

LOAD(too_far, struct far, field)

struct widths {
	__u64 huge;
} RELOCATED;

LOAD(too_large, struct widths, huge)

struct tight {
	__u64 d;
} RELOCATED;

SIZE(bits_too_far, struct tight, d)

struct counted {
	__u32 data[4];
} RELOCATED;

SIGNED(sign_of_element, struct counted, data[1])

struct {
	__u32 x;
} RELOCATED *unnamed;

NUMBER(no_name, __builtin_preserve_field_info(unnamed->x, BPF_FIELD_BYTE_OFFSET))

/* Not loaded, so nothing is asked. */
SEC("?syscall")
__u64 not_loaded(void *context)
{
	return __builtin_preserve_field_info(((struct twice *)0)->x, BPF_FIELD_BYTE_OFFSET);
}

/* Not called, and asked all the same. */
__u64 not_called(void *context)
{
	return __builtin_preserve_field_info(((struct twice *)0)->x, BPF_FIELD_BYTE_OFFSET);
}

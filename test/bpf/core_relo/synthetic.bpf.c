// SPDX-License-Identifier: GPL-2.0
/* Relocations against `synthetic_kernel.c` that all succeed, if only in finding nothing. */
#include "core_relo.h"

struct agree {
	__u32 x;
	__u32 only_a;
} RELOCATED;

OFFSET(agree_offset, struct agree, x)
EXISTS(agree_exists, struct agree, x)
TYPE_EXISTS(agree_type_exists, struct agree)

/* The first leaves one candidate to the second. */
struct narrow {
	__u32 x;
	__u32 only_a;
} RELOCATED;

OFFSET(narrow_first, struct narrow, only_a)
OFFSET(narrow_then, struct narrow, x)

/* What matches nothing leaves the candidates alone. */
struct agree___again {
	__u32 x;
	__u32 nowhere;
} RELOCATED;

EXISTS(again_nowhere, struct agree___again, nowhere)
OFFSET(again_then, struct agree___again, x)

struct half {
	__u32 x;
} RELOCATED;

OFFSET(half_offset, struct half, x)

struct part___x___y {
	__u32 field;
} RELOCATED;
struct part {
	__u32 field;
} RELOCATED;

EXISTS(part_of_part, struct part___x___y, field)
OFFSET(part_plain, struct part, field)

struct flexible {
	__u32 before;
	__u32 count;
	__u32 data[];
} RELOCATED;
struct flexible___counted {
	__u32 data[4];
} RELOCATED;
struct counted {
	__u32 data[6];
} RELOCATED;
struct counted___flexible {
	__u32 unknown;
	__u32 data[];
} RELOCATED;
struct empty_in_between {
	__u32 data[4];
} RELOCATED;

OFFSET(flexible_array, struct flexible, data)
OFFSET(flexible_element, struct flexible, data[7])
LOAD(flexible_load, struct flexible, data[7])
OFFSET(flexible_from_counted, struct flexible___counted, data[3])
SIZE(flexible_size, struct flexible, data)
OFFSET(counted_last, struct counted, data[3])
OFFSET(counted_beyond, struct counted, data[4])
OFFSET(counted_from_flexible, struct counted___flexible, data[3])
OFFSET(counted_from_flexible_beyond, struct counted___flexible, data[4])
EXISTS(empty_in_between, struct empty_in_between, data[0])

struct grid {
	__u8 cells[4][6];
} RELOCATED;

OFFSET(grid_cell, struct grid, cells[2][4])
OFFSET(grid_row, struct grid, cells[1])
SIZE(grid_row_size, struct grid, cells[1])
SIZE(grid_cell_size, struct grid, cells[1][1])
OFFSET(grid_beyond, struct grid, cells[3][0])
OFFSET(grid_beyond_row, struct grid, cells[0][5])

struct element {
	__u64 c;
	__u64 b;
} RELOCATED;
struct holder {
	struct element single;
	struct element elements[2];
	struct element *pointer;
} RELOCATED;

OFFSET(holder_element, struct holder, elements[1].c)
OFFSET(holder_single, struct holder, single.b)
LOAD(holder_load, struct holder, elements[1].c)
NUMBER(holder_of_array,
       __builtin_preserve_field_info(((struct element *)0)[3].c, BPF_FIELD_BYTE_OFFSET))
EXISTS(holder_of_array_exists, struct holder, elements[1])

/* The kernel's unnamed structs are named here, and the other way round: only full paths count. */
struct nested {
	__u32 e;
	struct {
		__u64 c;
		__u32 last;
		__u32 a;
	};
	union {
		__u64 f[9];
	};
	struct {
		__u8 e;
		__u8 d[3];
	} named;
} RELOCATED;

OFFSET(nested_c, struct nested, c)
OFFSET(nested_a, struct nested, a)
OFFSET(nested_last, struct nested, last)
OFFSET(nested_f, struct nested, f[2])
OFFSET(nested_named, struct nested, named.e)
OFFSET(nested_named_element, struct nested, named.d[2])
EXISTS(nested_not_in_named, struct nested, e)

enum color {
	RED = 100,
	GREEN___light,
	BLUE,
	NO_COLOR,
};
enum with_sign {
	BELOW = 1,
	ABOVE,
};
/* Of 32 bits here, of 64 there. */
enum large {
	LARGE_ONE = 1,
	LARGE_TWO,
};
enum large_with_sign {
	LARGE_BELOW = 1,
};
/* Of 64 bits here, of 32 there. */
enum small {
	SMALL_ONE = 1ULL << 35,
};
enum color___wide {
	RED___wide = 1ULL << 35,
};

ENUM_VALUE(enum_red, enum color, RED)
ENUM_VALUE(enum_flavour_here, enum color, GREEN___light)
ENUM_VALUE(enum_flavour_there, enum color, BLUE)
ENUM_VALUE(enum_absent, enum color, NO_COLOR)
ENUM_EXISTS(enum_exists, enum color, BLUE)
ENUM_EXISTS(enum_exists_not, enum color, NO_COLOR)
ENUM_VALUE(enum_below, enum with_sign, BELOW)
ENUM_VALUE(enum_large, enum large, LARGE_ONE)
ENUM_VALUE(enum_large_two, enum large, LARGE_TWO)
ENUM_VALUE(enum_large_below, enum large_with_sign, LARGE_BELOW)
/* Sign-extended, although it has none, as libbpf does. */
ENUM_VALUE(enum_small, enum small, SMALL_ONE)
ENUM_VALUE(enum_both, enum color___wide, RED___wide)
TYPE_SIZE(enum_size, enum large)
TYPE_EXISTS(enum_type_exists, enum small)
TYPE_MATCHES(enum_matches_size, enum large)

union either___here {
	int a;
};
struct either {
	int a;
};
enum shade {
	DARK,
};

struct kinds {
	__u16 number;
	int *pointer;
	enum color___wide color;
	enum shade unnamed;
	union either___here structure;
	struct either either;
	double real;
	float precise;
	__u64 array[9];
	char *pointers[1];
	__u8 layered;
	void (*function)(void);
} RELOCATED;
/* Every field of another kind than there. */
struct kinds___wrong {
	int *number;
	__u64 pointer;
	enum shade color;
	__u32 unnamed;
	__u32 structure;
	int *either;
	__u32 real;
	__u64 precise;
	__u32 array;
	__u32 pointers[2];
	float layered;
	struct element function;
} RELOCATED;

#define BOTH(name)                                                                                 \
	OFFSET(kind_##name, struct kinds, name)                                                    \
	EXISTS(wrong_##name, struct kinds___wrong, name)
BOTH(number)
BOTH(pointer)
BOTH(color)
BOTH(unnamed)
BOTH(structure)
BOTH(either)
BOTH(real)
BOTH(precise)
BOTH(array)
BOTH(pointers)
BOTH(layered)
BOTH(function)

struct widths {
	__u64 byte;
	__u8 half;
	__u16 word;
	__u32 whole;
	__u32 truth;
	__u64 negative;
	char *pointer;
	__u32 bytes[4];
	__u32 text;
} RELOCATED;
struct widths___signed {
	int word;
	long whole;
	int negative;
	bool byte;
	char half;
} RELOCATED;

LOAD(width_byte, struct widths, byte)
LOAD(width_half, struct widths, half)
LOAD(width_word, struct widths, word)
LOAD(width_whole, struct widths, whole)
LOAD(width_bool, struct widths, truth)
LOAD(width_negative, struct widths, negative)
LOAD(width_pointer, struct widths, pointer)
LOAD(width_array, struct widths, bytes[1])
LOAD(width_char, struct widths, text)
STORE(width_store, struct widths, half)
LOAD(signed_word, struct widths___signed, word)
LOAD(signed_whole, struct widths___signed, whole)
LOAD(signed_negative, struct widths___signed, negative)
LOAD(signed_bool, struct widths___signed, byte)
LOAD(signed_char, struct widths___signed, half)
OFFSET(signed_offset, struct widths___signed, half)

struct far {
	__u32 field;
} RELOCATED;

OFFSET(far_offset, struct far, field)

struct bits {
	__u32 b : 9;
	__u32 c : 16;
	__u8 plain : 3;
	__u32 a;
	__u64 d : 40;
	enum color e : 8;
	enum with_sign f : 8;
} RELOCATED;
struct tight {
	__u32 b : 20;
	__u32 a : 20;
} RELOCATED;

BITFIELD(bits_b, struct bits, b)
BITFIELD(bits_c, struct bits, c)
BITFIELD(bits_d, struct bits, d)
BITFIELD(bits_e, struct bits, e)
BITFIELD(bits_f, struct bits, f)
/* A bitfield on one side only. */
BITFIELD(bits_plain, struct bits, plain)
SIZE(bits_a_size, struct bits, a)
LOAD(bits_a_load, struct bits, a)
BITFIELD(tight_a, struct tight, a)
BITFIELD(tight_b, struct tight, b)

struct other {
	long a;
	long b;
};
typedef void (*callback_t___more)(int a, int b, int c);
typedef int (*callback_t___same)(struct element *other, char flags);
typedef int (*callback_t___kind)(int other, __u32 flags);
typedef __u64 plain_t;
typedef int *plain_t___pointer;
typedef char *pointer_t;
typedef struct element *pointer_t___struct;
typedef struct element struct_t;
typedef union either___here struct_t___union;

TYPE_EXISTS(compat_more, callback_t___more)
TYPE_EXISTS(compat_same, callback_t___same)
TYPE_EXISTS(compat_kind, callback_t___kind)
TYPE_EXISTS(compat_plain, plain_t)
TYPE_EXISTS(compat_plain_pointer, plain_t___pointer)
TYPE_EXISTS(compat_pointer, pointer_t)
TYPE_EXISTS(compat_pointer_struct, pointer_t___struct)
TYPE_EXISTS(compat_struct, struct_t)
TYPE_EXISTS(compat_struct_union, struct_t___union)
TYPE_SIZE(compat_size, struct_t)

/* Each has one member of the kernel's struct, rightly or wrongly. */
#define MATCH(name, member...)                                                                     \
	struct matched___##name {                                                                  \
		member;                                                                            \
	};                                                                                         \
	TYPE_MATCHES(matches_##name, struct matched___##name)

struct inner_like {
	int a;
};
struct declared {
	int anything;
};
struct undefined;
union declared_union;
enum color___subset {
	GREEN = 9,
};
typedef int (*same_callback_t)(struct other *other, __u32 flags);

MATCH(number, __u32 number)
MATCH(number_signed, __s32 number)
MATCH(number_wide, __u64 number)
MATCH(negative, int negative)
MATCH(missing, int missing)
MATCH(flavour_there, __u64 whole)
MATCH(flavour_both, __u64 whole___mine)
MATCH(inner, struct other___right { int a; } inner)
MATCH(inner_wrong_member, struct other___wrong { int b; } inner)
MATCH(inner_wrong_name, struct inner_like inner)
MATCH(pointed, struct other___anything { long q; } * other)
MATCH(pointed_wrong_name, struct inner_like *other)
MATCH(pointed_void, void *other)
MATCH(declared_there, struct declared *declared)
MATCH(declared_both, union declared_union *declared_union)
MATCH(declared_other, struct declared_union___struct *declared_union)
MATCH(declared_here, struct element___unknown *defined)
MATCH(array, __u32 array[3])
MATCH(array_longer, __u32 array[4])
MATCH(enum, enum color___subset color)
MATCH(enum_unknown, enum color___other{RED___b = 1, YELLOW = 2} color)
MATCH(enum_name, enum shade color)
MATCH(callback, same_callback_t callback)
MATCH(callback_more, int (*callback)(struct other *other, __u32 flags, int more))
MATCH(callback_type, int (*callback)(struct other *other, __u64 flags))
MATCH(callback_result, long (*callback)(struct other *other, __u32 flags))
MATCH(unnamed, struct { __u32 y; })
MATCH(unnamed_wrong, struct { __u32 w; })
MATCH(typedef, const __u32 number)
/* libbpf compares no floats. */
MATCH(float, float real)

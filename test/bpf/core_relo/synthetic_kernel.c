// SPDX-License-Identifier: GPL-2.0
/*
 * The types of a kernel that does not exist, for what no real one shows. Its BTF is what counts:
 * the Makefile takes it out of the object. `synthetic.bpf.c` has the other side of each.
 */
#define IN_KERNEL(type) type *CONCAT(keep_, __COUNTER__)
#define CONCAT(a, b) CONCAT_EXPANDED(a, b)
#define CONCAT_EXPANDED(a, b) a##b

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;

/* Two that differ where the field is. */
struct twice___a {
	u32 x;
	u32 y;
};
struct twice___b {
	u32 y;
	u32 x;
};
IN_KERNEL(struct twice___a);
IN_KERNEL(struct twice___b);

/* Two that do not, but in what else they have. */
struct agree___a {
	u32 before;
	u32 x;
	u32 only_a;
};
struct agree___b {
	u32 before;
	u32 x;
};
IN_KERNEL(struct agree___a);
IN_KERNEL(struct agree___b);

/* only_a tells which one is meant. */
struct narrow___a {
	u64 before;
	u32 x;
	u32 only_a;
};
struct narrow___b {
	u32 x;
};
IN_KERNEL(struct narrow___a);
IN_KERNEL(struct narrow___b);

/* One candidate has the field as something else. */
struct half___a {
	u32 before;
	u32 x;
};
struct half___b {
	void *x;
};
IN_KERNEL(struct half___a);
IN_KERNEL(struct half___b);

/* `part` is the essential name of `part___x`, not of `part___x___y`. */
struct part___x {
	u32 before;
	u32 field;
};
IN_KERNEL(struct part___x);

struct flexible {
	u32 count;
	u32 data[];
};
IN_KERNEL(struct flexible);

struct counted {
	u32 before;
	u32 data[4];
};
IN_KERNEL(struct counted);

/* Of no length, but not last. */
struct empty_in_between {
	u32 data[0];
	u32 after;
};
IN_KERNEL(struct empty_in_between);

struct grid {
	u32 before;
	u32 cells[3][5];
};
IN_KERNEL(struct grid);

struct element {
	u16 a;
	u16 b;
	u32 c;
};

struct holder {
	u64 before;
	struct element elements[8];
	struct element *pointer;
	struct element single;
};
IN_KERNEL(struct holder);

struct nested {
	u32 first;
	union {
		struct {
			u32 a;
			union {
				u32 b;
				u64 c;
			};
			struct {
				u8 d[3];
				u8 e;
			} named;
		};
		u64 f[4];
	};
	u32 last;
};
IN_KERNEL(struct nested);

enum color {
	RED = 3,
	GREEN = 5,
	BLUE___dark = 7,
};

enum with_sign {
	BELOW = -5,
	ABOVE = 5,
};

enum large {
	LARGE_ONE = 1ULL << 40,
	LARGE_TWO = 2,
};

enum large_with_sign {
	LARGE_BELOW = -(1LL << 40),
};

enum small {
	SMALL_ONE = 0xffffffff,
};
IN_KERNEL(enum color);
IN_KERNEL(enum with_sign);
IN_KERNEL(enum large);
IN_KERNEL(enum large_with_sign);
IN_KERNEL(enum small);

union either {
	u32 a;
	u64 b;
};

typedef const u32 constant_t;
typedef volatile constant_t layered_t;

/* Fields of every kind. */
struct kinds {
	u64 before;
	u32 number;
	void *pointer;
	enum color color;
	enum {
		UNNAMED_A,
	} unnamed;
	struct element structure;
	union either either;
	float real;
	double precise;
	u32 array[2];
	void *pointers[2];
	layered_t layered;
	int (*function)(int a, u32 b);
};
IN_KERNEL(struct kinds);

struct widths {
	u8 byte;
	u16 half;
	u32 word;
	u64 whole;
	_Bool truth;
	s32 negative;
	unsigned __int128 huge;
	void *pointer;
	u8 bytes[4];
	char text;
};
IN_KERNEL(struct widths);

struct far {
	u8 before[40000];
	u32 field;
};
IN_KERNEL(struct far);

struct bits {
	u32 before;
	u32 a : 7;
	s32 b : 9;
	u32 c : 16;
	u64 d : 40;
	u32 plain;
	enum color e : 4;
	enum with_sign f : 4;
};
IN_KERNEL(struct bits);

/* b lies across 4 bytes, d across 8. */
struct __attribute__((packed)) tight {
	u32 a : 20;
	u32 b : 20;
	u64 c : 20;
	u64 d : 60;
};
IN_KERNEL(struct tight);

struct declared;
union declared_union;

struct other {
	int a;
};

typedef int (*callback_t)(struct other *other, u32 flags);
typedef int plain_t;
typedef int *pointer_t;
typedef struct other struct_t;
IN_KERNEL(callback_t);
IN_KERNEL(plain_t);
IN_KERNEL(pointer_t);
IN_KERNEL(struct_t);

/* What bpf_core_type_matches() can look at. */
struct matched {
	u32 number;
	s32 negative;
	u64 whole___flavoured;
	struct other inner;
	struct other *other;
	struct declared *declared;
	union declared_union *declared_union;
	struct element *defined;
	u32 array[3];
	enum color color;
	callback_t callback;
	struct {
		u32 x;
	};
	struct {
		u32 y;
		u32 z;
	};
	float real;
};
IN_KERNEL(struct matched);

/* SPDX-License-Identifier: MIT */
/*
 * Programs that are one relocation each. A test reads what their first instruction holds once
 * the relocation is applied: a number, or the offset and size of a load or store.
 */
#ifndef CORE_RELO_H
#define CORE_RELO_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
/* Named in the prototypes of bpf_helpers.h only. */
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define RELOCATED __attribute__((preserve_access_index))

/* Returns a number. */
#define NUMBER(name, number)                                                                       \
	SEC("syscall")                                                                             \
	__u64 name(void *context)                                                                  \
	{                                                                                          \
		return number;                                                                     \
	}

/* Loads a field of the struct that it is handed. */
#define LOAD(name, type, field)                                                                    \
	SEC("syscall")                                                                             \
	__u64 name(type *it)                                                                       \
	{                                                                                          \
		return (__u64)it->field;                                                           \
	}

/* Stores to a field of it: from a register, so that the number is not part of the instruction. */
#define STORE(name, type, field)                                                                   \
	SEC("syscall")                                                                             \
	__u64 name(type *it)                                                                       \
	{                                                                                          \
		it->field = (typeof(it->field))(__u64)it;                                          \
		return 0;                                                                          \
	}

#define FIELD(name, type, field, what)                                                             \
	NUMBER(name, __builtin_preserve_field_info(((type *)0)->field, what))

#define OFFSET(name, type, field) FIELD(name, type, field, BPF_FIELD_BYTE_OFFSET)
#define SIZE(name, type, field) FIELD(name, type, field, BPF_FIELD_BYTE_SIZE)
#define EXISTS(name, type, field) FIELD(name, type, field, BPF_FIELD_EXISTS)
#define SIGNED(name, type, field) FIELD(name, type, field, BPF_FIELD_SIGNED)

/* The five numbers by which BPF_CORE_READ_BITFIELD() reads. */
#define BITFIELD(name, type, field)                                                                \
	OFFSET(name##_offset, type, field)                                                         \
	SIZE(name##_size, type, field)                                                             \
	SIGNED(name##_signed, type, field)                                                         \
	FIELD(name##_lshift, type, field, BPF_FIELD_LSHIFT_U64)                                    \
	FIELD(name##_rshift, type, field, BPF_FIELD_RSHIFT_U64)

#define TYPE_EXISTS(name, type) NUMBER(name, bpf_core_type_exists(type))
#define TYPE_SIZE(name, type) NUMBER(name, bpf_core_type_size(type))
#define TYPE_MATCHES(name, type) NUMBER(name, bpf_core_type_matches(type))
#define TYPE_ID(name, type) NUMBER(name, bpf_core_type_id_kernel(type))
#define TYPE_ID_LOCAL(name, type) NUMBER(name, bpf_core_type_id_local(type))

#define ENUM_EXISTS(name, type, value) NUMBER(name, bpf_core_enum_value_exists(type, value))
#define ENUM_VALUE(name, type, value) NUMBER(name, bpf_core_enum_value(type, value))

char LICENSE[] SEC("license") = "GPL";

#endif /* CORE_RELO_H */

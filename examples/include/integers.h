/* SPDX-License-Identifier: MIT */
/* The integer types of the kernel and bool, for objects that are built without its headers. */
#ifndef INTEGERS_H
#define INTEGERS_H

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

#define true 1
#define false 0

#define NULL ((void *)0)

#endif /* INTEGERS_H */

/* SPDX-License-Identifier: MIT */
/* What newer bpf_helpers.h have than the one that these objects are built with. */
#ifndef NEWER_HELPERS_H
#define NEWER_HELPERS_H

#define JOINED(a, b) a##b
#define JOIN(a, b) JOINED(a, b)

/* A number of 64 bits in the definition of a map: the only value of an enum. */
#ifndef __ulong
#define __ulong(name, number)                                                                      \
	enum {                                                                                     \
		JOIN(only_value_, __COUNTER__) = number                                            \
	} name
#endif

/* Whether the kernel has a weak symbol: otherwise its address is 0. */
#define KERNEL_HAS(symbol) (&(symbol) != NULL)

#endif /* NEWER_HELPERS_H */

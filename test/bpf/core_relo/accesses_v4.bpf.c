// SPDX-License-Identifier: GPL-2.0
/* Against `synthetic_kernel.c`: instructions that only `-mcpu=v4` has. */
#include "core_relo.h"

struct widths {
	__u32 half;
	__u32 word;
	int negative;
	long whole;
} RELOCATED;

SEC("syscall")
__u64 store_number(struct widths *it)
{
	it->word = 5;
	return 0;
}

SEC("syscall")
__u64 store_number_narrowed(struct widths *it)
{
	it->half = 5;
	return 0;
}

/* Loads that extend the sign keep doing so. */
SEC("syscall")
long load_signed(struct widths *it)
{
	return it->negative;
}

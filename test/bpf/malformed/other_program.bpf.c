// SPDX-License-Identifier: GPL-2.0
/* A program of a type that structops does not load. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

SEC("no_such_type")
int other(void *context)
{
	return 0;
}

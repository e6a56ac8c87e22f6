// SPDX-License-Identifier: GPL-2.0
/* A member that is a number in the kernel. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct tcp_congestion_ops___odd {
	char name[16];
	char flags[4];
};

SEC(".struct_ops")
struct tcp_congestion_ops___odd so_odd = {
	.name = "so_odd",
	.flags = "abc",
};

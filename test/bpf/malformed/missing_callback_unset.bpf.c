// SPDX-License-Identifier: GPL-2.0
/* A callback and a number that no kernel has, both left zero. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct tcp_congestion_ops___newer {
	char name[16];
	void (*from_the_future)(struct sock *sk);
	__u32 future_number;
};

SEC(".struct_ops")
struct tcp_congestion_ops___newer so_newer = {
	.name = "so_newer",
};

// SPDX-License-Identifier: GPL-2.0
/* A callback that no kernel has. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct tcp_congestion_ops___newer {
	char name[16];
	void (*from_the_future)(struct sock *sk);
};

SEC("struct_ops")
void BPF_PROG(future, struct sock *sk)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops___newer so_newer = {
	.name = "so_newer",
	.from_the_future = (void *)future,
};

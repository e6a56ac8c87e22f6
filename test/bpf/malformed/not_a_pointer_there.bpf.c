// SPDX-License-Identifier: GPL-2.0
/* A callback where the kernel has a pointer to data. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct tcp_congestion_ops___callable_owner {
	char name[16];
	void (*owner)(struct sock *sk);
};

SEC("struct_ops")
void BPF_PROG(as_owner, struct sock *sk)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops___callable_owner so_owner = {
	.name = "so_owner",
	.owner = (void *)as_owner,
};

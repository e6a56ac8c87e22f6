// SPDX-License-Identifier: GPL-2.0
/* A program that no variable names: nothing says what it is for. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

SEC("struct_ops")
void BPF_PROG(used, struct sock *sk)
{
}

SEC("struct_ops")
void BPF_PROG(forgotten, struct sock *sk)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops so_unused = {
	.name = "so_unused",
	.init = (void *)used,
};

// SPDX-License-Identifier: GPL-2.0
/* A kfunc that no kernel has, and that the program does without. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

extern void no_such_kfunc(struct sock *sk) __ksym __weak;

SEC("struct_ops")
void BPF_PROG(calls, struct sock *sk)
{
	if (no_such_kfunc)
		no_such_kfunc(sk);
}

SEC(".struct_ops")
struct tcp_congestion_ops so_calls = {
	.name = "so_calls",
	.init = (void *)calls,
};

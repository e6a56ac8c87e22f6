// SPDX-License-Identifier: GPL-2.0
/* A call of a function that is declared, without __ksym, and not defined. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

extern int nowhere(struct sock *sk);

SEC("struct_ops")
void BPF_PROG(calls, struct sock *sk)
{
	nowhere(sk);
}

SEC(".struct_ops")
struct tcp_congestion_ops so_calls = {
	.name = "so_calls",
	.init = (void *)calls,
};

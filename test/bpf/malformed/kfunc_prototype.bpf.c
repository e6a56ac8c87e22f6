// SPDX-License-Identifier: GPL-2.0
/* A kfunc that the kernel declares with other parameters. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

extern __u32 tcp_slow_start(struct tcp_sock *tp, __u32 acked, __u32 more) __ksym;

SEC("struct_ops")
void BPF_PROG(calls, struct sock *sk)
{
	tcp_slow_start(tcp_sock_of(sk), 1, 2);
}

SEC(".struct_ops")
struct tcp_congestion_ops so_calls = {
	.name = "so_calls",
	.init = (void *)calls,
};

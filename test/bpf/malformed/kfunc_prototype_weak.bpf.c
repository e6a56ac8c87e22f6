// SPDX-License-Identifier: GPL-2.0
/* As kfunc_prototype, but the program does without. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

extern __u32 tcp_slow_start(struct tcp_sock *tp, __u32 acked, __u32 more) __ksym __weak;

SEC("struct_ops")
void BPF_PROG(calls, struct sock *sk)
{
	if (tcp_slow_start)
		tcp_slow_start(tcp_sock_of(sk), 1, 2);
}

SEC(".struct_ops")
struct tcp_congestion_ops so_calls = {
	.name = "so_calls",
	.init = (void *)calls,
};

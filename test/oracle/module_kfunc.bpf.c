// SPDX-License-Identifier: GPL-2.0
/* A congestion control that calls kfuncs of the kernel, of a module, and one that nobody has. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

extern void tcp_vegas_init(struct sock *sk) __ksym;
extern __u32 tcp_reno_undo_cwnd(struct sock *sk) __ksym;
extern void so_absent(struct sock *sk) __ksym __weak;

SEC("struct_ops")
void BPF_PROG(of_module, struct sock *sk)
{
	tcp_vegas_init(sk);
	if (so_absent)
		so_absent(sk);
}

SEC("struct_ops")
__u32 BPF_PROG(of_kernel, struct sock *sk)
{
	return tcp_reno_undo_cwnd(sk);
}

SEC(".struct_ops")
struct tcp_congestion_ops so_module = {
	.name = "so_module",
	.init = (void *)of_module,
	.undo_cwnd = (void *)of_kernel,
};

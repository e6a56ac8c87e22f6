// SPDX-License-Identifier: GPL-2.0
/*
 * so_refused: a congestion control that the kernel's verifier refuses: one of its programs writes
 * to a field of the socket that such a program may only read.
 */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

SEC("struct_ops")
__u32 BPF_PROG(refused_ssthresh, struct sock *sk)
{
	tcp_sock_of(sk)->srtt_us = 0;
	return 2;
}

SEC("struct_ops")
__u32 BPF_PROG(refused_undo_cwnd, struct sock *sk)
{
	return tcp_sock_of(sk)->snd_cwnd;
}

SEC("struct_ops")
void BPF_PROG(refused_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops so_refused = {
	.name = "so_refused",
	.ssthresh = (void *)refused_ssthresh,
	.cong_avoid = (void *)refused_cong_avoid,
	.undo_cwnd = (void *)refused_undo_cwnd,
};

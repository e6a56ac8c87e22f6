// SPDX-License-Identifier: GPL-2.0
/*
 * Programs beside a struct_ops one whose attach types are newer than Linux 6.1, which loads them
 * all the same: it looks at theirs when they are attached.
 */
#include "tcp_kernel.h"
#include "tcp_helpers.h"
#include "empty_program.h"

char LICENSE[] SEC("license") = "GPL";

PROGRAM("tc/ingress", incoming)
PROGRAM("tc/egress", outgoing)
PROGRAM("netkit/primary", primary)
PROGRAM("kprobe.session/do_exit", session)
PROGRAM("uprobe.multi//proc/self/exe:main", of_users)
PROGRAM("uprobe.session//proc/self/exe:main", session_of_users)

SEC("struct_ops")
__u32 BPF_PROG(beside_ssthresh, struct sock *sk)
{
	return 2;
}

SEC("struct_ops")
__u32 BPF_PROG(beside_undo_cwnd, struct sock *sk)
{
	return tcp_sock_of(sk)->snd_cwnd;
}

SEC("struct_ops")
void BPF_PROG(beside_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops so_beside = {
	.name = "so_beside",
	.ssthresh = (void *)beside_ssthresh,
	.undo_cwnd = (void *)beside_undo_cwnd,
	.cong_avoid = (void *)beside_cong_avoid,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * kfuncs of two modules that Debian's kernels have, tcp_bbr and tcp_dctcp, beside one of vmlinux,
 * and a type that only one of the modules has.
 */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

/* Of tcp_dctcp. */
struct dctcp {
	__u32 dctcp_alpha;
} __attribute__((preserve_access_index));

extern __u32 bbr_undo_cwnd(struct sock *sk) __ksym;
extern __u32 dctcp_ssthresh(struct sock *sk) __ksym;
extern __u32 dctcp_cwnd_undo(struct sock *sk) __ksym;
extern __u32 dctcp_absent(struct sock *sk) __ksym __weak;
extern void tcp_reno_cong_avoid(struct sock *sk, __u32 ack, __u32 acked) __ksym;

__u32 alpha_offset;

SEC("struct_ops")
__u32 BPF_PROG(modules_ssthresh, struct sock *sk)
{
	alpha_offset = bpf_core_field_offset(struct dctcp, dctcp_alpha);
	return dctcp_ssthresh(sk) + bbr_undo_cwnd(sk);
}

SEC("struct_ops")
__u32 BPF_PROG(modules_undo_cwnd, struct sock *sk)
{
	return dctcp_absent ? dctcp_absent(sk) : dctcp_cwnd_undo(sk);
}

SEC("struct_ops")
void BPF_PROG(modules_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	tcp_reno_cong_avoid(sk, ack, acked);
}

SEC(".struct_ops")
struct tcp_congestion_ops so_modules = {
	.name = "so_modules",
	.ssthresh = (void *)modules_ssthresh,
	.undo_cwnd = (void *)modules_undo_cwnd,
	.cong_avoid = (void *)modules_cong_avoid,
};

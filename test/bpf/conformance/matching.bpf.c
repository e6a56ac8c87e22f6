// SPDX-License-Identifier: GPL-2.0
/*
 * Several variables in several sections: other orders of members than the kernel's, members that
 * it has not, a flavour, programs that serve several variables, optional ones.
 */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct module;

struct tcp_congestion_ops___reordered {
	__u32 (*undo_cwnd)(struct sock *sk);
	/* The kernel has none of these; all are zero. */
	void (*of_the_future)(struct sock *sk);
	__u64 number_of_the_future;
	char name[16];
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	const __u32 flags;
	struct module *owner;
	__u32 (*ssthresh)(struct sock *sk);
} __attribute__((preserve_access_index));

SEC("struct_ops")
__u32 BPF_PROG(shared_ssthresh, struct sock *sk)
{
	return 2;
}

SEC("struct_ops")
void BPF_PROG(shared_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC("struct_ops")
__u32 BPF_PROG(undo_of_one, struct sock *sk)
{
	return 3;
}

SEC("?struct_ops")
__u32 BPF_PROG(undo_of_two, struct sock *sk)
{
	return 4;
}

/* Of a variable that is not created: not loaded, though its section does not say so. */
SEC("struct_ops")
void BPF_PROG(init_of_optional, struct sock *sk)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops one = {
	.name = "one",
	.ssthresh = (void *)shared_ssthresh,
	.cong_avoid = (void *)shared_cong_avoid,
	.undo_cwnd = (void *)undo_of_one,
};

SEC(".struct_ops")
struct tcp_congestion_ops___reordered two_is_a_very_long_name = {
	.undo_cwnd = (void *)undo_of_two,
	.name = "two",
	.cong_avoid = (void *)shared_cong_avoid,
	.flags = 0x12345678,
	.ssthresh = (void *)shared_ssthresh,
};

SEC(".struct_ops.link")
struct tcp_congestion_ops three = {
	.name = "three",
	.ssthresh = (void *)shared_ssthresh,
	.cong_avoid = (void *)shared_cong_avoid,
	.undo_cwnd = (void *)undo_of_one,
};

SEC("?.struct_ops.link")
struct tcp_congestion_ops optional = {
	.name = "optional",
	.init = (void *)init_of_optional,
	.ssthresh = (void *)shared_ssthresh,
};

/* No kernel has this kind. */
struct ops_of_nobody {
	int number;
};

SEC("?.struct_ops")
struct ops_of_nobody of_nobody = {
	.number = 1,
};

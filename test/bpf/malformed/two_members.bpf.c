// SPDX-License-Identifier: GPL-2.0
/* One program for two members, which the kernel would call with other arguments. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

SEC("struct_ops")
__u32 BPF_PROG(twice, struct sock *sk)
{
	return 2;
}

SEC(".struct_ops")
struct tcp_congestion_ops so_twice = {
	.name = "so_twice",
	.ssthresh = (void *)twice,
	.undo_cwnd = (void *)twice,
};

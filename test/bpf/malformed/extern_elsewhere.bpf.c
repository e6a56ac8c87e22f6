// SPDX-License-Identifier: GPL-2.0
/* An extern in a section where nothing provides it. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

extern int nowhere SEC(".elsewhere");

SEC("struct_ops")
__u32 BPF_PROG(reads, struct sock *sk)
{
	return nowhere;
}

SEC(".struct_ops")
struct tcp_congestion_ops so_reads = {
	.name = "so_reads",
	.ssthresh = (void *)reads,
};

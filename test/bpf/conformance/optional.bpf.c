// SPDX-License-Identifier: GPL-2.0
/* A variable of an optional section, and one that is created. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

SEC("struct_ops")
__u32 BPF_PROG(created_ssthresh, struct sock *sk)
{
	return 2;
}

SEC(".struct_ops")
struct tcp_congestion_ops created = {
	.name = "created",
	.ssthresh = (void *)created_ssthresh,
};

SEC("?.struct_ops")
struct tcp_congestion_ops not_created = {
	.name = "not_created",
	.ssthresh = (void *)created_ssthresh,
};

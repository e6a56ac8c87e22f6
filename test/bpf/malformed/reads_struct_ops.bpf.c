// SPDX-License-Identifier: GPL-2.0
/* A program that reads its struct_ops variable, which is no data that a program can reach. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

extern struct tcp_congestion_ops so_self;

SEC("struct_ops")
__u32 BPF_PROG(reads_self, struct sock *sk)
{
	return so_self.name[0];
}

SEC(".struct_ops")
struct tcp_congestion_ops so_self = {
	.name = "so_self",
	.ssthresh = (void *)reads_self,
};

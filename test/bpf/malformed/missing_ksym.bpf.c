// SPDX-License-Identifier: GPL-2.0
/* A kernel variable that no kernel has. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

extern const int no_such_variable __ksym;

SEC("struct_ops")
__u32 BPF_PROG(reads, struct sock *sk)
{
	return no_such_variable;
}

SEC(".struct_ops")
struct tcp_congestion_ops so_reads = {
	.name = "so_reads",
	.ssthresh = (void *)reads,
};

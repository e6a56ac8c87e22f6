// SPDX-License-Identifier: GPL-2.0
/* A call of a program, which the verifier enters from the kernel only. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

SEC("struct_ops/called")
__noinline int called(struct sock *sk)
{
	return bpf_get_smp_processor_id();
}

SEC("struct_ops/calls")
__u32 BPF_PROG(calls, struct sock *sk)
{
	return called(sk);
}

SEC(".struct_ops")
struct tcp_congestion_ops so_calls = {
	.name = "so_calls",
	.init = (void *)called,
	.ssthresh = (void *)calls,
};

// SPDX-License-Identifier: GPL-2.0
/* Two variables in one optional section. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

SEC("?struct_ops")
__u32 BPF_PROG(optional_ssthresh, struct sock *sk)
{
	return 2;
}

SEC("syscall")
int something_to_load(void *ctx)
{
	return 0;
}

SEC("?.struct_ops")
struct tcp_congestion_ops first_optional = {
	.name = "first_optional",
	.ssthresh = (void *)optional_ssthresh,
};

SEC("?.struct_ops")
struct tcp_congestion_ops second_optional = {
	.name = "second_one",
	.ssthresh = (void *)optional_ssthresh,
};

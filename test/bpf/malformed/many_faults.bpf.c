// SPDX-License-Identifier: GPL-2.0
/* Several faults at once: each is told. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct tcp_congestion_ops___odd {
	char name[24];
	char flags[4];
	__u32 future_number;
	void (*init)(struct sock *sk);
};

extern void no_such_kfunc(struct sock *sk) __ksym;

SEC("struct_ops")
void BPF_PROG(calls, struct sock *sk)
{
	no_such_kfunc(sk);
}

SEC(".struct_ops")
struct tcp_congestion_ops___odd so_many = {
	.future_number = 1,
	.init = (void *)calls,
};

// SPDX-License-Identifier: GPL-2.0
/* A kind whose value in the kernel does not hold it. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct hollow_ops {
	void (*run)(struct sock *sk);
};

SEC(".struct_ops")
struct hollow_ops so_hollow;

// SPDX-License-Identifier: GPL-2.0
/* A callback set to the address of a variable. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

__u64 some_variable = 1;

SEC(".struct_ops")
struct tcp_congestion_ops so_variable = {
	.name = "so_variable",
	.init = (void *)&some_variable,
};

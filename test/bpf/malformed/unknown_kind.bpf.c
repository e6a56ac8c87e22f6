// SPDX-License-Identifier: GPL-2.0
/* A kind of struct_ops that no kernel has. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct no_such_ops {
	int number;
};

SEC(".struct_ops")
struct no_such_ops so_unknown = {
	.number = 1,
};

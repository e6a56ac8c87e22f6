// SPDX-License-Identifier: GPL-2.0
/* Members of another size than in the kernel. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct tcp_congestion_ops___odd {
	char name[24];
	__u64 flags;
};

SEC(".struct_ops")
struct tcp_congestion_ops___odd so_odd = {
	.name = "so_odd",
};

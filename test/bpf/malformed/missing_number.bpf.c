// SPDX-License-Identifier: GPL-2.0
/* A number that no kernel has. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct tcp_congestion_ops___newer {
	char name[16];
	__u32 future_number;
};

SEC(".struct_ops")
struct tcp_congestion_ops___newer so_newer = {
	.name = "so_newer",
	.future_number = 1,
};

// SPDX-License-Identifier: GPL-2.0
/* A callback set to a number. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

SEC(".struct_ops")
struct tcp_congestion_ops so_number = {
	.name = "so_number",
	.init = (void *)0x1234,
};

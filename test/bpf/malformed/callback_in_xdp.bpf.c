// SPDX-License-Identifier: GPL-2.0
/* A callback that is a program of another type. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

SEC("xdp")
int not_struct_ops(void *context)
{
	return 2;
}

SEC(".struct_ops")
struct tcp_congestion_ops so_xdp = {
	.name = "so_xdp",
	.init = (void *)not_struct_ops,
};

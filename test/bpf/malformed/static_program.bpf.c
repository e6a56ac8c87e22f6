// SPDX-License-Identifier: GPL-2.0
/* A callback that is a static function. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

SEC("struct_ops")
static void BPF_PROG(hidden_init, struct sock *sk)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops so_static = {
	.name = "so_static",
	.init = (void *)hidden_init,
};

// SPDX-License-Identifier: GPL-2.0
/* A callback that is declared and not defined. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

extern void missing_init(struct sock *sk);

SEC(".struct_ops")
struct tcp_congestion_ops so_undefined = {
	.name = "so_undefined",
	.init = missing_init,
};

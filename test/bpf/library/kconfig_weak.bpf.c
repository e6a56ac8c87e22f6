// SPDX-License-Identifier: GPL-2.0
/* Nothing that an object needs of the kernel's configuration, but that it likes to know. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

extern unsigned int CONFIG_HZ __kconfig __weak;

SEC("struct_ops")
__u32 BPF_PROG(configured, struct sock *sk)
{
	return CONFIG_HZ;
}

SEC(".struct_ops")
struct tcp_congestion_ops so_configured = {
	.name = "so_configured",
	.ssthresh = (void *)configured,
};

// SPDX-License-Identifier: GPL-2.0
/* Asks whether system calls take a struct pt_regs, which the kernel's BTF tells. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

extern _Bool LINUX_HAS_SYSCALL_WRAPPER __kconfig;

SEC("struct_ops")
__u32 BPF_PROG(wrapped, struct sock *sk)
{
	return LINUX_HAS_SYSCALL_WRAPPER ? 2 : 1;
}

SEC(".struct_ops")
struct tcp_congestion_ops so_wrapped = {
	.name = "so_wrapped",
	.ssthresh = (void *)wrapped,
};

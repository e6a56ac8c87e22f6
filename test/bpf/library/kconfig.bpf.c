// SPDX-License-Identifier: GPL-2.0
/* Variables of every type that the kernel's configuration can give a value, and its version. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

extern int LINUX_KERNEL_VERSION __kconfig;
extern unsigned int CONFIG_HZ __kconfig;
extern bool CONFIG_BPF_SYSCALL __kconfig;
extern enum libbpf_tristate CONFIG_TCP_CONG_CUBIC __kconfig;
extern char CONFIG_DEFAULT_TCP_CONG[16] __kconfig;
extern int CONFIG_NO_SUCH_OPTION __kconfig __weak;

SEC("struct_ops")
__u32 BPF_PROG(configured, struct sock *sk)
{
	return LINUX_KERNEL_VERSION + CONFIG_HZ + CONFIG_BPF_SYSCALL + CONFIG_TCP_CONG_CUBIC +
	       CONFIG_DEFAULT_TCP_CONG[0] + CONFIG_NO_SUCH_OPTION;
}

SEC(".struct_ops")
struct tcp_congestion_ops so_configured = {
	.name = "so_configured",
	.ssthresh = (void *)configured,
};

// SPDX-License-Identifier: GPL-2.0
/* Everything that the kernel has to provide: its configuration, variables, functions. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"
#include "newer_helpers.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

/* Options, by type. */
extern bool CONFIG_A_BOOL __kconfig;
extern char CONFIG_A_CHAR __kconfig;
extern __u8 CONFIG_A_BYTE __kconfig;
extern __s16 CONFIG_A_SHORT __kconfig;
extern int CONFIG_AN_INT __kconfig;
extern __u64 CONFIG_A_LONG __kconfig;
extern enum libbpf_tristate CONFIG_A_TRISTATE __kconfig;
extern char CONFIG_A_TEXT[8] __kconfig;
extern int CONFIG_NOT_SET __kconfig __weak;
extern int LINUX_KERNEL_VERSION __kconfig;
extern bool LINUX_HAS_BPF_COOKIE __kconfig;
extern bool LINUX_HAS_SYSCALL_WRAPPER __kconfig;
extern int LINUX_OF_THE_FUTURE __kconfig __weak;

/* Addresses, with a type and without. */
struct rq {
	__u64 of_no_matter;
};
extern const struct rq runqueues __ksym;
extern const void a_symbol_of_the_kernel __ksym;
extern const int no_such_variable __ksym __weak;

/* Functions; of a flavour, with another prototype, and of nobody. */
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern void bpf_rcu_read_lock___flavoured(void) __ksym __weak;
extern int bpf_rcu_read_lock___other(int number) __ksym __weak;
extern void no_such_kfunc(int) __ksym __weak;

__u64 sum;

SEC("struct_ops")
__u32 BPF_PROG(externs_ssthresh, struct sock *sk)
{
	sum += CONFIG_A_BOOL + CONFIG_A_CHAR + CONFIG_A_BYTE + CONFIG_A_SHORT + CONFIG_AN_INT;
	sum += CONFIG_A_LONG + CONFIG_A_TRISTATE + CONFIG_A_TEXT[1] + CONFIG_NOT_SET;
	sum += LINUX_KERNEL_VERSION + LINUX_HAS_BPF_COOKIE + LINUX_HAS_SYSCALL_WRAPPER;
	sum += LINUX_OF_THE_FUTURE;
	return sum;
}

SEC("struct_ops")
void BPF_PROG(externs_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	sum += (__u64)&runqueues + (__u64)&a_symbol_of_the_kernel;
	if (&no_such_variable)
		sum += no_such_variable;
}

SEC("struct_ops")
__u32 BPF_PROG(externs_undo_cwnd, struct sock *sk)
{
	bpf_rcu_read_lock();
	if (KERNEL_HAS(no_such_kfunc))
		no_such_kfunc(1);
	if (KERNEL_HAS(bpf_rcu_read_lock___other))
		bpf_rcu_read_lock___other(2);
	if (KERNEL_HAS(bpf_rcu_read_lock___flavoured))
		bpf_rcu_read_lock___flavoured();
	bpf_rcu_read_unlock();
	return 0;
}

SEC(".struct_ops")
struct tcp_congestion_ops so_externs = {
	.name = "so_externs",
	.ssthresh = (void *)externs_ssthresh,
	.cong_avoid = (void *)externs_cong_avoid,
	.undo_cwnd = (void *)externs_undo_cwnd,
};

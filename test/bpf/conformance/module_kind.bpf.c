// SPDX-License-Identifier: GPL-2.0
/* A kind of struct_ops, a function and a type that only a module has: test/module/of_module.c. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct of_module {
	int second;
} __attribute__((preserve_access_index));

struct module_ops___flavoured {
	int number;
	int (*run)(struct of_module *what);
	/* Of the module's own struct, but at another place. */
	int (*walk)(struct of_module *what);
};

extern int module_kfunc(int number) __ksym __weak;

SEC("struct_ops")
int BPF_PROG(module_run, struct of_module *what)
{
	return module_kfunc(what->second);
}

SEC("struct_ops")
int BPF_PROG(module_walk, struct of_module *what)
{
	return (module_kfunc ? module_kfunc(1) : 0) + bpf_core_type_exists(struct of_module);
}

SEC("fentry/of_module:module_function")
int BPF_PROG(at_entry)
{
	return 0;
}

SEC("struct_ops")
__u32 BPF_PROG(of_vmlinux, struct sock *sk)
{
	return tcp_sock_of(sk)->snd_cwnd;
}

SEC(".struct_ops.link")
struct module_ops___flavoured of_module_kind = {
	.number = 7,
	.run = (void *)module_run,
	.walk = (void *)module_walk,
};

SEC("struct_ops")
__u32 BPF_PROG(of_vmlinux_undo_cwnd, struct sock *sk)
{
	return tcp_sock_of(sk)->snd_cwnd;
}

SEC("struct_ops")
void BPF_PROG(of_vmlinux_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC(".struct_ops.link")
struct tcp_congestion_ops of_vmlinux_kind = {
	.name = "of_vmlinux",
	.ssthresh = (void *)of_vmlinux,
	.undo_cwnd = (void *)of_vmlinux_undo_cwnd,
	.cong_avoid = (void *)of_vmlinux_cong_avoid,
};

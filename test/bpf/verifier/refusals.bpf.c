// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that a loader has nothing against, and the verifier refuses, one reason each: each is
 * ssthresh of a struct_ops variable of its own, `so_` and its name, that is made only if asked for.
 */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

/* `enum bpf_map_type` of the kernel. */
#define BPF_MAP_TYPE_HASH 1
#define BPF_MAP_TYPE_RINGBUF 27

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct task_struct {
	int pid;
};

/* With a field that no kernel has. */
struct tcp_sock___future {
	__u32 snd_cwnd_tomorrow;
};

#pragma clang attribute pop

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u64);
	__type(value, __u64);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

__u32 table[16];

/* Weak: Linux 6.1 does not have most of them. */
extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym __weak;
extern void bpf_task_release(struct task_struct *task) __ksym __weak;
extern int bpf_copy_from_user_str(void *to, __u32 to__sz, const void *from,
				  __u64 flags) __ksym __weak;
extern __u32 tcp_reno_ssthresh(struct sock *sk) __ksym __weak;
extern __u32 structops_no_such_kfunc(struct sock *sk) __ksym __weak;

/* A variable that is made with `--create so_NAME=yes` alone. */
#define REFUSED(kind)                                                                              \
	__u32 kind(unsigned long long *ctx);                                                       \
	SEC("?.struct_ops")                                                                        \
	struct tcp_congestion_ops so_##kind = {                                                    \
		.name = "refused",                                                                 \
		.ssthresh = (void *)kind,                                                          \
	};                                                                                         \
	SEC("struct_ops")                                                                          \
	__u32 BPF_PROG(kind, struct sock *sk)

REFUSED(unbounded)
{
	return table[tcp_sock_of(sk)->snd_cwnd];
}

REFUSED(null_value)
{
	__u64 key = 1;
	__u64 *flow = bpf_map_lookup_elem(&flows, &key);

	return *flow;
}

REFUSED(null_task)
{
	struct task_struct *task = bpf_task_from_pid(1);
	__u32 pid = task->pid;

	bpf_task_release(task);
	return pid;
}

REFUSED(unset_stack)
{
	__u64 key;

	return bpf_map_lookup_elem(&flows, &key) != NULL;
}

REFUSED(unset_register)
{
	__u64 value;

	asm volatile("%0 = r9" : "=r"(value));
	return value;
}

REFUSED(endless)
{
	for (;;)
		asm volatile("" ::: "memory");
}

REFUSED(many_branches)
{
	__u32 sum = 0;

	for (int i = 0; i < 20000; i++) {
		if (bpf_get_prandom_u32() & 1)
			asm volatile("%0 += 1" : "+r"(sum));
	}
	return sum;
}

REFUSED(wrong_argument)
{
	__u64 other = 1;

	return tcp_reno_ssthresh((struct sock *)&other);
}

REFUSED(socket_for_key)
{
	return bpf_map_lookup_elem(&flows, sk) != NULL;
}

REFUSED(unreleased)
{
	__u64 *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (event)
		*event = 1;
	return 2;
}

REFUSED(unreleased_task)
{
	struct task_struct *task = bpf_task_from_pid(1);

	return task != NULL;
}

REFUSED(sleeps)
{
	char text[8];

	return bpf_copy_from_user_str(text, sizeof(text), (void *)8, 0);
}

REFUSED(read_only)
{
	tcp_sock_of(sk)->srtt_us = 0;
	return 2;
}

REFUSED(missing_kfunc)
{
	return structops_no_such_kfunc(sk);
}

REFUSED(missing_field)
{
	return ((struct tcp_sock___future *)sk)->snd_cwnd_tomorrow;
}

REFUSED(foreign_helper)
{
	return bpf_xdp_adjust_head((void *)sk, 0);
}

REFUSED(socket_arithmetic)
{
	return *(volatile __u32 *)((char *)sk + tcp_sock_of(sk)->snd_cwnd);
}

static __noinline __u32 fill_stack(__u32 seed)
{
	volatile __u32 values[100];

	for (int i = 0; i < 100; i++)
		values[i] = seed + i;
	return values[seed & 15];
}

REFUSED(deep_stack)
{
	volatile __u32 values[100];

	for (int i = 0; i < 100; i++)
		values[i] = i;
	return fill_stack(values[7]);
}

/* One argument more than the kernel calls it with. */
SEC("struct_ops")
__u32 BPF_PROG(more_arguments, struct sock *sk, __u32 more)
{
	return more;
}

SEC("?.struct_ops")
struct tcp_congestion_ops so_more_arguments = {
	.name = "refused",
	.ssthresh = (void *)more_arguments,
};

/* Of another type: what a callback of a congestion control returns may be anything. */
SEC("?cgroup/sock_create")
int returned_value(void *socket)
{
	return 5;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Sections, functions and data in all the ways that a loader tells apart by name, binding and
 * visibility. It is loaded nowhere: what a loader makes of it is compared.
 */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL\0and more";
__u32 made_for SEC("version") = 0x00010203;

/* Global data, by section. */
__u32 initialised = 77;
__u64 of_own_section[4] SEC(".data.of_own") = {1, 2, 3, 4};
static __u64 hidden_from_users SEC(".data.static_only") = 5;
/* A pointer in data: what it points to is no matter to a loader. */
const void *pointer_in_data SEC(".data.pointer") = &initialised;
const volatile __u32 parameter = 5;
const volatile char text[] SEC(".rodata.text") = "twelve bytes";
__u32 zeroes[100];
__u64 other_zeroes SEC(".bss.others");
__hidden __u32 hidden_variable = 9;
/* Of a kind of data that no loader knows. */
__u32 unknown_section SEC(".hid_bpf_config") = 3;

static __u64 local;

/* Called in an order that is neither that of the file nor that of the alphabet. */
static __noinline int third(__u32 x)
{
	local += x;
	return x * initialised;
}

__noinline int second(__u32 x)
{
	return third(x) + of_own_section[x & 3];
}

__hidden __noinline int hidden_first(__u32 x)
{
	return second(x + 1) + parameter + hidden_variable;
}

__weak __noinline int weak_one(__u32 x)
{
	return x + 3 + (__u32)hidden_from_users;
}

/* Nobody calls it. */
__noinline int unused(__u32 x)
{
	return x ^ 0x55;
}

static long add_index(__u32 index, void *sum)
{
	*(__u32 *)sum += third(index);
	return 0;
}

SEC("struct_ops/a_name_that_means_nothing")
void BPF_PROG(sections_init, struct sock *sk)
{
	other_zeroes += zeroes[3];
	of_own_section[1] = (__u64)pointer_in_data;
}

SEC("struct_ops.s/sleeps")
__u32 BPF_PROG(sections_ssthresh, struct sock *sk)
{
	return hidden_first(3) + weak_one(2) + third(1);
}

SEC("struct_ops")
void BPF_PROG(sections_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	__u32 sum = ack;

	bpf_loop(acked, add_index, &sum, 0);
	bpf_printk("sum %u", sum);
	zeroes[4] = sum + text[2];
}

/* A second one in the same section. */
SEC("struct_ops")
void BPF_PROG(sections_set_state, struct sock *sk, __u8 new_state)
{
	zeroes[5] = second(new_state);
}

/* Optional, and used. */
SEC("?struct_ops")
__u32 BPF_PROG(sections_undo_cwnd, struct sock *sk)
{
	return weak_one(1);
}

/* Optional, and not used. */
SEC("?struct_ops")
__u32 BPF_PROG(sections_not_used, struct sock *sk)
{
	return 1;
}

/* Optional, of a type that nothing tells. */
SEC("?of_no_type")
int of_no_type(void *ctx)
{
	return 0;
}

SEC("syscall")
int run_from_user_space(void *ctx)
{
	return third(7);
}

SEC(".struct_ops")
struct tcp_congestion_ops so_sections = {
	.name = "so_sections",
	.init = (void *)sections_init,
	.ssthresh = (void *)sections_ssthresh,
	.cong_avoid = (void *)sections_cong_avoid,
	.set_state = (void *)sections_set_state,
	.undo_cwnd = (void *)sections_undo_cwnd,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * An arena with global variables in it, which a program reads and writes: it is attached where the
 * kernel has arenas.
 */
#include "tcp_kernel.h"
#include "tcp_helpers.h"
#include "newer_helpers.h"

char LICENSE[] SEC("license") = "GPL";

#define __arena __attribute__((address_space(1)))

struct {
	__uint(type, 33);
	__uint(map_flags, 1 << 10);
	__uint(max_entries, 100);
	__ulong(map_extra, 1ull << 44);
} arena SEC(".maps");

__u64 __arena numbers[600] = {7, 8, 9};
__u32 __arena counter;
__u64 sum;

SEC("struct_ops")
__u32 BPF_PROG(arena_ssthresh, struct sock *sk)
{
	/* A program that uses an arena without its map among its instructions is refused. */
	asm volatile("" ::"r"(&arena));
	sum += numbers[2];
	counter++;
	return 2;
}

SEC("struct_ops")
__u32 BPF_PROG(arena_undo_cwnd, struct sock *sk)
{
	return 2;
}

SEC("struct_ops")
void BPF_PROG(arena_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops so_arena = {
	.name = "so_arena",
	.ssthresh = (void *)arena_ssthresh,
	.undo_cwnd = (void *)arena_undo_cwnd,
	.cong_avoid = (void *)arena_cong_avoid,
};

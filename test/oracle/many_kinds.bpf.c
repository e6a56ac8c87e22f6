// SPDX-License-Identifier: GPL-2.0
/*
 * Much of what an object can have beside a struct_ops variable, in one: maps of several kinds, a
 * map of maps, data sections of one's own, functions that are static, global, hidden and weak, a
 * callback, an optional program, a sleepable one, two variables. It is loaded nowhere: only what
 * a loader makes of it is compared. Built with a kernel's vmlinux.h.
 */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct value {
	__u64 count;
	struct {
		__u32 low, high;
	} pairs[3];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 128);
	__type(key, __u64);
	__type(value, struct value);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} a_map_with_a_long_name SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 7);
	__uint(key_size, 4);
	__uint(value_size, 12);
	__uint(map_flags, BPF_F_NO_COMMON_LRU);
} sizes_without_types SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct value);
} storage SEC(".maps");

/* Not a power of two of pages: a loader has to round it up. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 5000);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 5);
	__type(value, __u64);
} queue SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} one SEC(".maps"), two SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = {.values = {&two, &one}};

__u64 of_own_section[4] SEC(".data.of_own") = {1, 2, 3, 4};
const volatile char text[] SEC(".rodata.text") = "twelve bytes";
__u32 initialised = 77;
static __u64 local;
__u32 zeroes[100];
const volatile __u32 parameter = 5;

static __noinline int static_function(__u32 x)
{
	local += x;
	return x * initialised;
}

__noinline int global_function(__u32 x)
{
	return static_function(x) + of_own_section[x & 3];
}

__hidden __noinline int hidden_function(__u32 x)
{
	return global_function(x + 1) + parameter;
}

__weak __noinline int weak_function(__u32 x)
{
	return x + 3;
}

static long add_index(__u32 index, void *sum)
{
	*(__u32 *)sum += index;
	return 0;
}

SEC("struct_ops/many_init")
void BPF_PROG(many_init, struct sock *sk)
{
	__u64 key = 1;
	__u32 index = 0;
	struct value *value = bpf_map_lookup_elem(&hash, &key);
	__u64 *counter = bpf_map_lookup_elem(&a_map_with_a_long_name, &index);

	if (value)
		value->count++;
	if (counter)
		(*counter)++;
	bpf_map_update_elem(&sizes_without_types, &index, (void *)text, BPF_ANY);
}

SEC("struct_ops.s")
__u32 BPF_PROG(many_ssthresh, struct sock *sk)
{
	__u32 sum = 0;

	bpf_loop(4, add_index, &sum, 0);
	return hidden_function(sum) + weak_function(2);
}

SEC("struct_ops")
void BPF_PROG(many_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	struct value *value = bpf_sk_storage_get(&storage, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	__u64 entry = acked;

	if (value)
		value->pairs[2].high = static_function(ack);
	bpf_map_push_elem(&queue, &entry, BPF_ANY);
	bpf_ringbuf_output(&ring, &entry, sizeof(entry), 0);
	bpf_printk("ack %u", ack);
}

SEC("?struct_ops")
__u32 BPF_PROG(many_undo_cwnd, struct sock *sk)
{
	__u32 index = 0;
	void *inner = bpf_map_lookup_elem(&outer, &index);
	__u32 *value = inner ? bpf_map_lookup_elem(inner, &index) : NULL;

	return value ? *value : zeroes[3];
}

SEC(".struct_ops")
struct tcp_congestion_ops so_many = {
	.name = "so_many",
	.init = (void *)many_init,
	.ssthresh = (void *)many_ssthresh,
	.cong_avoid = (void *)many_cong_avoid,
	.undo_cwnd = (void *)many_undo_cwnd,
};

/* Shares programs with the other one. */
SEC(".struct_ops")
struct tcp_congestion_ops so_other_of_many = {
	.name = "so_other",
	.flags = 2,
	.ssthresh = (void *)many_ssthresh,
	.cong_avoid = (void *)many_cong_avoid,
	.undo_cwnd = (void *)many_undo_cwnd,
};

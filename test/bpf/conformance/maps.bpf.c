// SPDX-License-Identifier: GPL-2.0
/* A map of every kind that is created in a way of its own, and every attribute of a definition. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"
#include "newer_helpers.h"

char LICENSE[] SEC("license") = "GPL";

#define MAP(name, number, entries)                                                                 \
	struct {                                                                                   \
		__uint(type, number);                                                              \
		__uint(key_size, 4);                                                               \
		__uint(value_size, 4);                                                             \
		__uint(max_entries, entries);                                                      \
	} name SEC(".maps")

/* Numbers of enum bpf_map_type. Those that the kernel takes no BTF for: */
MAP(perf_event_array, 4, 0);
MAP(perf_event_array_of_8, 4, 8);
MAP(cgroup_array, 8, 2);
MAP(devmap, 14, 2);
MAP(sockmap, 15, 2);
MAP(cpumap, 16, 2);
MAP(xskmap, 17, 2);
MAP(sockhash, 18, 2);
MAP(devmap_hash, 25, 2);

struct {
	__uint(type, 7);
	__uint(key_size, 4);
	__uint(value_size, 80);
	__uint(max_entries, 16);
} stack_trace SEC(".maps");

struct {
	__uint(type, 22);
	__uint(max_entries, 5);
	__type(value, __u64);
} queue SEC(".maps");

struct {
	__uint(type, 23);
	__uint(max_entries, 5);
	__uint(value_size, 8);
} stack SEC(".maps");

/* Those that it takes BTF for. */
MAP(prog_array_plain, 3, 2);
MAP(reuseport_sockarray, 20, 2);

struct value {
	__u64 count;
	__u32 pairs[6];
};

struct {
	__uint(type, 1);
	__uint(max_entries, 128);
	__type(key, __u64);
	__type(value, struct value);
	__uint(map_flags, 1);
} hash SEC(".maps");

struct {
	__uint(type, 6);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} percpu_array_with_a_long_name SEC(".maps");

struct {
	__uint(type, 9);
	__uint(max_entries, 7);
	__type(key, __u32);
	__uint(key_size, 4);
	__type(value, __u32);
	__uint(map_flags, 4);
	__uint(numa_node, 1);
} lru_hash_on_a_node SEC(".maps");

struct {
	__uint(type, 24);
	__uint(map_flags, 1);
	__type(key, int);
	__type(value, struct value);
} sk_storage SEC(".maps");

struct {
	__uint(type, 29);
	__uint(map_flags, 1);
	__type(key, int);
	__type(value, struct value);
} task_storage SEC(".maps");

struct {
	__uint(type, 32);
	__uint(map_flags, 1);
	__type(key, int);
	__type(value, struct value);
} cgrp_storage SEC(".maps");

struct {
	__uint(type, 11);
	__uint(max_entries, 4);
	__uint(key_size, 8);
	__type(value, __u32);
	__uint(map_flags, 1);
} lpm_trie SEC(".maps");

/* map_extra is the number of its hashes: as an array, and as an enum. */
struct {
	__uint(type, 30);
	__uint(max_entries, 4);
	__type(value, __u32);
	__uint(map_extra, 3);
} bloom_filter SEC(".maps");

struct {
	__uint(type, 30);
	__uint(max_entries, 4);
	__type(value, __u32);
	__ulong(map_extra, 5);
} other_bloom_filter SEC(".maps");

#define RING(name, number, bytes)                                                                  \
	struct {                                                                                   \
		__uint(type, number);                                                              \
		__uint(max_entries, bytes);                                                        \
	} name SEC(".maps")

/* Rounded up to a power of two of pages, unless they are one or nothing at all. */
RING(ring_of_one_page, 27, 4096);
RING(ring_of_5000, 27, 5000);
RING(ring_of_3_pages, 27, 12288);
RING(ring_of_4_pages, 27, 16384);
RING(ring_of_nothing, 27, 0);
RING(user_ring_of_1, 31, 1);

struct inner {
	__uint(type, 2);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} one SEC(".maps"), two SEC(".maps");

struct {
	__uint(type, 12);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} array_of_maps SEC(".maps") = {.values = {&two, NULL, &one}};

struct {
	__uint(type, 13);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} hash_of_maps SEC(".maps") = {.values = {[3] = &one}};

/* The definition of what it holds stands in it. */
struct {
	__uint(type, 12);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__array(
		values, struct {
			__uint(type, 27);
			__uint(max_entries, 4096);
		});
} array_of_rings SEC(".maps");

SEC("struct_ops")
__u32 BPF_PROG(maps_ssthresh, struct sock *sk)
{
	__u64 key = 1;
	struct value *value = bpf_map_lookup_elem(&hash, &key);

	return value ? value->count : 0;
}

SEC("struct_ops")
void BPF_PROG(maps_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	__u32 index = 2;
	void *inner = bpf_map_lookup_elem(&array_of_maps, &index);
	__u32 *value = inner ? bpf_map_lookup_elem(inner, &index) : NULL;

	if (value)
		*value = ack;
	bpf_ringbuf_output(&ring_of_5000, &index, sizeof(index), 0);
}

SEC("syscall")
int tail(void *ctx)
{
	return 0;
}

struct {
	__uint(type, 3);
	__uint(max_entries, 3);
	__uint(key_size, 4);
	__array(values, int(void *));
} prog_array SEC(".maps") = {.values = {[1] = (void *)&tail}};

SEC("syscall")
int jumps(void *ctx)
{
	bpf_tail_call(ctx, &prog_array, 1);
	return 1;
}

SEC(".struct_ops")
struct tcp_congestion_ops so_maps = {
	.name = "so_maps",
	.ssthresh = (void *)maps_ssthresh,
	.cong_avoid = (void *)maps_cong_avoid,
};

// SPDX-License-Identifier: GPL-2.0
/* One of everything that a setting can change. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

enum mode {
	QUIET,
	LOUD,
};

const volatile int threshold = 5;
const volatile bool enabled;
const volatile __u64 large;
const volatile enum mode mode = QUIET;
const volatile char label[8] = "before";
const volatile __u64 __TCP_CA_Loss __weak;

SEC(".data.samples")
char samples[16];

/* `enum bpf_map_type` of the kernel. */
#define BPF_MAP_TYPE_HASH 1

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} flows SEC(".maps");

/* More than any kernel has. */
struct tcp_congestion_ops___wider {
	char name[16];
	__u32 flags;
	__u64 events;
	__u32 (*ssthresh)(struct sock *sk);
	__u32 (*undo_cwnd)(struct sock *sk);
	void (*invented)(struct sock *sk);
};

SEC("struct_ops")
__u32 BPF_PROG(first_ssthresh, struct sock *sk)
{
	__u32 key = 0;

	samples[0]++;
	if (bpf_map_lookup_elem(&flows, &key))
		return 2;
	return threshold + enabled + large + mode + label[0] + __TCP_CA_Loss;
}

SEC("struct_ops")
__u32 BPF_PROG(second_ssthresh, struct sock *sk)
{
	return 3;
}

SEC("struct_ops")
__u32 BPF_PROG(undo, struct sock *sk)
{
	return 4;
}

SEC("struct_ops")
void BPF_PROG(invented, struct sock *sk)
{
}

SEC("syscall")
int other(void *context)
{
	return 0;
}

SEC(".struct_ops")
struct tcp_congestion_ops___wider so_first = {
	.name = "so_first",
	.ssthresh = (void *)first_ssthresh,
	.undo_cwnd = (void *)undo,
	.invented = (void *)invented,
};

SEC(".struct_ops")
struct tcp_congestion_ops so_second = {
	.name = "so_second",
	.ssthresh = (void *)second_ssthresh,
};

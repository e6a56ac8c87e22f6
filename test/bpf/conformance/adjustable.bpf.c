// SPDX-License-Identifier: GPL-2.0
/* What a user sets before load, in an object that kernels attach with and without. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

enum loudness {
	QUIET,
	LOUD = 7,
};

enum wide {
	NARROW,
	WIDE = 1ull << 40,
};

struct sample {
	__u64 when;
	__u32 cwnd;
	__u32 acked;
};

const volatile int threshold = 5;
const volatile __s8 small = -1;
const volatile __u16 port = 80;
const volatile __s64 large = -1;
const volatile bool enabled;
const volatile enum loudness loudness;
const volatile enum wide wide;
const volatile char label[16] = "before";
const volatile __u64 __TCP_CA_Loss __weak;
const volatile __u32 __TCP_CA_of_nobody __weak = 9;

int counter = 1;
__u64 total;
struct sample samples[2] SEC(".data.samples") = {{1, 2, 3}};
__u32 zeros[1] SEC(".bss.zeros");
const volatile __u8 weights[3] SEC(".rodata.weights") = {1, 2, 3};

extern int CONFIG_HZ __kconfig __weak;

struct {
	__uint(type, 1); /* BPF_MAP_TYPE_HASH */
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} flows SEC(".maps");

struct {
	__uint(type, 27); /* BPF_MAP_TYPE_RINGBUF */
	__uint(max_entries, 4096);
} events SEC(".maps");

static __noinline __u64 sum_of_constants(void)
{
	return threshold + small + port + large + enabled + loudness + wide + label[0] +
	       weights[0] + __TCP_CA_Loss + __TCP_CA_of_nobody;
}

SEC("struct_ops")
__u32 BPF_PROG(adjustable_ssthresh, struct sock *sk)
{
	__u32 key = 0;

	counter++;
	samples[0].cwnd = tcp_sock_of(sk)->snd_cwnd;
	total += sum_of_constants() + zeros[0];
	return bpf_map_lookup_elem(&flows, &key) ? 2 : 3 + CONFIG_HZ;
}

SEC("?struct_ops")
__u32 BPF_PROG(other_ssthresh, struct sock *sk)
{
	void *room = bpf_ringbuf_reserve(&events, 8, 0);

	if (room)
		bpf_ringbuf_discard(room, 0);
	return sum_of_constants();
}

SEC("struct_ops")
__u32 BPF_PROG(adjustable_undo_cwnd, struct sock *sk)
{
	return tcp_sock_of(sk)->snd_cwnd;
}

SEC("struct_ops")
void BPF_PROG(adjustable_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC("struct_ops")
void BPF_PROG(adjustable_init, struct sock *sk)
{
}

/* Of no kernel. */
SEC("struct_ops")
void BPF_PROG(adjustable_invented, struct sock *sk)
{
}

SEC("syscall")
int beside(void *context)
{
	return counter;
}

SEC("?syscall")
int spare(void *context)
{
	return 0;
}

struct tcp_congestion_ops___wider {
	char name[16];
	__u32 flags;
	void (*init)(struct sock *sk);
	__u32 (*ssthresh)(struct sock *sk);
	__u32 (*undo_cwnd)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	void (*invented)(struct sock *sk);
	__u64 invented_number;
};

SEC(".struct_ops")
struct tcp_congestion_ops___wider so_adjust = {
	.name = "so_adjust",
	.init = (void *)adjustable_init,
	.ssthresh = (void *)adjustable_ssthresh,
	.undo_cwnd = (void *)adjustable_undo_cwnd,
	.cong_avoid = (void *)adjustable_cong_avoid,
	.invented = (void *)adjustable_invented,
};

SEC("?.struct_ops")
struct tcp_congestion_ops so_spare = {
	.name = "so_spare",
	.ssthresh = (void *)other_ssthresh,
	.undo_cwnd = (void *)adjustable_undo_cwnd,
	.cong_avoid = (void *)adjustable_cong_avoid,
};

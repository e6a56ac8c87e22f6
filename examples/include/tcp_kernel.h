/* SPDX-License-Identifier: MIT */
/*
 * The kernel's TCP types, cut down to the fields that the examples use. The offsets here mean
 * nothing: preserve_access_index makes each access a CO-RE relocation, and the loader puts in
 * the offset of the field of the same name in the running kernel.
 *
 * `make VMLINUX_DIR=...` takes the types from a vmlinux.h instead, which
 * `bpftool btf dump file /sys/kernel/btf/vmlinux format c` writes.
 */
#ifndef TCP_KERNEL_H
#define TCP_KERNEL_H

#ifdef USE_VMLINUX_H

#include "vmlinux.h"

#else

#include "integers.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct sock {
};

struct inet_connection_sock {
	__u64 icsk_ca_priv[13];
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u64 tcp_mstamp;
	__u32 srtt_us;
	__u32 snd_cwnd;
	__u32 snd_cwnd_cnt;
	__u32 snd_cwnd_clamp;
	__u32 snd_ssthresh;
	__u32 max_packets_out;
	__u32 prior_cwnd;
	__u8 is_cwnd_limited : 1;
};

/* A loader matches members by name, so neither order nor completeness matters. */
struct tcp_congestion_ops {
	char name[16];
	void (*init)(struct sock *sk);
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	void (*set_state)(struct sock *sk, __u8 new_state);
	__u32 (*undo_cwnd)(struct sock *sk);
};

enum tcp_ca_state {
	TCP_CA_Loss = 4,
};

#pragma clang attribute pop

#endif /* USE_VMLINUX_H */

#endif /* TCP_KERNEL_H */

/* SPDX-License-Identifier: MIT */
/* What both congestion controls need: the socket, the state of a connection, a section. */
#ifndef TCP_HELPERS_H
#define TCP_HELPERS_H

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/*
 * `.struct_ops` registers when its map is updated (Linux 5.6); `.struct_ops.link` is attached by
 * a BPF link (Linux 6.4). The Makefile builds each example both ways.
 */
#ifndef STRUCT_OPS_SECTION
#define STRUCT_OPS_SECTION ".struct_ops"
#endif

/* The verifier gives a callback's `struct sock *` all the fields of a tcp_sock. */
static __always_inline struct tcp_sock *tcp_sock_of(struct sock *sk)
{
	return (struct tcp_sock *)sk;
}

/* The 104 bytes of each connection that belong to its congestion control. */
static __always_inline void *private_of(struct sock *sk)
{
	return tcp_sock_of(sk)->inet_conn.icsk_ca_priv;
}

static __always_inline bool in_slow_start(const struct tcp_sock *tp)
{
	return tp->snd_cwnd < tp->snd_ssthresh;
}

/* Whether the window, and not the application, is what limits the sender. */
static __always_inline bool is_window_limited(const struct tcp_sock *tp)
{
	if (in_slow_start(tp))
		return tp->snd_cwnd < 2 * tp->max_packets_out;
	return BPF_CORE_READ_BITFIELD(tp, is_cwnd_limited);
}

/* For counters: callbacks run on any CPU, and none may be lost. */
static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

static __always_inline __u32 smaller(__u32 a, __u32 b)
{
	return a < b ? a : b;
}

static __always_inline __u32 larger(__u32 a, __u32 b)
{
	return a > b ? a : b;
}

#endif /* TCP_HELPERS_H */

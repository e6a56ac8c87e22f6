// SPDX-License-Identifier: GPL-2.0
/*
 * so_second: a congestion control of the CUBIC kind.
 *
 * After a loss the window W follows a cubic of the time t since then, whose flat part lies at
 * the window `peak` that the loss was seen at:
 *
 *	W(t) = peak + scale * (t - k)^3	with k such that W(0) is the reduced window
 *
 * It returns to `peak` fast, stays near it for a while, then looks for more. Unlike RFC 9438 it
 * runs t only while the window limits the sender, so an idle connection needs no special case;
 * there is no TCP-friendly region and no HyStart.
 *
 * Beyond what first.bpf.c shows: parameters in .rodata that a loader can set, kfuncs, a bit
 * field, an enum value and a field that not every kernel has by CO-RE, state per connection,
 * functions of its own: static ones and a global one, which the verifier checks by itself.
 */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

#define PER_MILLE 1000
#define USEC_PER_MSEC 1000
/* A cubic after 200 s is past any window; its cube still fits in 64 bits. */
#define ELAPSED_MAX_MS 200000
#define WINDOW_MAX (1U << 24)
/* Acknowledged segments for one more in the window where the cubic does not rise. */
#define FLAT_GROWTH 1000

char LICENSE[] SEC("license") = "GPL";

/* The window after a loss, as a share of the one before. */
const volatile __u32 beta_per_mille = 700;
/* `scale`, in thousandths of a segment per cubic second. */
const volatile __u32 scale_per_mille = 400;
/* No loss makes the window smaller than this many segments. */
const volatile __u32 window_min = 2;

__u64 acks;
__u64 slow_start_acks;
__u64 connections;
__u64 ssthresh_calls;
__u64 loss_calls;
__u64 undo_calls;
/* The largest window seen, in segments. */
__u32 largest_window;
/* The most timeouts that one connection has had; stays 0 before Linux 6.7, which counts them. */
__u32 most_timeouts;

/* In icsk_ca_priv. All zero: no loss yet, or a new start. */
struct second_state {
	__u32 peak;
	__u32 k_ms;
	__u32 elapsed_ms;
	/* What elapsed_ms leaves out. */
	__u32 elapsed_rest_us;
	__u64 last_ack_us;
};

/* What is after ___ is not part of the name for CO-RE; vmlinux.h of Linux 6.1 has no such field. */
struct tcp_sock___with_total_rto {
	__u16 total_rto;
} __attribute__((preserve_access_index));

extern __u32 tcp_slow_start(struct tcp_sock *tp, __u32 acked) __ksym;
extern void tcp_cong_avoid_ai(struct tcp_sock *tp, __u32 w, __u32 acked) __ksym;
extern __u32 tcp_reno_undo_cwnd(struct sock *sk) __ksym;

/* The largest integer below 2^21 whose cube is at most `value`, from its highest bit down. */
static __noinline __u32 cube_root(__u64 value)
{
	__u64 root = 0;

	/* No overflow: 2^21 cubed is 2^63. */
	for (int bit = 20; bit >= 0; bit--) {
		__u64 next = root | (1ULL << bit);

		if (next * next * next <= value)
			root = next;
	}
	return root;
}

/* Milliseconds that the cubic takes to grow by `segments` up to its flat part. */
static __noinline __u32 time_to_grow(__u32 segments)
{
	/* 10^9 ms^3 in s^3, 10^3 for the per mille. */
	__u64 cube = (__u64)smaller(segments, WINDOW_MAX) * 1000000000ULL;

	return cube_root(cube / larger(scale_per_mille, 1) * PER_MILLE);
}

/*
 * W(t) of the head of this file, in segments. Global, so the verifier checks it once, for any
 * arguments, and its callers without looking inside.
 */
__noinline __u32 second_cubic(__u32 peak, __u32 k_ms, __u32 elapsed_ms)
{
	__u32 time_ms = smaller(elapsed_ms, ELAPSED_MAX_MS);
	bool before_peak = time_ms < k_ms;
	__u64 distance_ms = smaller(before_peak ? k_ms - time_ms : time_ms - k_ms, ELAPSED_MAX_MS);
	__u64 cube = distance_ms * distance_ms * distance_ms / 1000000ULL;
	__u64 segments = cube * smaller(scale_per_mille, PER_MILLE * PER_MILLE) / 1000000ULL;

	if (!before_peak)
		return peak + segments < WINDOW_MAX ? peak + segments : WINDOW_MAX;
	return segments < peak ? peak - segments : 0;
}

/* Lets t run on by the time since the last ack, but by no more than one round trip. */
static __always_inline void advance(struct second_state *state, const struct tcp_sock *tp)
{
	__u64 now_us = tp->tcp_mstamp;
	__u64 passed_us = now_us - state->last_ack_us;
	__u32 round_trip_us = tp->srtt_us >> 3;

	state->last_ack_us = now_us;
	if (passed_us > round_trip_us)
		passed_us = round_trip_us;
	passed_us += state->elapsed_rest_us;
	state->elapsed_ms = smaller(state->elapsed_ms + passed_us / USEC_PER_MSEC, ELAPSED_MAX_MS);
	state->elapsed_rest_us = passed_us % USEC_PER_MSEC;
}

SEC("struct_ops")
void BPF_PROG(second_init, struct sock *sk)
{
	struct second_state *state = private_of(sk);

	count(&connections);
	state->peak = 0;
	state->k_ms = 0;
	state->elapsed_ms = 0;
	state->elapsed_rest_us = 0;
	state->last_ack_us = tcp_sock_of(sk)->tcp_mstamp;
}

SEC("struct_ops")
__u32 BPF_PROG(second_ssthresh, struct sock *sk)
{
	struct second_state *state = private_of(sk);
	__u32 window = smaller(tcp_sock_of(sk)->snd_cwnd, WINDOW_MAX);
	__u32 reduced = (__u64)window * smaller(beta_per_mille, PER_MILLE) / PER_MILLE;

	count(&ssthresh_calls);
	state->peak = window;
	state->k_ms = time_to_grow(window - reduced);
	state->elapsed_ms = 0;
	state->elapsed_rest_us = 0;
	return larger(reduced, window_min);
}

SEC("struct_ops")
void BPF_PROG(second_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	struct second_state *state = private_of(sk);
	struct tcp_sock *tp = tcp_sock_of(sk);
	__u32 window, target;

	count(&acks);
	/* Two CPUs may race here, and the larger value be lost until it is seen again. */
	largest_window = larger(largest_window, tp->snd_cwnd);
	if (!is_window_limited(tp)) {
		state->last_ack_us = tp->tcp_mstamp;
		return;
	}
	if (in_slow_start(tp)) {
		count(&slow_start_acks);
		acked = tcp_slow_start(tp, acked);
		if (!acked)
			return;
	}
	if (!state->peak)
		state->peak = tp->snd_cwnd;
	advance(state, tp);
	window = larger(tp->snd_cwnd, 1);
	target = second_cubic(state->peak, state->k_ms, state->elapsed_ms);
	/* One segment for so many acknowledged ones that `target` is reached in a round trip. */
	if (target > window)
		tcp_cong_avoid_ai(tp, larger(window / (target - window), 2), acked);
	else
		tcp_cong_avoid_ai(tp, FLAT_GROWTH, acked);
}

SEC("struct_ops")
void BPF_PROG(second_set_state, struct sock *sk, __u8 new_state)
{
	const struct tcp_sock___with_total_rto *tp = (void *)sk;

	if (new_state != bpf_core_enum_value(enum tcp_ca_state, TCP_CA_Loss))
		return;
	count(&loss_calls);
	if (bpf_core_field_exists(tp->total_rto))
		most_timeouts = larger(most_timeouts, tp->total_rto);
}

SEC("struct_ops")
__u32 BPF_PROG(second_undo_cwnd, struct sock *sk)
{
	count(&undo_calls);
	return tcp_reno_undo_cwnd(sk);
}

SEC(STRUCT_OPS_SECTION)
struct tcp_congestion_ops so_second = {
	.name = "so_second",
	.init = (void *)second_init,
	.ssthresh = (void *)second_ssthresh,
	.cong_avoid = (void *)second_cong_avoid,
	.set_state = (void *)second_set_state,
	.undo_cwnd = (void *)second_undo_cwnd,
};

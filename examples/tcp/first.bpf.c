// SPDX-License-Identifier: GPL-2.0
/*
 * so_first: the least that a TCP congestion control can be.
 *
 * The window doubles each round trip until it reaches the slow start threshold, then grows by
 * one segment a round trip; a loss halves it. Every callback counts its calls, so that a reader
 * of the .bss map sees the program run.
 */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

__u64 acks;
__u64 ssthresh_calls;
__u64 undo_calls;

SEC("struct_ops")
__u32 BPF_PROG(first_ssthresh, struct sock *sk)
{
	count(&ssthresh_calls);
	return larger(tcp_sock_of(sk)->snd_cwnd / 2, 2);
}

SEC("struct_ops")
__u32 BPF_PROG(first_undo_cwnd, struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sock_of(sk);

	count(&undo_calls);
	return larger(tp->snd_cwnd, tp->prior_cwnd);
}

SEC("struct_ops")
void BPF_PROG(first_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	struct tcp_sock *tp = tcp_sock_of(sk);
	__u32 window = tp->snd_cwnd;

	count(&acks);
	if (!is_window_limited(tp))
		return;
	if (in_slow_start(tp)) {
		window = smaller(window + acked, tp->snd_ssthresh);
	} else {
		__u32 credit = tp->snd_cwnd_cnt + acked;

		if (credit >= window) {
			credit -= window;
			window++;
		}
		tp->snd_cwnd_cnt = credit;
	}
	tp->snd_cwnd = smaller(window, tp->snd_cwnd_clamp);
}

SEC(STRUCT_OPS_SECTION)
struct tcp_congestion_ops so_first = {
	.name = "so_first",
	.ssthresh = (void *)first_ssthresh,
	.cong_avoid = (void *)first_cong_avoid,
	.undo_cwnd = (void *)first_undo_cwnd,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Switches that clang 22 itself makes jump tables of, for -mcpu=v4 and from 13 cases on: one in a
 * program, one in a function that all programs call. See jump_table.bpf.c for such by hand.
 */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

__u64 last;

static __noinline __u64 weigh(__u64 what)
{
	switch (what) {
	case 0:
		return last * 3;
	case 1:
		return last + 7;
	case 2:
		return last ^ 5;
	case 3:
		return last / 9;
	case 4:
		return last >> 2;
	case 5:
		return last % 100;
	case 6:
		return last - 1;
	case 7:
		return last * 17;
	case 8:
		return last + 21;
	case 9:
		return last ^ 99;
	case 10:
		return last / 33;
	case 11:
		return last >> 5;
	case 12:
		return last % 7;
	case 13:
		return last - 40;
	default:
		return 2;
	}
}

SEC("struct_ops")
__u32 BPF_PROG(switch_ssthresh, struct sock *sk)
{
	switch (last & 15) {
	case 0:
		last = tcp_sock_of(sk)->snd_cwnd;
		break;
	case 1:
		last += 11;
		break;
	case 2:
		last *= 5;
		break;
	case 3:
		last ^= 77;
		break;
	case 4:
		last /= 3;
		break;
	case 5:
		last <<= 2;
		break;
	case 6:
		last %= 1001;
		break;
	case 7:
		last -= 8;
		break;
	case 8:
		last |= 64;
		break;
	case 9:
		last >>= 3;
		break;
	case 10:
		last += last * 9;
		break;
	case 11:
		last ^= last >> 7;
		break;
	case 12:
		last = last * 31 + 1;
		break;
	default:
		last = 1;
	}
	return weigh(last) + 2;
}

SEC("struct_ops")
void BPF_PROG(switch_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	last = weigh(acked);
}

SEC("struct_ops")
__u32 BPF_PROG(switch_undo_cwnd, struct sock *sk)
{
	return tcp_sock_of(sk)->snd_cwnd;
}

SEC(".struct_ops")
struct tcp_congestion_ops so_switch = {
	.name = "so_switch",
	.ssthresh = (void *)switch_ssthresh,
	.cong_avoid = (void *)switch_cong_avoid,
	.undo_cwnd = (void *)switch_undo_cwnd,
};

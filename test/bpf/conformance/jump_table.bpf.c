// SPDX-License-Identifier: GPL-2.0
/*
 * Indirect jumps, as compilers make of large switches since clang 22: tables in .jumptables, and
 * the instruction that goes where a register says. Here by hand, since clang 19 builds it.
 */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

/* Sets the result to 10, 20 or 30. `r0 = *(table + which * 8); goto r0` */
#define SWITCH_THROUGH(table, which, result)                                                       \
	asm volatile(".pushsection .jumptables,\"a\",@progbits\n"                                  \
		     ".globl " table "\n.type " table ",@object\n.size " table ", 24\n"            \
		     ".p2align 3\n" table ":\n"                                                    \
		     ".quad 1f\n.quad 2f\n.quad 3f\n"                                              \
		     ".popsection\n"                                                               \
		     "r1 = " table " ll\n"                                                         \
		     "r2 = %[w]\n"                                                                 \
		     "if r2 > 2 goto 4f\n"                                                         \
		     "r2 <<= 3\n"                                                                  \
		     "r1 += r2\n"                                                                  \
		     "r1 = *(u64 *)(r1 + 0)\n"                                                     \
		     ".byte 0x0d, 0x01, 0, 0, 0, 0, 0, 0\n"                                        \
		     "1: %[r] = 10\ngoto 4f\n"                                                     \
		     "2: %[r] = 20\ngoto 4f\n"                                                     \
		     "3: %[r] = 30\n"                                                              \
		     "4:\n"                                                                        \
		     : [r] "+r"(result)                                                            \
		     : [w] "r"(which)                                                              \
		     : "r1", "r2")

__u64 last;

/* In .text: its table has places of that section. */
static __noinline __u64 switch_in_function(__u64 which)
{
	__u64 result = 0;

	SWITCH_THROUGH("function_table", which, result);
	return result;
}

SEC("struct_ops")
__u32 BPF_PROG(jump_ssthresh, struct sock *sk)
{
	__u64 result = 2, which = last & 3;

	SWITCH_THROUGH("program_table", which, result);
	return result + switch_in_function(result);
}

SEC("struct_ops")
void BPF_PROG(jump_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	__u64 result = 0, which = ack;

	SWITCH_THROUGH("second_table", which, result);
	last = result + switch_in_function(acked);
}

SEC("struct_ops")
__u32 BPF_PROG(jump_undo_cwnd, struct sock *sk)
{
	return tcp_sock_of(sk)->snd_cwnd;
}

SEC(".struct_ops")
struct tcp_congestion_ops so_jump = {
	.name = "so_jump",
	.ssthresh = (void *)jump_ssthresh,
	.cong_avoid = (void *)jump_cong_avoid,
	.undo_cwnd = (void *)jump_undo_cwnd,
};

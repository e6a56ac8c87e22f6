// SPDX-License-Identifier: GPL-2.0
/*
 * Functions whose parameters are the context of whatever program calls them: kernels before 6.8 do
 * not know the tag that says so.
 */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

#define __arg_ctx __attribute__((btf_decl_tag("arg:ctx")))

struct pt_regs {
	unsigned long ip;
};

typedef struct pt_regs bpf_user_pt_regs_t;

struct bpf_perf_event_data {
	bpf_user_pt_regs_t regs;
};

struct __sk_buff {
	__u32 len;
};

struct bpf_raw_tracepoint_args {
	__u64 args[0];
};

__u64 seen;

/* Of whatever type: each program that calls it has a copy of its own. */
__noinline int of_any(void *ctx __arg_ctx, int number)
{
	return ctx ? number : 0;
}

__noinline int of_registers(struct pt_regs *ctx __arg_ctx)
{
	return ctx ? 1 : 0;
}

__noinline int of_user_registers(const bpf_user_pt_regs_t *ctx __arg_ctx)
{
	return ctx ? 2 : 0;
}

__noinline int of_event(struct bpf_perf_event_data *ctx __arg_ctx)
{
	return ctx ? 3 : 0;
}

__noinline int of_packet(struct __sk_buff *ctx __arg_ctx)
{
	return ctx ? 4 : 0;
}

__noinline int of_numbers(__u64 *ctx __arg_ctx)
{
	return ctx ? 5 : 0;
}

/* Calls another one of them. */
__noinline int of_calls(int number, void *ctx __arg_ctx)
{
	return of_any(ctx, number) + 1;
}

SEC("kprobe")
int with_registers(struct pt_regs *ctx)
{
	seen += of_registers(ctx) + of_user_registers(ctx);
	return of_any(ctx, 1);
}

SEC("kprobe")
int with_registers_again(struct pt_regs *ctx)
{
	return of_calls(2, ctx) + of_registers(ctx);
}

SEC("perf_event")
int with_event(struct bpf_perf_event_data *ctx)
{
	return of_event(ctx) + of_any(ctx, 3);
}

SEC("tc")
int with_packet(struct __sk_buff *ctx)
{
	return of_packet(ctx) + of_any(ctx, 4);
}

SEC("raw_tp")
int with_numbers(__u64 *ctx)
{
	return of_numbers(ctx) + of_calls(5, ctx);
}

/* Its context has no name, so it has no copies; and kernels before 6.8 refuse it. */
SEC("?tracepoint")
int without_name(void *ctx)
{
	return of_calls(6, ctx) ? 0 : 1;
}

SEC("struct_ops")
__u32 BPF_PROG(contexts_ssthresh, struct sock *sk)
{
	return seen;
}

SEC("struct_ops")
__u32 BPF_PROG(contexts_undo_cwnd, struct sock *sk)
{
	return tcp_sock_of(sk)->snd_cwnd;
}

SEC("struct_ops")
void BPF_PROG(contexts_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops so_contexts = {
	.name = "so_contexts",
	.ssthresh = (void *)contexts_ssthresh,
	.undo_cwnd = (void *)contexts_undo_cwnd,
	.cong_avoid = (void *)contexts_cong_avoid,
};

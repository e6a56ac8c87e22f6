// SPDX-License-Identifier: GPL-2.0
/*
 * Not loaded anywhere: its BTF stands for that of a kernel, small enough for thousands of plans
 * a second. It has what the examples ask for, and kinds of struct_ops with faults.
 */
#pragma clang diagnostic ignored "-Wunused-parameter"

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef _Bool bool;

/* Types that only a variable brings into the BTF. */
#define SHOWN(type, name) type name

struct module;

struct list_head {
	struct list_head *next, *prev;
};

struct refcount_struct {
	int refs;
};

enum bpf_struct_ops_state {
	BPF_STRUCT_OPS_STATE_INIT,
	BPF_STRUCT_OPS_STATE_INUSE,
};

struct bpf_struct_ops_common_value {
	struct refcount_struct refcnt;
	enum bpf_struct_ops_state state;
};

struct sock {
	u64 padding[4];
};

struct inet_connection_sock {
	struct sock icsk_inet;
	u64 icsk_ca_priv[13];
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	u32 snd_ssthresh;
	u32 snd_cwnd;
	u32 snd_cwnd_cnt;
	u32 snd_cwnd_clamp;
	u32 prior_cwnd;
	u32 max_packets_out;
	u8 unused : 2;
	u8 is_cwnd_limited : 1;
	u64 tcp_mstamp;
	u32 srtt_us;
};

enum tcp_ca_state {
	TCP_CA_Open,
	TCP_CA_Disorder,
	TCP_CA_CWR,
	TCP_CA_Recovery,
	TCP_CA_Loss,
};

enum tcp_ca_event {
	CA_EVENT_TX_START,
};

struct tcp_congestion_ops {
	u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, u32 ack, u32 acked);
	void (*set_state)(struct sock *sk, u8 new_state);
	void (*cwnd_event)(struct sock *sk, enum tcp_ca_event ev);
	u32 (*undo_cwnd)(struct sock *sk);
	char name[16];
	struct module *owner;
	struct list_head list;
	u32 key;
	u32 flags;
	void (*init)(struct sock *sk);
	void (*release)(struct sock *sk);
};

struct bpf_struct_ops_tcp_congestion_ops {
	struct bpf_struct_ops_common_value common;
	struct tcp_congestion_ops data __attribute__((aligned(64)));
};

/* A kind with members that cannot be set. */
struct bits_ops {
	void (*run)(struct sock *sk);
	u32 bits : 4;
	u32 plain;
};

struct bpf_struct_ops_bits_ops {
	struct bpf_struct_ops_common_value common;
	struct bits_ops data;
};

/* A kind whose value does not hold it. */
struct hollow_ops {
	void (*run)(struct sock *sk);
};

struct bpf_struct_ops_hollow_ops {
	struct bpf_struct_ops_common_value common;
	u64 data;
};

/* These tell of features. */
struct bpf_struct_ops_link {
	u64 map;
};

struct bpf_struct_ops_desc {
	u64 type_id;
};

SHOWN(struct tcp_sock, a_sock);
SHOWN(enum tcp_ca_state, a_ca_state);
SHOWN(struct bpf_struct_ops_tcp_congestion_ops, tcp_kind);
SHOWN(struct bpf_struct_ops_bits_ops, bits_kind);
SHOWN(struct bpf_struct_ops_hollow_ops, hollow_kind);
SHOWN(struct hollow_ops, hollow);
SHOWN(struct bpf_struct_ops_link, a_link);
SHOWN(struct bpf_struct_ops_desc, a_desc);

u32 tcp_slow_start(struct tcp_sock *tp, u32 acked)
{
	return acked;
}

void tcp_cong_avoid_ai(struct tcp_sock *tp, u32 w, u32 acked)
{
}

u32 tcp_reno_undo_cwnd(struct sock *sk)
{
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Relocations against the types of real kernels. The layouts here are wrong on purpose: none of
 * the numbers can be right without having been relocated.
 */
#include "core_relo.h"

struct list_head {
	struct list_head *next, *prev;
} RELOCATED;

struct sock_common {
	__u32 padding;
	/* In the kernel inside an unnamed struct of an unnamed union. */
	__u16 skc_num;
	__u16 skc_dport;
	__u16 skc_family;
	unsigned char skc_reuse : 4;
	unsigned char skc_ipv6only : 1;
} RELOCATED;

struct sock {
	__u64 padding;
	struct sock_common __sk_common;
	int sk_rcvbuf;
} RELOCATED;

struct inet_connection_sock {
	__u64 icsk_ca_priv[13];
} RELOCATED;

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u32 snd_cwnd;
	__u32 srtt_us;
	__u64 tcp_mstamp;
	__u32 padding;
	__u8 is_cwnd_limited : 1;
	__u16 no_such_field;
} RELOCATED;

/* Another view of the same. */
struct tcp_sock___wide {
	__u64 snd_cwnd;
	__u16 tcp_mstamp;
	int srtt_us;
} RELOCATED;

/* snd_cwnd is no pointer. */
struct tcp_sock___pointer {
	void *snd_cwnd;
} RELOCATED;

struct sk_buff {
	void *head;
	__u32 len;
	__u8 pkt_type : 3;
	__u8 ip_summed : 2;
	void *dev;
} RELOCATED;

/* With sched_ext only. */
struct sched_ext_entity {
	__u64 slice;
} RELOCATED;

struct task_struct {
	char comm[16];
	int prio;
	unsigned int flags;
	unsigned int policy;
	struct list_head tasks;
	unsigned in_iowait : 1;
	struct sched_ext_entity scx;
} RELOCATED;

struct task_struct___wide {
	long prio;
	unsigned long flags;
	__u8 policy;
} RELOCATED;

struct no_such_struct {
	int field;
} RELOCATED;

enum tcp_ca_state {
	TCP_CA_Recovery = 100,
	TCP_CA_Loss = 200,
	TCP_CA_Nothing = 300,
	TCP_CA_Open___first = 400,
};

enum perf_event_state {
	PERF_EVENT_STATE_DEAD = 1,
	PERF_EVENT_STATE_ACTIVE = 7,
};

enum perf_callchain_context {
	PERF_CONTEXT_KERNEL = 1,
	PERF_CONTEXT_MAX = 1ULL << 40,
};

/* In the kernel of 64 bits; here of 32. */
enum hmm_pfn_flags {
	HMM_PFN_VALID = 1,
	HMM_PFN_ORDER_SHIFT = 2,
};

/* Linux 6.12 has it only with CONFIG_SCHED_CLASS_EXT. */
enum scx_deq_flags {
	SCX_DEQ_SLEEP = 77,
};

typedef struct {
	int counter;
} atomic_t;

typedef __u64 no_such_typedef;

enum hrtimer_restart {
	HRTIMER_NORESTART,
	HRTIMER_RESTART,
};

/* Names matter only for matches. */
struct list_head___reversed {
	struct list_head *next;
	int prev;
};

OFFSET(offset, struct tcp_sock, snd_cwnd)
OFFSET(offset_flavour, struct tcp_sock___wide, tcp_mstamp)
OFFSET(offset_nested, struct sock, __sk_common.skc_dport)
OFFSET(offset_array, struct task_struct, comm)
OFFSET(offset_element, struct task_struct, comm[5])
OFFSET(offset_deep_element, struct tcp_sock, inet_conn.icsk_ca_priv[3])
OFFSET(offset_member_of_member, struct task_struct, tasks.prev)
OFFSET(offset_unnamed_union, struct sk_buff, dev)
OFFSET(offset_absent, struct tcp_sock, no_such_field)
OFFSET(offset_of_absent_struct, struct no_such_struct, field)
OFFSET(offset_incompatible, struct tcp_sock___pointer, snd_cwnd)
NUMBER(offset_of_pointed,
       __builtin_preserve_field_info(((struct list_head *)0)[2].prev, BPF_FIELD_BYTE_OFFSET))

SIZE(size, struct tcp_sock, snd_cwnd)
SIZE(size_array, struct task_struct, comm)
SIZE(size_element, struct tcp_sock, inet_conn.icsk_ca_priv[3])
SIZE(size_other_here, struct tcp_sock___wide, tcp_mstamp)

EXISTS(exists, struct tcp_sock, snd_cwnd)
EXISTS(exists_not, struct tcp_sock, no_such_field)
EXISTS(exists_sched_ext, struct task_struct, scx)
EXISTS(exists_incompatible, struct tcp_sock___pointer, snd_cwnd)
EXISTS(exists_element, struct task_struct, comm[15])
EXISTS(exists_no_struct, struct no_such_struct, field)

SIGNED(signed_int, struct task_struct, prio)
SIGNED(signed_not, struct task_struct, flags)
SIGNED(signed_not_here, struct tcp_sock___wide, srtt_us)

BITFIELD(is_cwnd_limited, struct tcp_sock, is_cwnd_limited)
BITFIELD(ip_summed, struct sk_buff, ip_summed)
BITFIELD(in_iowait, struct task_struct, in_iowait)
BITFIELD(skc_ipv6only, struct sock_common, skc_ipv6only)
BITFIELD(plain, struct tcp_sock, tcp_mstamp)

LOAD(load, struct tcp_sock, snd_cwnd)
LOAD(load_nested, struct sock, __sk_common.skc_family)
LOAD(load_element, struct task_struct, comm[2])
LOAD(load_pointer, struct sk_buff, head)
LOAD(load_narrowed, struct tcp_sock___wide, snd_cwnd)
LOAD(load_widened, struct tcp_sock___wide, tcp_mstamp)
LOAD(load_signed_resized, struct task_struct___wide, prio)
LOAD(load_unsigned_resized, struct task_struct___wide, flags)
LOAD(load_absent, struct tcp_sock, no_such_field)
STORE(store, struct tcp_sock, snd_cwnd)
STORE(store_narrowed, struct tcp_sock___wide, snd_cwnd)
STORE(store_absent, struct tcp_sock, no_such_field)

/* The number is in the instruction itself. */
SEC("syscall")
__u64 store_constant(struct tcp_sock *it)
{
	it->srtt_us = 5;
	return 0;
}

TYPE_EXISTS(type_exists, struct tcp_sock)
TYPE_EXISTS(type_exists_flavour, struct tcp_sock___wide)
TYPE_EXISTS(type_exists_not, struct no_such_struct)
TYPE_EXISTS(type_exists_typedef, atomic_t)
TYPE_EXISTS(type_exists_no_typedef, no_such_typedef)
TYPE_EXISTS(type_exists_enum, enum tcp_ca_state)
/* A struct in the kernel. */
union sk_buff___union {
	int a;
};

TYPE_EXISTS(type_exists_other_kind, union sk_buff___union)
TYPE_SIZE(type_size, struct tcp_sock)
TYPE_SIZE(type_size_typedef, atomic_t)
TYPE_SIZE(type_size_not, struct no_such_struct)
TYPE_MATCHES(type_matches, struct list_head)
TYPE_MATCHES(type_matches_not, struct list_head___reversed)
TYPE_MATCHES(type_matches_typedef, atomic_t)
TYPE_MATCHES(type_matches_enum, enum hrtimer_restart)
TYPE_MATCHES(type_matches_not_enum, enum tcp_ca_state)
TYPE_ID(type_id, struct tcp_sock)
TYPE_ID(type_id_typedef, atomic_t)
TYPE_ID(type_id_not, struct no_such_struct)
TYPE_ID_LOCAL(type_id_local, struct no_such_struct)

ENUM_EXISTS(enum_exists, enum tcp_ca_state, TCP_CA_Loss)
ENUM_EXISTS(enum_exists_not, enum tcp_ca_state, TCP_CA_Nothing)
ENUM_EXISTS(enum_exists_sched_ext, enum scx_deq_flags, SCX_DEQ_SLEEP)
ENUM_VALUE(enum_value, enum tcp_ca_state, TCP_CA_Loss)
ENUM_VALUE(enum_value_flavour, enum tcp_ca_state, TCP_CA_Open___first)
ENUM_VALUE(enum_value_absent, enum tcp_ca_state, TCP_CA_Nothing)
ENUM_VALUE(enum_value_signed, enum perf_event_state, PERF_EVENT_STATE_DEAD)
ENUM_VALUE(enum_value_64, enum perf_callchain_context, PERF_CONTEXT_MAX)
ENUM_VALUE(enum_value_64_from_32, enum hmm_pfn_flags, HMM_PFN_VALID)

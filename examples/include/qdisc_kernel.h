/* SPDX-License-Identifier: MIT */
/*
 * The kernel's types around queueing disciplines, cut down to what the example uses, and its
 * functions for them; as tcp_kernel.h says, neither order nor completeness nor the offsets of
 * these types matter.
 */
#ifndef QDISC_KERNEL_H
#define QDISC_KERNEL_H

#include "integers.h"
#include <bpf/bpf_helpers.h>

/* enum bpf_map_type */
#define BPF_MAP_TYPE_HASH 1
/* For bpf_map_update_elem: only if there is none. */
#define BPF_NOEXIST 1

#define NET_XMIT_SUCCESS 0
#define NET_XMIT_DROP 1

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct sk_buff {
	char cb[48];
};

/* What the queueing disciplines keep in sk_buff.cb. */
struct qdisc_skb_cb {
	__u32 pkt_len;
};

struct qdisc_skb_head {
	__u32 qlen;
};

struct gnet_stats_queue {
	__u32 backlog;
};

/* One per device that the discipline is attached to. */
struct Qdisc {
	__u32 limit;
	struct qdisc_skb_head q;
	struct gnet_stats_queue qstats;
};

/* Packets to be dropped when the kernel has left its locks behind. */
struct bpf_sk_buff_ptr {
	struct sk_buff *skb;
};

struct nlattr;
struct netlink_ext_ack;

struct Qdisc_ops {
	char id[16];
	int (*enqueue)(struct sk_buff *skb, struct Qdisc *sch, struct sk_buff **to_free);
	struct sk_buff *(*dequeue)(struct Qdisc *sch);
	int (*init)(struct Qdisc *sch, struct nlattr *options, struct netlink_ext_ack *errors);
	void (*reset)(struct Qdisc *sch);
	void (*destroy)(struct Qdisc *sch);
};

#pragma clang attribute pop

/*
 * What the kernel knows by these names in an object's BTF, with these sizes; it keeps what it
 * likes in them.
 */
struct bpf_spin_lock {
	__u32 val;
};

struct bpf_list_head {
	__u64 opaque[2];
} __attribute__((aligned(8)));

struct bpf_list_node {
	__u64 opaque[3];
} __attribute__((aligned(8)));

/* A pointer to something of the kernel's that whoever holds it owns. */
#define __owned __attribute__((btf_type_tag("kptr")))
/* On a bpf_list_head: the type of what is in it, and which member of that is its node. */
#define __list_of(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))

extern void *bpf_obj_new_impl(__u64 local_type_id, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;
extern int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node,
				   void *meta, __u64 offset) __ksym;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;

extern void bpf_qdisc_skb_drop(struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free) __ksym;
extern void bpf_qdisc_bstats_update(struct Qdisc *sch, const struct sk_buff *skb) __ksym;

#endif /* QDISC_KERNEL_H */

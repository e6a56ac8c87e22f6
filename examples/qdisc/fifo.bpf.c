// SPDX-License-Identifier: GPL-2.0
/*
 * so_fifo: a queueing discipline that sends packets in the order of their arrival and holds no
 * more than limit_packets of them.
 *
 * It can be at the root of several devices at once (`tc qdisc replace dev X root so_fifo`): each
 * has a list of its own, an element of the map `queues`. A packet belongs to whoever holds it,
 * and the verifier sees to it that each is either in a list, sent or dropped.
 *
 * Beyond the other examples: a map that the object defines, lists and a lock in its elements,
 * memory of the program's own, ids of the program's own types, callbacks that get and return
 * packets with all rights to them.
 */
#include "qdisc_kernel.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#define ENOMEM 12
/* Devices that can have this discipline at the same time. */
#define QUEUES_MAX 64

char LICENSE[] SEC("license") = "GPL";

/* The most packets that wait in one device; 0 lets nothing pass. */
const volatile __u32 limit_packets = 1000;

/* One for each thing that can happen to a packet, over all devices. */
__u64 queued;
__u64 sent;
__u64 sent_bytes;
__u64 dropped_full;
__u64 dropped_without_memory;
/* The most packets that have waited in one device. */
__u32 longest;
/* Devices that were given this discipline, and that have it no more. */
__u64 attached;
__u64 detached;

struct packet {
	struct sk_buff __owned *skb;
	struct bpf_list_node node;
};

struct queue {
	/* The kernel lets no two CPUs in here at once, but the verifier wants a lock for a list. */
	struct bpf_spin_lock lock;
	struct bpf_list_head packets __list_of(packet, node);
};

/* By the address of the Qdisc, which is its own as long as it exists. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, QUEUES_MAX);
	__type(key, __u64);
	__type(value, struct queue);
} queues SEC(".maps");

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

static __always_inline struct queue *queue_of(struct Qdisc *sch)
{
	__u64 key = (__u64)sch;

	return bpf_map_lookup_elem(&queues, &key);
}

static __always_inline int add_queue(struct Qdisc *sch)
{
	__u64 key = (__u64)sch;
	struct queue empty = {};

	return bpf_map_update_elem(&queues, &key, &empty, BPF_NOEXIST);
}

/* With all packets in it. */
static __always_inline void drop_queue(struct Qdisc *sch)
{
	__u64 key = (__u64)sch;

	bpf_map_delete_elem(&queues, &key);
	sch->q.qlen = 0;
	sch->qstats.backlog = 0;
}

/* Bytes on the wire. */
static __always_inline __u32 length_of(const struct sk_buff *skb)
{
	return ((const struct qdisc_skb_cb *)skb->cb)->pkt_len;
}

SEC("struct_ops")
int BPF_PROG(fifo_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct queue *queue = queue_of(sch);
	__u32 length = length_of(skb);
	struct packet *packet;

	if (!queue || sch->q.qlen >= sch->limit) {
		count(&dropped_full);
		goto drop;
	}
	packet = bpf_obj_new_impl(bpf_core_type_id_local(struct packet), NULL);
	if (!packet) {
		count(&dropped_without_memory);
		goto drop;
	}
	/* A new packet holds none, but the verifier wants to see what becomes of it. */
	skb = bpf_kptr_xchg(&packet->skb, skb);
	if (skb)
		bpf_qdisc_skb_drop(skb, to_free);

	bpf_spin_lock(&queue->lock);
	bpf_list_push_back_impl(&queue->packets, &packet->node, NULL, 0);
	bpf_spin_unlock(&queue->lock);

	sch->q.qlen++;
	sch->qstats.backlog += length;
	count(&queued);
	if (sch->q.qlen > longest)
		longest = sch->q.qlen;
	return NET_XMIT_SUCCESS;
drop:
	bpf_qdisc_skb_drop(skb, to_free);
	return NET_XMIT_DROP;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(fifo_dequeue, struct Qdisc *sch)
{
	struct queue *queue = queue_of(sch);
	struct bpf_list_node *node;
	struct sk_buff *skb;
	struct packet *packet;

	if (!queue)
		return NULL;
	bpf_spin_lock(&queue->lock);
	node = bpf_list_pop_front(&queue->packets);
	bpf_spin_unlock(&queue->lock);
	if (!node)
		return NULL;

	packet = container_of(node, struct packet, node);
	skb = bpf_kptr_xchg(&packet->skb, NULL);
	bpf_obj_drop_impl(packet, NULL);
	if (!skb)
		return NULL;

	sch->q.qlen--;
	sch->qstats.backlog -= length_of(skb);
	bpf_qdisc_bstats_update(sch, skb);
	count(&sent);
	__sync_fetch_and_add(&sent_bytes, length_of(skb));
	return skb;
}

SEC("struct_ops")
int BPF_PROG(fifo_init, struct Qdisc *sch, struct nlattr *options, struct netlink_ext_ack *errors)
{
	if (add_queue(sch))
		return -ENOMEM;
	sch->limit = limit_packets;
	count(&attached);
	return 0;
}

/* The device goes down: what waits is dropped, and what comes later starts anew. */
SEC("struct_ops")
void BPF_PROG(fifo_reset, struct Qdisc *sch)
{
	drop_queue(sch);
	add_queue(sch);
}

SEC("struct_ops")
void BPF_PROG(fifo_destroy, struct Qdisc *sch)
{
	drop_queue(sch);
	count(&detached);
}

SEC(".struct_ops.link")
struct Qdisc_ops so_fifo = {
	.enqueue = (void *)fifo_enqueue,
	.dequeue = (void *)fifo_dequeue,
	.init = (void *)fifo_init,
	.reset = (void *)fifo_reset,
	.destroy = (void *)fifo_destroy,
	.id = "so_fifo",
};

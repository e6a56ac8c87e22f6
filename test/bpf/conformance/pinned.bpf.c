// SPDX-License-Identifier: GPL-2.0
/* Maps that are kept by their names. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, 2);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} kept_by_name SEC(".maps");

struct {
	__uint(type, 2);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_NONE);
} not_kept SEC(".maps");

SEC("struct_ops")
__u32 BPF_PROG(pinned_ssthresh, struct sock *sk)
{
	__u32 index = 1;
	__u64 *value = bpf_map_lookup_elem(&kept_by_name, &index);

	return value ? *value : 2;
}

SEC(".struct_ops")
struct tcp_congestion_ops so_pinned = {
	.name = "so_pinned",
	.ssthresh = (void *)pinned_ssthresh,
};

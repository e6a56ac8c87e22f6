// SPDX-License-Identifier: GPL-2.0
/* A map as libbpf before 1.0 declared it. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

SEC("maps")
struct {
	__u32 type;
} old_map;

// SPDX-License-Identifier: GPL-2.0
/* A pointer that is no callback, set to an address. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct module;

struct tcp_congestion_ops___with_owner {
	char name[16];
	struct module *owner;
};

__u64 some_variable = 1;

SEC(".struct_ops")
struct tcp_congestion_ops___with_owner so_owner = {
	.name = "so_owner",
	.owner = (void *)&some_variable,
};

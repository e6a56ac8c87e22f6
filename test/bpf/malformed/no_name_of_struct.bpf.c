// SPDX-License-Identifier: GPL-2.0
/* A variable for struct_ops whose struct has no name. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

SEC(".struct_ops")
struct {
	int number;
} so_nameless = {1};

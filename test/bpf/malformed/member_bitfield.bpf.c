// SPDX-License-Identifier: GPL-2.0
/* A bit-field, in the object or in the kernel. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

struct bits_ops {
	__u32 bits;
	__u32 plain : 3;
};

SEC(".struct_ops")
struct bits_ops so_bits;

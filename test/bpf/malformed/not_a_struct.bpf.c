// SPDX-License-Identifier: GPL-2.0
/* A variable for struct_ops that is no struct. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

SEC(".struct_ops")
int so_number = 1;

// SPDX-License-Identifier: GPL-2.0
/* Neither programs nor maps. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "GPL";

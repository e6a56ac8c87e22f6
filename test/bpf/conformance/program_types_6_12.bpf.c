// SPDX-License-Identifier: GPL-2.0
/* A program of every type that a section's name can tell, with the features of Linux 6.12. */
#include "integers.h"
#include <bpf/bpf_helpers.h>
#include "empty_program.h"

char LICENSE[] SEC("license") = "GPL";

PROGRAM("netfilter", program_0)
PROGRAM("netkit/primary", program_1)
PROGRAM("netkit/peer", program_2)
PROGRAM("kprobe.session/tcp_*", program_3)
PROGRAM("cgroup/connect_unix", program_6)
PROGRAM("cgroup/sendmsg_unix", program_7)
PROGRAM("cgroup/recvmsg_unix", program_8)
PROGRAM("cgroup/getpeername_unix", program_9)
PROGRAM("cgroup/getsockname_unix", program_10)

// SPDX-License-Identifier: GPL-2.0
/* Programs of types that libbpf 1.8 tells by their section's name, and 1.7 does not. */
#include "integers.h"
#include <bpf/bpf_helpers.h>
#include "empty_program.h"

char LICENSE[] SEC("license") = "GPL";

PROGRAM("tp_btf.s/sched_switch", typed_sleeps)
PROGRAM("tp.s/syscalls/sys_enter_open", classic_sleeps)
PROGRAM("tracepoint.s/syscalls/sys_enter_open", tracepoint_sleeps)
PROGRAM("raw_tp.s/sys_enter", raw_sleeps)
PROGRAM("raw_tracepoint.s/sys_enter", raw_tracepoint_sleeps)
PROGRAM("fentry.multi/tcp_*", entries)
PROGRAM("fexit.multi.s/tcp_*", exits)
PROGRAM("fsession.multi", sessions)

// SPDX-License-Identifier: GPL-2.0
/* A program of every type that a section's name can tell, with the features of Linux 7.2. */
#include "integers.h"
#include <bpf/bpf_helpers.h>
#include "empty_program.h"

char LICENSE[] SEC("license") = "GPL";

PROGRAM("fsession/do_exit", program_0)
PROGRAM("fsession.s/do_exit", program_1)
PROGRAM("uprobe.session", session)
PROGRAM("uprobe.session.s", sleeping_session)

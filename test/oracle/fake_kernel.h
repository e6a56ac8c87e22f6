/*
 * A kernel that says yes: it answers the bpf(2) calls that calls.c hands over, and loads nothing.
 * What a release does not know yet it refuses as that release does, because libbpf asks by trial:
 * the table is `since` in fake_kernel.c.
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include "calls.h"

/* Before the first call. False: this process may not have as many fds as needed. */
bool fake_kernel_start(void);

/* The BTF of a module that is loaded, for libbpf to find. False: the file cannot be read. */
bool fake_kernel_add_module(const char *name, const char *path);

#endif

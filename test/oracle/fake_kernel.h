/*
 * A kernel that says yes: it answers the bpf(2) calls of a libbpf that is linked with
 * --wrap=syscall, and loads nothing. What a release does not know yet it refuses as that release
 * does, because libbpf asks by trial: the table is `since` in fake_kernel.c.
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include "fake_objects.h"

/* A call that has succeeded and is not one of libbpf's questions. */
struct bpf_call {
	enum bpf_cmd cmd;
	const union bpf_attr *attr;
	unsigned int attr_size;
	int result;	     /* an fd of what it made */
	struct object *made; /* NULL if the command makes nothing */
};

struct fake_kernel {
	void (*observe)(const struct bpf_call *call); /* or NULL */
	unsigned int probes;			      /* calls taken for a question */
	unsigned long long busy_ns;		      /* time spent in here */
};

extern struct fake_kernel fake_kernel;

/* Before the first call. False: this process may not have as many fds as needed. */
bool fake_kernel_start(void);

/* The BTF of a module that is loaded, for libbpf to find. False: the file cannot be read. */
bool fake_kernel_add_module(const char *name, const char *path);

const char *fake_kernel_module_name(unsigned int module);

#endif

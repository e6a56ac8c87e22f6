/*
 * Sees every bpf(2) call of a libbpf that is linked with --wrap=syscall and --wrap=feat_supported,
 * tells libbpf's questions from the steps that it takes, and hands them to a kernel: the fake one,
 * or the one that the program runs on.
 */
#ifndef CALLS_H
#define CALLS_H

#include "objects.h"

/* A call that is a step. */
struct bpf_call {
	enum bpf_cmd cmd;
	const union bpf_attr *attr;
	unsigned int attr_size;
	int result;	     /* an fd of what it made */
	int error;	     /* errno, positive; 0: it succeeded */
	struct object *made; /* NULL if it made nothing */
};

struct calls {
	void (*before)(void);			      /* every call; or NULL */
	void (*observe)(const struct bpf_call *call); /* or NULL */
	unsigned int probes;			      /* calls taken for a question */
	unsigned long long busy_ns;		      /* time spent in the kernel, and here */
};

extern struct calls calls;

/* Set in the command: an address and a size of more attributes follow, since Linux 7.2. */
#define COMMON_ATTRS 0x10000

struct kernel_call {
	unsigned int cmd; /* without COMMON_ATTRS */
	union bpf_attr *attr;
	unsigned int attr_size;
	bool is_probe;
	long flags;	/* COMMON_ATTRS or 0 */
	long common[2]; /* the address and size */
};

/* The kernel's answer, as syscall(2) gives it. @made: stays NULL if it has made nothing. */
int kernel_bpf(const struct kernel_call *call, struct object **made);

/* A system call that is not bpf(2). */
long kernel_syscall(long number, const long arguments[6]);

long __real_syscall(long number, ...);

#endif

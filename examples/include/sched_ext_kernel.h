/* SPDX-License-Identifier: MIT */
/*
 * The kernel's types around sched_ext, cut down to the fields that the example uses; as
 * tcp_kernel.h says, neither order nor completeness nor the offsets here matter.
 */
#ifndef SCHED_EXT_KERNEL_H
#define SCHED_EXT_KERNEL_H

#include "integers.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* What sched_ext keeps of a task. */
struct sched_ext_entity {
	/* From nice(2) or the cgroup; 100 is nice 0. */
	__u32 weight;
	/* What is left of its time slice, in nanoseconds. */
	__u64 slice;
	/* Its place in a queue that is ordered by virtual time. */
	__u64 dsq_vtime;
};

struct task_struct {
	__u32 flags;
	int nr_cpus_allowed;
	struct sched_ext_entity scx;
};

enum scx_exit_kind {
	SCX_EXIT_NONE,
};

/* Why a scheduler is at its end. */
struct scx_exit_info {
	enum scx_exit_kind kind;
	__s64 exit_code;
	const char *reason;
	char *msg;
	char *dump;
};

struct sched_ext_ops {
	__s32 (*select_cpu)(struct task_struct *p, __s32 prev_cpu, __u64 wake_flags);
	void (*enqueue)(struct task_struct *p, __u64 enq_flags);
	void (*dispatch)(__s32 cpu, struct task_struct *prev);
	void (*running)(struct task_struct *p);
	void (*stopping)(struct task_struct *p, bool runnable);
	void (*enable)(struct task_struct *p);
	__s32 (*init)(void);
	void (*exit)(struct scx_exit_info *info);
	__u64 flags;
	__u32 timeout_ms;
	__u32 exit_dump_len;
	__u64 hotplug_seq;
	char name[128];
};

#pragma clang attribute pop

/* Not the kernel's to move about: programs hand it over. */
struct scx_bpf_dsq_insert_vtime_args {
	__u64 dsq_id;
	__u64 slice;
	__u64 vtime;
	__u64 enq_flags;
};

#endif /* SCHED_EXT_KERNEL_H */

/* SPDX-License-Identifier: MIT */
/*
 * sched_ext's functions for its schedulers, which have had several names and forms since Linux
 * 6.12. All forms are weak: the loader gives the program those that the kernel has, the address
 * of any other is 0, and the verifier drops the branch that would have called it.
 *
 * A loader takes the last ___ and what follows off a name: ___v2___any means the kernel's own
 * scx_bpf_dsq_insert___v2, and ___v1 scx_bpf_dsq_insert.
 */
#ifndef SCHED_EXT_KFUNCS_H
#define SCHED_EXT_KFUNCS_H

#include "sched_ext_kernel.h"
#include <bpf/bpf_helpers.h>

/* In all versions. */
extern __s32 scx_bpf_create_dsq(__u64 dsq_id, __s32 node) __ksym;
extern __s32 scx_bpf_select_cpu_dfl(struct task_struct *p, __s32 prev_cpu, __u64 wake_flags,
				    bool *is_idle) __ksym;

/* Linux 6.12 */
extern void scx_bpf_dispatch(struct task_struct *p, __u64 dsq_id, __u64 slice,
			     __u64 enq_flags) __ksym __weak;
extern void scx_bpf_dispatch_vtime(struct task_struct *p, __u64 dsq_id, __u64 slice, __u64 vtime,
				   __u64 enq_flags) __ksym __weak;
extern bool scx_bpf_consume(__u64 dsq_id) __ksym __weak;

/* Linux 6.13 */
extern void scx_bpf_dsq_insert___v1(struct task_struct *p, __u64 dsq_id, __u64 slice,
				    __u64 enq_flags) __ksym __weak;
extern void scx_bpf_dsq_insert_vtime(struct task_struct *p, __u64 dsq_id, __u64 slice, __u64 vtime,
				     __u64 enq_flags) __ksym __weak;
extern bool scx_bpf_dsq_move_to_local___v1(__u64 dsq_id) __ksym __weak;

/* Later */
extern bool scx_bpf_dsq_insert___v2___any(struct task_struct *p, __u64 dsq_id, __u64 slice,
					  __u64 enq_flags) __ksym __weak;
extern bool __scx_bpf_dsq_insert_vtime(struct task_struct *p,
				       struct scx_bpf_dsq_insert_vtime_args *args) __ksym __weak;
extern bool scx_bpf_dsq_move_to_local___v2___any(__u64 dsq_id, __u64 enq_flags) __ksym __weak;
extern bool scx_bpf_task_set_dsq_vtime(struct task_struct *p, __u64 vtime) __ksym __weak;

/* Puts a task at the end of a queue. */
static __always_inline void insert(struct task_struct *p, __u64 dsq_id, __u64 slice,
				   __u64 enq_flags)
{
	if (scx_bpf_dsq_insert___v2___any)
		scx_bpf_dsq_insert___v2___any(p, dsq_id, slice, enq_flags);
	else if (scx_bpf_dsq_insert___v1)
		scx_bpf_dsq_insert___v1(p, dsq_id, slice, enq_flags);
	else
		scx_bpf_dispatch(p, dsq_id, slice, enq_flags);
}

/* Puts a task into a queue before all tasks with a later virtual time. */
static __always_inline void insert_by_vtime(struct task_struct *p, __u64 dsq_id, __u64 slice,
					    __u64 vtime, __u64 enq_flags)
{
	if (__scx_bpf_dsq_insert_vtime) {
		struct scx_bpf_dsq_insert_vtime_args args = {
			.dsq_id = dsq_id,
			.slice = slice,
			.vtime = vtime,
			.enq_flags = enq_flags,
		};

		__scx_bpf_dsq_insert_vtime(p, &args);
	} else if (scx_bpf_dsq_insert_vtime) {
		scx_bpf_dsq_insert_vtime(p, dsq_id, slice, vtime, enq_flags);
	} else {
		scx_bpf_dispatch_vtime(p, dsq_id, slice, vtime, enq_flags);
	}
}

/* Moves the first task of a queue to the CPU that asks; false if the queue is empty. */
static __always_inline bool move_to_local(__u64 dsq_id)
{
	if (scx_bpf_dsq_move_to_local___v2___any)
		return scx_bpf_dsq_move_to_local___v2___any(dsq_id, 0);
	if (scx_bpf_dsq_move_to_local___v1)
		return scx_bpf_dsq_move_to_local___v1(dsq_id);
	return scx_bpf_consume(dsq_id);
}

static __always_inline void set_vtime(struct task_struct *p, __u64 vtime)
{
	if (scx_bpf_task_set_dsq_vtime)
		scx_bpf_task_set_dsq_vtime(p, vtime);
	else
		p->scx.dsq_vtime = vtime;
}

#endif /* SCHED_EXT_KFUNCS_H */

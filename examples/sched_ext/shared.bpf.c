// SPDX-License-Identifier: GPL-2.0
/*
 * so_shared: a scheduler with one queue for all CPUs.
 *
 * A task that wakes up while some CPU is idle goes there at once. All others wait in one queue
 * and any CPU without work takes the first: the one with the least virtual time, which runs the
 * slower the larger a task's weight is, or with `fifo` the one that waits longest.
 *
 * Beyond the examples of tcp/: kfuncs of which each kernel has some, a sleepable callback,
 * constants that the loader takes out of the kernel's enums, a member that it fills when it
 * applies (hotplug_seq), data sections with names of their own, an array whose size it sets.
 */
#include "sched_ext_kernel.h"
#include "sched_ext_kfuncs.h"
#include <bpf/bpf_tracing.h>

#define EINVAL 22
#define PF_KTHREAD 0x00200000
/* Its number among this scheduler's queues, of which there is one. */
#define SHARED_QUEUE 0
#define WEIGHT_OF_NICE_0 100

char LICENSE[] SEC("license") = "GPL";

/*
 * The kernel's constants, as its BTF has them: `structops --enum-constants __SCX_`. An object
 * cannot know them, since sched_ext is free to renumber.
 */
const volatile __u64 __SCX_DSQ_LOCAL __weak;
const volatile __u64 __SCX_SLICE_DFL __weak;

/* First come, first served, instead of by virtual time. */
const volatile bool fifo;
/* Kernel threads that run on one CPU only do not wait behind others. */
const volatile bool kthreads_first = true;
/* How long a task runs before the next one's turn; 0: the kernel's SCX_SLICE_DFL. */
const volatile __u64 slice_ns;
/* The size of exit_dump, to be set together with it. */
const volatile __u32 exit_dump_len;

/* One for each way that a task can come to a CPU. */
__u64 to_idle_cpu;
__u64 kthreads;
__u64 queued_by_vtime;
__u64 queued_fifo;
__u64 taken;
/* Times that a task began to run, and that a CPU asked for one and there was none. */
__u64 runs;
__u64 found_empty;

/* The virtual time of the task that has come furthest: where new ones begin. */
static __u64 vtime_now;

/* What the scheduler was told at its end, for whoever holds the map until then. */
struct exit_record {
	__s32 kind;
	__s64 exit_code;
	char reason[128];
	char msg[1024];
};

struct exit_record exit_record SEC(".data.exit");
/* The kernel's account of an error: `--resize exit_dump=N` with `--set exit_dump_len=N`. */
char exit_dump[1] SEC(".data.dump");

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/* Virtual time wraps around. */
static __always_inline bool is_before(__u64 a, __u64 b)
{
	return (__s64)(a - b) < 0;
}

static __always_inline __u64 slice(void)
{
	return slice_ns ? slice_ns : __SCX_SLICE_DFL;
}

SEC("struct_ops")
__s32 BPF_PROG(shared_select_cpu, struct task_struct *p, __s32 prev_cpu, __u64 wake_flags)
{
	bool is_idle = false;
	__s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle) {
		count(&to_idle_cpu);
		insert(p, __SCX_DSQ_LOCAL, slice(), 0);
	}
	return cpu;
}

SEC("struct_ops")
void BPF_PROG(shared_enqueue, struct task_struct *p, __u64 enq_flags)
{
	__u64 vtime = p->scx.dsq_vtime;
	/* Whoever slept has no claim to more than one slice of all the time since. */
	__u64 earliest = vtime_now - slice();

	if (kthreads_first && (p->flags & PF_KTHREAD) && p->nr_cpus_allowed == 1) {
		count(&kthreads);
		insert(p, __SCX_DSQ_LOCAL, slice(), enq_flags);
		return;
	}
	if (fifo) {
		count(&queued_fifo);
		insert(p, SHARED_QUEUE, slice(), enq_flags);
		return;
	}
	count(&queued_by_vtime);
	if (is_before(vtime, earliest))
		vtime = earliest;
	insert_by_vtime(p, SHARED_QUEUE, slice(), vtime, enq_flags);
}

SEC("struct_ops")
void BPF_PROG(shared_dispatch, __s32 cpu, struct task_struct *prev)
{
	if (move_to_local(SHARED_QUEUE))
		count(&taken);
	else
		count(&found_empty);
}

SEC("struct_ops")
void BPF_PROG(shared_running, struct task_struct *p)
{
	count(&runs);
	/* Two CPUs may race here, and one be lost; the next task makes up for it. */
	if (is_before(vtime_now, p->scx.dsq_vtime))
		vtime_now = p->scx.dsq_vtime;
}

SEC("struct_ops")
void BPF_PROG(shared_stopping, struct task_struct *p, bool runnable)
{
	__u64 given = slice();
	__u64 left = p->scx.slice;
	__u64 used = left < given ? given - left : 0;

	set_vtime(p, p->scx.dsq_vtime + used * WEIGHT_OF_NICE_0 / p->scx.weight);
}

SEC("struct_ops")
void BPF_PROG(shared_enable, struct task_struct *p)
{
	set_vtime(p, vtime_now);
}

/* Sleepable, since making a queue may wait for memory. */
SEC("struct_ops.s")
__s32 BPF_PROG(shared_init)
{
	/* Without them every task would go to the wrong queue. */
	if (!__SCX_DSQ_LOCAL || !slice())
		return -EINVAL;
	return scx_bpf_create_dsq(SHARED_QUEUE, -1);
}

SEC("struct_ops")
void BPF_PROG(shared_exit, struct scx_exit_info *info)
{
	exit_record.exit_code = info->exit_code;
	bpf_probe_read_kernel_str(exit_record.reason, sizeof(exit_record.reason), info->reason);
	bpf_probe_read_kernel_str(exit_record.msg, sizeof(exit_record.msg), info->msg);
	if (exit_dump_len)
		bpf_probe_read_kernel_str(exit_dump, exit_dump_len, info->dump);
	/* Last, for a reader that waits for it. */
	__sync_lock_test_and_set(&exit_record.kind, info->kind);
}

SEC(".struct_ops.link")
struct sched_ext_ops so_shared = {
	.select_cpu = (void *)shared_select_cpu,
	.enqueue = (void *)shared_enqueue,
	.dispatch = (void *)shared_dispatch,
	.running = (void *)shared_running,
	.stopping = (void *)shared_stopping,
	.enable = (void *)shared_enable,
	.init = (void *)shared_init,
	.exit = (void *)shared_exit,
	/* A task that is ready and does not run for so long ends the scheduler. */
	.timeout_ms = 20000,
	.name = "so_shared",
};

#define _GNU_SOURCE
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include "../rig/clock.h"
#include "calls.h"

struct calls calls;

static unsigned int probing; /* depth in feat_supported() */

/* Of two instructions without anything: what libbpf loads outside of feat_supported() as well. */
static bool is_smallest_program(const union bpf_attr *attr)
{
	return !*attr->prog_name && attr->insn_cnt == 2 && !attr->prog_btf_fd;
}

/* What libbpf does to learn something. */
static bool is_question(const struct kernel_call *call)
{
	if (probing || !call->attr)
		return true;
	switch ((int)call->cmd) {
	case BPF_PROG_LOAD:
		return is_smallest_program(call->attr);
	case BPF_TOKEN_CREATE:
	case BPF_BTF_GET_NEXT_ID:
	case BPF_BTF_GET_FD_BY_ID:
	case BPF_OBJ_GET_INFO_BY_FD:
		return true;
	default:
		return false;
	}
}

static int observed_bpf(const long arguments[6])
{
	struct kernel_call call = {
		.cmd = arguments[0] & ~COMMON_ATTRS,
		.attr = (union bpf_attr *)arguments[1],
		.attr_size = arguments[2],
		.flags = arguments[0] & COMMON_ATTRS,
		.common = {arguments[3], arguments[4]},
	};
	struct object *made = NULL;
	struct bpf_call seen;
	int result;

	if (calls.before)
		calls.before();
	call.is_probe = is_question(&call);
	calls.probes += call.is_probe;
	result = kernel_bpf(&call, &made);
	if (call.is_probe || !calls.observe)
		return result;
	seen = (struct bpf_call){.cmd = call.cmd,
				 .attr = call.attr,
				 .attr_size = call.attr_size,
				 .result = result,
				 .error = result < 0 ? errno : 0,
				 .made = made};
	calls.observe(&seen);
	errno = seen.error;
	return result;
}

long __wrap_syscall(long number, ...);
bool __real_feat_supported(void *cache, int feature);
bool __wrap_feat_supported(void *cache, int feature);

/* libbpf's way to the kernel. */
long __wrap_syscall(long number, ...)
{
	unsigned long long start = now_ns();
	long arguments[6];
	va_list list;
	int result;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		arguments[i] = va_arg(list, long);
	va_end(list);
	if (number != SYS_bpf)
		return kernel_syscall(number, arguments);
	result = observed_bpf(arguments);
	calls.busy_ns += now_ns() - start;
	return result;
}

/* libbpf's own function, through which all but a few of its questions are asked. */
bool __wrap_feat_supported(void *cache, int feature)
{
	bool is_supported;

	probing++;
	is_supported = __real_feat_supported(cache, feature);
	probing--;
	return is_supported;
}

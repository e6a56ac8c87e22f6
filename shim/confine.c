#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "confine.h"
#include "permit.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the seccomp filter does not know this architecture"
#endif

#define CAPABILITY(number) (UINT64_C(1) << (number))

/* What some plan needs: see PRIVILEGE.md. */
#define CAPABILITIES_OF_PLANS                                                                      \
	(CAPABILITY(CAP_BPF) | CAPABILITY(CAP_PERFMON) | CAPABILITY(CAP_NET_ADMIN) |               \
	 CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_SYSLOG))

/* Every command of bpf(2) that is called, by a step or to look at things. */
static const uint32_t bpf_commands[] = {
	BPF_MAP_CREATE,
	BPF_MAP_LOOKUP_ELEM,
	BPF_MAP_UPDATE_ELEM,
	BPF_MAP_DELETE_ELEM,
	BPF_PROG_LOAD,
	BPF_OBJ_PIN,
	BPF_OBJ_GET,
	BPF_PROG_GET_NEXT_ID,
	BPF_MAP_GET_NEXT_ID,
	BPF_PROG_GET_FD_BY_ID,
	BPF_MAP_GET_FD_BY_ID,
	BPF_OBJ_GET_INFO_BY_FD,
	BPF_BTF_LOAD,
	BPF_BTF_GET_FD_BY_ID,
	BPF_MAP_FREEZE,
	BPF_BTF_GET_NEXT_ID,
	BPF_LINK_CREATE,
	BPF_LINK_UPDATE,
	BPF_LINK_GET_FD_BY_ID,
	BPF_LINK_GET_NEXT_ID,
	BPF_LINK_DETACH,
	BPF_PROG_BIND_MAP,
	CMD_PROG_ASSOC_STRUCT_OPS,
};

/* Calls whose arguments do not matter: they act on memory, on fds that are open, or on the clock.
 */
static const uint32_t calls[] = {
	SYS_read,	SYS_write,	     SYS_writev,       SYS_close,	  SYS_lseek,
	SYS_munmap,	SYS_mremap,	     SYS_madvise,      SYS_brk,		  SYS_ppoll,
	SYS_epoll_ctl,	SYS_epoll_pwait,     SYS_fstat,	       SYS_newfstatat,	  SYS_fcntl,
	SYS_fchdir,	SYS_mkdirat,	     SYS_unlinkat,     SYS_getdents64,	  SYS_capget,
	SYS_capset,	SYS_rt_sigprocmask,  SYS_rt_sigreturn, SYS_clock_gettime, SYS_exit,
	SYS_exit_group, SYS_restart_syscall, SYS_getrandom,
#ifdef SYS_poll
	SYS_poll,	SYS_epoll_wait,
#endif
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct filter {
	struct sock_filter code[2 * (COUNT(bpf_commands) + COUNT(calls)) + 20];
	unsigned short size;
};

static void add(struct filter *filter, uint16_t code, uint32_t k, uint8_t if_true, uint8_t if_false)
{
	if (filter->size == COUNT(filter->code))
		abort();
	filter->code[filter->size++] = (struct sock_filter){code, if_true, if_false, k};
}

static void load(struct filter *filter, size_t offset)
{
	add(filter, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* If the loaded word is `value`, the call is allowed. */
static void allow_if(struct filter *filter, uint32_t value)
{
	add(filter, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
	add(filter, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

/* Allows the call `number` if no bit of `forbidden` is set in its third argument. */
static void allow_without(struct filter *filter, uint32_t number, uint32_t forbidden)
{
	add(filter, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4);
	load(filter, offsetof(struct seccomp_data, args[2]));
	add(filter, BPF_JMP | BPF_JSET | BPF_K, forbidden, 1, 0);
	add(filter, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	add(filter, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
}

/* Numbers lie in the lower half of the arguments' words, which comes first. */
static int filter_calls(void)
{
	static struct filter filter;
	struct sock_fprog program;

	load(&filter, offsetof(struct seccomp_data, arch));
	add(&filter, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	add(&filter, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
	load(&filter, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < COUNT(calls); i++)
		allow_if(&filter, calls[i]);
	/* Files are opened to be read, and no memory becomes code. */
	allow_without(&filter, SYS_openat,
		      O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY));
	allow_without(&filter, SYS_mmap, PROT_EXEC);
	add(&filter, BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 1, 0);
	add(&filter, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
	load(&filter, offsetof(struct seccomp_data, args[0]));
	for (size_t i = 0; i < COUNT(bpf_commands); i++)
		allow_if(&filter, bpf_commands[i]);
	add(&filter, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
	program = (struct sock_fprog){.len = filter.size, .filter = filter.code};
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0 ? -errno : 0;
}

/* The sets of capabilities of this process; bits above 31 have a record of their own. */
struct sets {
	struct __user_cap_data_struct half[2];
};

static int get_sets(struct sets *sets)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	*sets = (struct sets){0};
	return syscall(SYS_capget, &header, sets->half) != 0 ? -errno : 0;
}

static int set_sets(uint64_t permitted, uint64_t effective)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct sets sets = {{{(uint32_t)effective, (uint32_t)permitted, 0},
			     {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), 0}}};

	return syscall(SYS_capset, &header, sets.half) != 0 ? -errno : 0;
}

/* What is left to us; nothing more will come. */
static uint64_t permitted;

static int drop_capabilities(uint64_t keep)
{
	struct sets sets;
	int error = get_sets(&sets);

	if (error < 0)
		return error;
	/* Without CAP_SETPCAP this fails; the sets below are what counts, since nothing is
	 * executed. */
	for (unsigned long i = 0; i < 64; i++) {
		if ((keep & CAPABILITY(i)) == 0)
			prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	}
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	permitted = keep & (sets.half[0].permitted | (uint64_t)sets.half[1].permitted << 32);
	return set_sets(permitted, 0);
}

int confine(bool privileged, const char **doing)
{
	int error;

	*doing = "give up capabilities";
	error = drop_capabilities(privileged ? CAPABILITIES_OF_PLANS : 0);
	if (error < 0)
		return error;
	*doing = "give up new privileges";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -errno;
	*doing = "give up system calls";
	return filter_calls();
}

void privileges_use(uint64_t capabilities)
{
	/* That this may fail is no danger: less is in effect then, and the kernel says so. */
	set_sets(permitted, permitted & capabilities);
}

uint64_t privileges_lacking(uint64_t capabilities)
{
	return capabilities & ~permitted;
}

void privileges_limit(uint64_t capabilities)
{
	permitted &= capabilities;
	privileges_use(0);
}

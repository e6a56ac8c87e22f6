#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "sys_bpf.h"

const char *const sys_vmlinux_btf_path = "/sys/kernel/btf/vmlinux";

int sys_bpf(uint32_t cmd, void *attr, uint32_t attr_size)
{
	long result = syscall(SYS_bpf, cmd, attr, attr_size);

	return result < 0 ? -errno : (int)result;
}

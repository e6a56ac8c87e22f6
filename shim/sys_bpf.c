#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "sys_bpf.h"

int sys_bpf(uint32_t cmd, void *attr, uint32_t attr_size)
{
	long result = syscall(SYS_bpf, cmd, attr, attr_size);

	return result < 0 ? -errno : (int)result;
}

int sys_arena_map(int fd, uint64_t address, uint64_t size, void **memory)
{
	int flags = MAP_SHARED | (address != 0 ? MAP_FIXED_NOREPLACE : 0);
	void *wanted = (void *)(uintptr_t)address;

	*memory = mmap(wanted, (size_t)size, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (*memory == MAP_FAILED) {
		*memory = NULL;
		return -errno;
	}
	return 0;
}

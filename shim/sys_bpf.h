/* The door to the kernel. Tests link a fake behind it. */
#ifndef SYS_BPF_H
#define SYS_BPF_H

#include <stdint.h>

/* bpf(2): what it returns, or a negative errno. */
int sys_bpf(uint32_t cmd, void *attr, uint32_t attr_size);

/*
 * mmap(2) of an arena, to be read and written: at `address`, unless that is 0, but never in the
 * place of what is there. 0, or a negative errno.
 */
int sys_arena_map(int fd, uint64_t address, uint64_t size, void **memory);

#endif

/* The door to the kernel. Tests link a fake behind it. */
#ifndef SYS_BPF_H
#define SYS_BPF_H

#include <stdint.h>

/* bpf(2): what it returns, or a negative errno. */
int sys_bpf(uint32_t cmd, void *attr, uint32_t attr_size);

/* The file with the running kernel's BTF. */
extern const char *const sys_vmlinux_btf_path;

#endif

/* The only files that are read besides plans. Tests link a door to files of their own. */
#ifndef SYS_FILES_H
#define SYS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYS_VMLINUX_BTF "/sys/kernel/btf/vmlinux"
#define SYS_POSSIBLE_CPUS "/sys/devices/system/cpu/possible"
#define SYS_KALLSYMS "/proc/kallsyms"
#define SYS_HOTPLUG_SEQ "/sys/kernel/sched_ext/hotplug_seq"

/* Opens one of them for reading: an fd, or a negative errno. */
int sys_open(const char *path);

/*
 * Maps the whole of an open one, to be read; NULL where that cannot be done. Linux since 6.16 lets
 * its BTF be mapped, which saves a read(2) for every 4096 bytes.
 */
uint8_t *sys_map(int fd, size_t *size);
void sys_unmap(uint8_t *bytes, size_t size);

/* Whether the directory is one of a bpffs, where pins are. */
bool sys_is_bpffs(int directory);

#endif

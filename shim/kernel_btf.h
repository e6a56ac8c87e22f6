/* Whether this is the kernel that a plan was made for. */
#ifndef KERNEL_BTF_H
#define KERNEL_BTF_H

#include <stddef.h>
#include <stdint.h>

struct btf_identity {
	uint64_t size; /* bytes */
	uint64_t xxh64;
};

/* Identifies the running kernel's own BTF. 0 or a negative errno. */
int vmlinux_btf_identify(struct btf_identity *running);

/*
 * Opens the BTF of a loaded module, as libbpf's load_module_btfs() finds it, and identifies it.
 * Returns an fd, -ENOENT if no such module is loaded, or another negative errno.
 */
int module_btf_open(const uint8_t *name, size_t name_size, struct btf_identity *running);

#endif

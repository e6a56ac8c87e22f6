#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "hash.h"
#include "kernel_btf.h"
#include "object_info.h"
#include "sys_bpf.h"
#include "sys_files.h"

/* Above what any kernel has; the largest module BTF of today is 2 MB. */
#define MODULE_BTF_SIZE_MAX (64u << 20)

static int hash_read(int fd, struct xxh64 *hash)
{
	static uint8_t piece[65536];
	ssize_t got;

	while ((got = read(fd, piece, sizeof(piece))) > 0)
		xxh64_add(hash, piece, (size_t)got);
	return got < 0 ? -errno : 0;
}

int vmlinux_btf_identify(struct btf_identity *running)
{
	int fd = sys_open(SYS_VMLINUX_BTF), error = 0;
	struct xxh64 hash;
	uint8_t *bytes;
	size_t size;

	if (fd < 0)
		return fd;
	xxh64_begin(&hash);
	bytes = sys_map(fd, &size);
	if (bytes != NULL) {
		xxh64_add(&hash, bytes, size);
		sys_unmap(bytes, size);
	} else {
		error = hash_read(fd, &hash);
	}
	close(fd);
	*running = (struct btf_identity){.size = hash.size, .xxh64 = xxh64_end(&hash)};
	return error;
}

/* 1: `fd` is the BTF of the module `name`; 0: of something else; or a negative errno. */
static int is_module(int fd, const uint8_t *name, size_t name_size, uint32_t *btf_size)
{
	char found[64] = "";
	struct bpf_btf_info info = {.name = (uintptr_t)found, .name_len = sizeof(found)};
	int error = btf_info(fd, &info);

	*btf_size = info.btf_size;
	if (error < 0)
		return error;
	return info.kernel_btf != 0 && strcmp(found, "vmlinux") != 0 &&
	       strnlen(found, sizeof(found)) == name_size && memcmp(found, name, name_size) == 0;
}

static int identify(int fd, uint32_t btf_size, struct btf_identity *running)
{
	uint8_t *bytes = btf_size <= MODULE_BTF_SIZE_MAX ? malloc(btf_size) : NULL;
	struct bpf_btf_info info = {.btf = (uintptr_t)bytes, .btf_size = btf_size};
	struct xxh64 hash;
	int error;

	if (bytes == NULL)
		return -ENOMEM;
	error = btf_info(fd, &info);
	xxh64_begin(&hash);
	if (error == 0)
		xxh64_add(&hash, bytes, btf_size);
	free(bytes);
	*running = (struct btf_identity){.size = hash.size, .xxh64 = xxh64_end(&hash)};
	return error;
}

int module_btf_open(const uint8_t *name, size_t name_size, struct btf_identity *running)
{
	union bpf_attr attr = {0};

	for (;;) {
		union bpf_attr by_id = {0};
		uint32_t btf_size;
		int fd, found;
		int error = sys_bpf(BPF_BTF_GET_NEXT_ID, &attr, 12);

		if (error < 0)
			return error;
		attr.start_id = by_id.btf_id = attr.next_id;
		fd = sys_bpf(BPF_BTF_GET_FD_BY_ID, &by_id, 12);
		if (fd == -ENOENT)
			continue; /* Unloaded since. */
		if (fd < 0)
			return fd;
		found = is_module(fd, name, name_size, &btf_size);
		error = found == 1 ? identify(fd, btf_size, running) : found;
		if (found == 1 && error == 0)
			return fd;
		close(fd);
		if (error < 0)
			return error;
	}
}

/* The kernel that the program runs on, behind calls.h; needs --wrap=mmap64. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "calls.h"

#define FD_PATH_SIZE 64
#define LINK_TEXT_SIZE 64

/* Bit of an entry of /proc/self/pagemap: the page is there. */
#define PAGEMAP_PRESENT (1ull << 63)
#define PAGEMAP_ENTRIES 4096

/* Whatever kind of object it is, a kernel's answer ends within this. */
union info {
	struct bpf_map_info map;
	struct bpf_prog_info prog;
	struct bpf_btf_info btf;
	struct bpf_link_info link;
};

static bool get_info(int fd, void *info, __u32 size)
{
	union bpf_attr attr = {.info = {.bpf_fd = fd, .info_len = size, .info = (__u64)info}};

	return __real_syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr.info)) == 0;
}

/* By what /proc calls it: "anon_inode:bpf-map". -1: it is nothing of bpf(2). */
static int kind_of_fd(int fd)
{
	char path[FD_PATH_SIZE], text[LINK_TEXT_SIZE];
	ssize_t size;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	size = readlink(path, text, sizeof(text) - 1);
	text[size < 0 ? 0 : size] = 0;
	if (strstr(text, "bpf-map"))
		return OBJECT_MAP;
	if (strstr(text, "bpf-prog"))
		return OBJECT_PROG;
	if (strstr(text, "btf"))
		return OBJECT_BTF;
	return strstr(text, "bpf_link") || strstr(text, "bpf-link") ? OBJECT_LINK : -1;
}

static __u32 id_of_fd(int fd, int kind)
{
	union info info = {0};

	if (!get_info(fd, &info, sizeof(info)))
		return 0;
	switch (kind) {
	case OBJECT_MAP:
		return info.map.id;
	case OBJECT_PROG:
		return info.prog.id;
	case OBJECT_BTF:
		return info.btf.id;
	default:
		return info.link.id;
	}
}

struct object *object_of_fd(int fd)
{
	int saved = errno, kind = kind_of_fd(fd);
	struct object *object = NULL;

	if (kind >= 0)
		object = find_object(kind, id_of_fd(fd, kind));
	/* Found under the kind of its fd. */
	if (!object && kind == OBJECT_BTF)
		object = find_object(OBJECT_MODULE_BTF, id_of_fd(fd, kind));
	errno = saved;
	return object;
}

/* The BTF of a module goes by its name. */
static void describe_btf(int fd, struct object *object)
{
	char name[OBJECT_NAME_SIZE] = "";
	struct bpf_btf_info info = {.name = (__u64)name, .name_len = sizeof(name)};

	if (!get_info(fd, &info, sizeof(info)) || !info.kernel_btf)
		return;
	object->kind = OBJECT_MODULE_BTF;
	snprintf(object->name, sizeof(object->name), "%s", name);
}

static bool describe(int fd, const struct kernel_call *call, struct object *object)
{
	const union bpf_attr *attr = call->attr;

	switch ((int)call->cmd) {
	case BPF_MAP_CREATE:
		object->kind = OBJECT_MAP;
		object->map_type = attr->map_type;
		object->key_size = attr->key_size;
		object->value_size = attr->value_size;
		memcpy(object->name, attr->map_name, BPF_OBJ_NAME_LEN);
		return true;
	case BPF_PROG_LOAD:
		object->kind = OBJECT_PROG;
		memcpy(object->name, attr->prog_name, BPF_OBJ_NAME_LEN);
		return true;
	case BPF_LINK_CREATE:
		object->kind = OBJECT_LINK;
		return true;
	case BPF_BTF_LOAD:
		object->kind = OBJECT_BTF;
		return true;
	case BPF_BTF_GET_FD_BY_ID:
		object->kind = OBJECT_BTF;
		describe_btf(fd, object);
		return true;
	default:
		return false;
	}
}

int kernel_bpf(const struct kernel_call *call, struct object **made)
{
	struct object object = {.is_probe = call->is_probe};
	int result = __real_syscall(SYS_bpf, call->cmd | call->flags, call->attr, call->attr_size,
				    call->common[0], call->common[1]);

	if (result < 0 || !describe(result, call, &object))
		return result;
	if (object.kind == OBJECT_PROG)
		result = move_prog_fd(result);
	object.identity = id_of_fd(result, kind_of_fd(result));
	*made = keep_object(&object);
	return result;
}

long kernel_syscall(long number, const long arguments[6])
{
	return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
			      arguments[4], arguments[5]);
}

void *__real_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset);

/* Where an arena is, since only its memory tells what libbpf wrote into it. */
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	void *memory = __real_mmap64(address, size, protection, flags, fd, offset);
	struct object *object = fd < 0 || memory == MAP_FAILED ? NULL : object_of_fd(fd);

	if (object && object->map_type == BPF_MAP_TYPE_ARENA) {
		object->memory = memory;
		object->memory_size = size;
	}
	return memory;
}

/* Reading a page that is not there would make the arena have it. */
off_t next_written_page(int fd, const struct object *arena, off_t at, uint8_t page[ARENA_PAGE])
{
	static uint64_t entries[PAGEMAP_ENTRIES];
	FILE *pagemap = fopen("/proc/self/pagemap", "re");
	off_t found = -1;

	(void)fd;
	while (pagemap && arena && found < 0 && at < (off_t)arena->memory_size) {
		off_t index = ((uintptr_t)arena->memory + at) / ARENA_PAGE;
		size_t count = (arena->memory_size - at) / ARENA_PAGE;

		if (count > PAGEMAP_ENTRIES)
			count = PAGEMAP_ENTRIES;
		if (pread(fileno(pagemap), entries, count * sizeof(*entries), index * 8) !=
		    (ssize_t)(count * sizeof(*entries)))
			break;
		for (size_t i = 0; i < count && found < 0; i++) {
			if (entries[i] & PAGEMAP_PRESENT)
				found = at + (off_t)i * ARENA_PAGE;
		}
		at += (off_t)count * ARENA_PAGE;
	}
	if (pagemap)
		fclose(pagemap);
	if (found >= 0)
		memcpy(page, arena->memory + found, ARENA_PAGE);
	return found;
}

#define _GNU_SOURCE
#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <linux/version.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "fake_kernel.h"
#include "fake_objects.h"
#include "target.h"

#define MODULES_MAX 64
#define FIRST_MODULE_ID 2 /* 1 is vmlinux */
#define DIRECT_OFFSET_MAX (1u << 29)

/*
 * The release that each of these came with. libbpf 1.7 asks for more, all of which is in 6.1, the
 * oldest release that this stands for.
 */
static const struct {
	unsigned int cgrp_storage, links, uprobe_multi, arg_ctx_tag, qmark_datasec,
		vtype_btf_obj_fd, arena, insn_array, large_direct_offset, associations,
		common_attrs;
} since = {
	.cgrp_storage = KERNEL_VERSION(6, 2, 0),
	.links = KERNEL_VERSION(6, 4, 0),
	.uprobe_multi = KERNEL_VERSION(6, 6, 0),
	.arg_ctx_tag = KERNEL_VERSION(6, 8, 0),
	.qmark_datasec = KERNEL_VERSION(6, 9, 0),
	.vtype_btf_obj_fd = KERNEL_VERSION(6, 9, 0),
	.arena = KERNEL_VERSION(6, 9, 0),
	.insn_array = KERNEL_VERSION(6, 19, 0),
	.large_direct_offset = KERNEL_VERSION(7, 0, 0),
	.associations = KERNEL_VERSION(7, 0, 0),
	.common_attrs = KERNEL_VERSION(7, 2, 0),
};

static unsigned int version;

static struct {
	const char *name;
	void *bytes;
	__u32 size;
} modules[MODULES_MAX];
static unsigned int module_count;

bool fake_kernel_start(void)
{
	version = target_version();
	return reserve_prog_fds();
}

bool fake_kernel_add_module(const char *name, const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *bytes;

	if (fd < 0 || module_count == MODULES_MAX || fstat(fd, &status))
		return false;
	bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return false;
	modules[module_count].name = name;
	modules[module_count].bytes = bytes;
	modules[module_count++].size = status.st_size;
	return true;
}

static int refuse(int error)
{
	errno = error;
	return -1;
}

static bool knows_map_type(__u32 type)
{
	if (type >= __MAX_BPF_MAP_TYPE)
		return false;
	if (type >= BPF_MAP_TYPE_INSN_ARRAY)
		return version >= since.insn_array;
	if (type >= BPF_MAP_TYPE_ARENA)
		return version >= since.arena;
	return type < BPF_MAP_TYPE_CGRP_STORAGE || version >= since.cgrp_storage;
}

static int map_create(const union bpf_attr *attr, bool is_probe, struct object **made)
{
	struct object map = {.kind = OBJECT_MAP, .is_probe = is_probe};
	size_t page = sysconf(_SC_PAGESIZE);
	size_t size = 0;

	if (!knows_map_type(attr->map_type))
		return refuse(EINVAL);
	if (attr->map_flags & BPF_F_LINK && version < since.links)
		return refuse(EINVAL);
	if (attr->map_flags & BPF_F_VTYPE_BTF_OBJ_FD && version < since.vtype_btf_obj_fd)
		return refuse(EINVAL);
	map.map_type = attr->map_type;
	map.key_size = attr->key_size;
	map.value_size = attr->value_size;
	if (attr->map_type == BPF_MAP_TYPE_ARENA)
		size = attr->max_entries * page;
	else if (attr->map_flags & BPF_F_MMAPABLE)
		size = ((size_t)attr->value_size * attr->max_entries + page - 1) / page * page;
	return make_object(map, attr->map_name, size, made);
}

/* What is put into a map of maps or programs has to be one. */
static int map_update(const union bpf_attr *attr)
{
	const struct object *map = object_of_fd(attr->map_fd), *content;
	enum object_kind kind = OBJECT_MAP;
	int fd;

	if (!map)
		return refuse(EBADF);
	if (map->map_type == BPF_MAP_TYPE_PROG_ARRAY)
		kind = OBJECT_PROG;
	else if (map->map_type != BPF_MAP_TYPE_ARRAY_OF_MAPS &&
		 map->map_type != BPF_MAP_TYPE_HASH_OF_MAPS)
		return 0;
	memcpy(&fd, (const void *)attr->value, sizeof(fd));
	content = object_of_fd(fd);
	if (content && content->kind == kind)
		return 0;
	return refuse(fcntl(fd, F_GETFD) < 0 ? EBADF : EINVAL);
}

static bool has_qmark_datasec(const union bpf_attr *attr)
{
	struct btf *btf = btf__new((const void *)attr->btf, attr->btf_size);
	bool found = false;

	for (__u32 id = 1; btf && id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (btf_is_datasec(type) && *btf__name_by_offset(btf, type->name_off) == '?')
			found = true;
	}
	btf__free(btf);
	return found;
}

static int btf_load(const union bpf_attr *attr, bool is_probe, struct object **made)
{
	struct object btf = {.kind = OBJECT_BTF, .is_probe = is_probe};

	if (version < since.qmark_datasec && has_qmark_datasec(attr))
		return refuse(EINVAL);
	return make_object(btf, "", 0, made);
}

/* Only an arena has values that large; the verifier's words are what libbpf looks for. */
static int check_direct_offsets(const union bpf_attr *attr)
{
	const struct bpf_insn *insns = (const void *)attr->insns;

	for (__u32 i = 0; i + 1 < attr->insn_cnt; i++) {
		const struct object *map;
		const char *text = NULL;
		__u32 offset = insns[i + 1].imm;

		if (insns[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (insns[i].src_reg != BPF_PSEUDO_MAP_VALUE || offset < DIRECT_OFFSET_MAX) {
			i++;
			continue;
		}
		map = object_of_fd(insns[i].imm);
		if (version < since.large_direct_offset)
			text = "direct value offset of %u is not allowed\n";
		else if (!map || map->map_type != BPF_MAP_TYPE_ARENA)
			text = "invalid access to map value pointer, off=%u\n";
		if (text) {
			if (attr->log_buf)
				snprintf((char *)attr->log_buf, attr->log_size, text, offset);
			return refuse(EINVAL);
		}
		i++;
	}
	return 0;
}

static int prog_load(const union bpf_attr *attr, bool is_probe, struct object **made)
{
	struct object prog = {.kind = OBJECT_PROG, .is_probe = is_probe};

	/* The name of libbpf's question; without the tag its argument is no context. */
	if (is_probe && version < since.arg_ctx_tag && !strcmp(attr->prog_name, "det_arg_ctx"))
		return refuse(EINVAL);
	if (check_direct_offsets(attr))
		return -1;
	return make_object(prog, attr->prog_name, 0, made);
}

static int link_create(const union bpf_attr *attr, bool is_probe, struct object **made)
{
	struct object link = {.kind = OBJECT_LINK, .is_probe = is_probe};

	/* A process that cannot be is noticed before the file that cannot be. */
	if (is_probe && attr->link_create.attach_type == BPF_TRACE_UPROBE_MULTI &&
	    (version < since.uprobe_multi || attr->link_create.uprobe_multi.pid == (__u32)-1))
		return refuse(EINVAL);
	/* Whether there are links on perf events libbpf asks with an fd of none. */
	if (is_probe)
		return refuse(EBADF);
	return make_object(link, "", 0, made);
}

static int next_btf_id(union bpf_attr *attr)
{
	__u32 next = attr->start_id < FIRST_MODULE_ID ? FIRST_MODULE_ID : attr->start_id + 1;

	if (next >= FIRST_MODULE_ID + module_count)
		return refuse(ENOENT);
	attr->next_id = next;
	return 0;
}

static int module_btf_fd(const union bpf_attr *attr, struct object **made)
{
	struct object btf = {.kind = OBJECT_MODULE_BTF};

	btf.module = attr->btf_id - FIRST_MODULE_ID;
	if (btf.module >= module_count)
		return refuse(ENOENT);
	snprintf(btf.name, sizeof(btf.name), "%s", modules[btf.module].name);
	return make_object(btf, "", 0, made);
}

static int btf_info(union bpf_attr *attr)
{
	const struct object *object = object_of_fd(attr->info.bpf_fd);
	struct bpf_btf_info *info = (void *)attr->info.info;
	__u32 room;

	if (!object)
		return refuse(EBADF);
	if (object->kind != OBJECT_MODULE_BTF)
		return object->kind == OBJECT_BTF ? 0 : refuse(EINVAL);
	room = info->btf_size;
	info->id = FIRST_MODULE_ID + object->module;
	info->kernel_btf = 1;
	info->btf_size = modules[object->module].size;
	if (info->name)
		snprintf((char *)info->name, info->name_len, "%s", modules[object->module].name);
	if (info->btf)
		memcpy((void *)info->btf, modules[object->module].bytes,
		       room < info->btf_size ? room : info->btf_size);
	return 0;
}

static int answer(enum bpf_cmd cmd, union bpf_attr *attr, bool is_probe, struct object **made)
{
	switch ((int)cmd) {
	case BPF_MAP_CREATE:
		return map_create(attr, is_probe, made);
	case BPF_BTF_LOAD:
		return btf_load(attr, is_probe, made);
	case BPF_PROG_LOAD:
		return prog_load(attr, is_probe, made);
	case BPF_LINK_CREATE:
		return link_create(attr, is_probe, made);
	case BPF_MAP_UPDATE_ELEM:
		return map_update(attr);
	case BPF_MAP_DELETE_ELEM:
	case BPF_MAP_FREEZE:
	case BPF_PROG_BIND_MAP:
		return 0;
	case BPF_PROG_ASSOC_STRUCT_OPS:
		return version < since.associations ? refuse(EINVAL) : 0;
	/* Nothing is pinned anywhere. */
	case BPF_OBJ_GET:
		return refuse(ENOENT);
	case BPF_BTF_GET_NEXT_ID:
		return next_btf_id(attr);
	case BPF_BTF_GET_FD_BY_ID:
		return module_btf_fd(attr, made);
	case BPF_OBJ_GET_INFO_BY_FD:
		return btf_info(attr);
	}
	fprintf(stderr, "fake kernel: bpf(2) command %d is not known here\n", cmd);
	return refuse(ENOSYS);
}

int kernel_bpf(const struct kernel_call *call, struct object **made)
{
	if (call->flags && version < since.common_attrs)
		return refuse(EINVAL);
	if (!call->attr || (call->flags && !call->common[0]))
		return refuse(EFAULT);
	return answer(call->cmd, call->attr, call->is_probe, made);
}

/* Of all other calls libbpf needs those two that give a map's its fd. */
long kernel_syscall(long number, const long arguments[6])
{
	if (number == SYS_memfd_create || number == SYS_dup3)
		return __real_syscall(number, arguments[0], arguments[1], arguments[2]);
	/* Whether system calls have a wrapper libbpf asks with a probe on one. */
	if (number == SYS_perf_event_open)
		return memfd_create("probe", MFD_CLOEXEC);
	return refuse(ENOSYS);
}

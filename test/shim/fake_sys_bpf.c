#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../shim/sys_bpf.h"
#include "fake_sys_bpf.h"

#define FIRST_FD 1000 /* far from those of the process itself */
#define FDS_MAX 8192
#define RULES_MAX 16
#define FLAG_LINK (1u << 13)
#define ATTACH_TYPE_STRUCT_OPS 44u

enum kind {
	CLOSED,
	MAP,
	PROG,
	BTF,
	LINK,
	MODULE_BTF
};

struct object {
	enum kind kind;
	uint32_t type, key_size, value_size, flags; /* of a map */
	bool written, registered;
	struct object *map; /* of a link */
};

static struct object objects[FDS_MAX];
static uint32_t object_count;
static struct fake_state state;
static struct {
	uint32_t from, to;
	int result;
} rules[RULES_MAX];
static uint32_t rule_count;
static const char *log_text = "";
static uint32_t log_size_needed;
static FILE *record;

/* Two modules besides vmlinux: { "hid", bytes "a" } and { "other", bytes "abc" }. */
static const struct {
	const char *name, *bytes;
} kernel_btfs[] = {{"vmlinux", "abc"}, {"other", "abc"}, {"hid", "a"}};

const char *const sys_vmlinux_btf_path = FAKE_VMLINUX_BTF;

void fake_reset(void)
{
	object_count = rule_count = log_size_needed = 0;
	state = (struct fake_state){0};
	log_text = "";
}

void fake_reset_rules(void)
{
	rule_count = 0;
}

void fake_answer(uint32_t from, uint32_t to, int result)
{
	rules[rule_count].from = from;
	rules[rule_count].to = to;
	rules[rule_count++].result = result;
}

void fake_log(const char *text, uint32_t buffer_size_needed)
{
	log_text = text;
	log_size_needed = buffer_size_needed;
}

struct fake_state fake_state(void)
{
	return state;
}

static void broken(const char *promise)
{
	fprintf(stderr, "fake kernel: broken promise: %s\n", promise);
	abort();
}

static struct object *object_of(uint32_t fd, enum kind kind)
{
	if (fd < FIRST_FD || fd - FIRST_FD >= object_count || objects[fd - FIRST_FD].kind != kind)
		return NULL;
	return &objects[fd - FIRST_FD];
}

static int new_fd(struct object object)
{
	if (object_count == FDS_MAX)
		return -EMFILE;
	objects[object_count] = object;
	state.open_fds++;
	return FIRST_FD + (int)object_count++;
}

int __real_close(int fd);
int __wrap_close(int fd);

int __wrap_close(int fd)
{
	struct object *object;

	if (fd < FIRST_FD)
		return __real_close(fd);
	object = &objects[fd - FIRST_FD];
	if ((uint32_t)fd - FIRST_FD >= object_count || object->kind == CLOSED)
		broken("an fd is closed once");
	if (object->kind == LINK) {
		object->map->registered = false;
		state.registered--;
	}
	object->kind = CLOSED;
	state.open_fds--;
	if (record != NULL)
		fprintf(record, "close %d\n", fd);
	return 0;
}

static void touch(uint64_t address, uint64_t size)
{
	const volatile uint8_t *bytes = (const uint8_t *)(uintptr_t)address;

	if (size != 0 && bytes == NULL)
		broken("a pointer is there when its size is not zero");
	for (uint64_t i = 0; i < size; i++)
		(void)bytes[i];
}

static int write_log(uint32_t level, uint64_t buffer, uint32_t size)
{
	size_t length = strlen(log_text) + 1;

	if (level == 0)
		return 0;
	if (size < length || size < log_size_needed)
		return -ENOSPC;
	memcpy((void *)(uintptr_t)buffer, log_text, length);
	return 0;
}

static int map_create(const union bpf_attr *attr)
{
	return new_fd((struct object){MAP, attr->map_type, attr->key_size, attr->value_size,
				      attr->map_flags, false, false, NULL});
}

/* As of bpf_struct_ops_map_update_elem(): a legacy map is registered, another made ready. */
static int map_update(const union bpf_attr *attr)
{
	struct object *map = object_of(attr->map_fd, MAP);

	if (map == NULL)
		return -EBADF;
	if (map->type == BPF_MAP_TYPE_PERCPU_ARRAY || map->type == BPF_MAP_TYPE_PERCPU_HASH)
		broken("a per-CPU map is not updated");
	touch(attr->key, map->key_size);
	touch(attr->value, map->value_size);
	if (map->type != BPF_MAP_TYPE_STRUCT_OPS)
		return 0;
	if (map->written)
		return -EBUSY;
	map->written = true;
	if ((map->flags & FLAG_LINK) == 0) {
		map->registered = true;
		state.registered++;
	}
	return 0;
}

static int map_delete(const union bpf_attr *attr)
{
	struct object *map = object_of(attr->map_fd, MAP);

	if (map == NULL)
		return -EBADF;
	touch(attr->key, map->key_size);
	if (map->type != BPF_MAP_TYPE_STRUCT_OPS)
		return -ENOENT;
	if ((map->flags & FLAG_LINK) != 0)
		return -EOPNOTSUPP;
	if (!map->registered)
		return map->written ? -EINPROGRESS : -ENOENT;
	map->registered = false;
	state.registered--;
	return 0;
}

static int prog_load(const union bpf_attr *attr)
{
	touch(attr->insns, 8 * (uint64_t)attr->insn_cnt);
	touch(attr->license, 1);
	(void)strlen((const char *)(uintptr_t)attr->license);
	touch(attr->func_info, (uint64_t)attr->func_info_rec_size * attr->func_info_cnt);
	touch(attr->line_info, (uint64_t)attr->line_info_rec_size * attr->line_info_cnt);
	return new_fd((struct object){.kind = PROG});
}

static int link_create(const union bpf_attr *attr)
{
	struct object *map = object_of(attr->link_create.prog_fd, MAP);

	if (attr->link_create.attach_type != ATTACH_TYPE_STRUCT_OPS)
		broken("a link is a struct_ops link");
	if (map == NULL || map->type != BPF_MAP_TYPE_STRUCT_OPS || (map->flags & FLAG_LINK) == 0 ||
	    !map->written)
		return -EINVAL;
	if (map->registered)
		return -EEXIST;
	map->registered = true;
	state.registered++;
	return new_fd((struct object){.kind = LINK, .map = map});
}

static int step(uint32_t cmd, const union bpf_attr *attr)
{
	switch (cmd) {
	case BPF_MAP_CREATE:
		return map_create(attr);
	case BPF_MAP_UPDATE_ELEM:
		return map_update(attr);
	case BPF_MAP_DELETE_ELEM:
		return map_delete(attr);
	case BPF_PROG_LOAD:
		return prog_load(attr);
	case BPF_BTF_LOAD:
		touch(attr->btf, attr->btf_size);
		return new_fd((struct object){.kind = BTF});
	case BPF_MAP_FREEZE:
		return object_of(attr->map_fd, MAP) != NULL ? 0 : -EBADF;
	case BPF_LINK_CREATE:
		return link_create(attr);
	case BPF_PROG_BIND_MAP:
		return object_of(attr->prog_bind_map.prog_fd, PROG) != NULL &&
				       object_of(attr->prog_bind_map.map_fd, MAP) != NULL
			       ? 0
			       : -EBADF;
	default:
		broken("a command is in the permit table");
		return -ENOSYS;
	}
}

static int step_or_rule(uint32_t cmd, const union bpf_attr *attr)
{
	uint32_t number = state.step_calls++;
	int log_error = 0;

	for (uint32_t i = 0; i < rule_count; i++) {
		if (number < rules[i].from || number > rules[i].to)
			continue;
		if (cmd == BPF_MAP_DELETE_ELEM)
			state.refused_deletes++;
		if (cmd == BPF_PROG_LOAD)
			log_error = write_log(attr->log_level, attr->log_buf, attr->log_size);
		if (cmd == BPF_BTF_LOAD)
			log_error = write_log(attr->btf_log_level, attr->btf_log_buf,
					      attr->btf_log_size);
		return log_error != 0 ? log_error : rules[i].result;
	}
	return step(cmd, attr);
}

static int info(union bpf_attr *attr)
{
	uint32_t fd = attr->info.bpf_fd, index = fd - FIRST_FD;
	struct object *module = object_of(fd, MODULE_BTF);
	uint32_t *words = (uint32_t *)(uintptr_t)attr->info.info;

	if (fd < FIRST_FD || index >= object_count || objects[index].kind == CLOSED)
		return -EBADF;
	if (module != NULL) {
		struct bpf_btf_info *btf = (struct bpf_btf_info *)words;
		const char *bytes = kernel_btfs[module->type].bytes;

		if (btf->btf_size != 0)
			memcpy((void *)(uintptr_t)btf->btf, bytes,
			       btf->btf_size < strlen(bytes) ? btf->btf_size : strlen(bytes));
		if (btf->name_len != 0)
			strcpy((char *)(uintptr_t)btf->name, kernel_btfs[module->type].name);
		btf->btf_size = (uint32_t)strlen(bytes);
		btf->kernel_btf = 1;
	}
	words[module != NULL || objects[index].kind == BTF ? 3 : 1] = index + 1;
	return 0;
}

static int next_btf_id(union bpf_attr *attr)
{
	if (attr->start_id >= sizeof(kernel_btfs) / sizeof(kernel_btfs[0]))
		return -ENOENT;
	attr->next_id = attr->start_id + 1;
	return 0;
}

int sys_bpf(uint32_t cmd, void *attr, uint32_t attr_size)
{
	union bpf_attr *fields = attr;
	int result;

	touch((uintptr_t)attr, attr_size);
	state.calls++;
	if (cmd == BPF_OBJ_GET_INFO_BY_FD)
		return info(fields);
	if (cmd == BPF_BTF_GET_NEXT_ID)
		return next_btf_id(fields);
	if (cmd == BPF_BTF_GET_FD_BY_ID)
		return new_fd((struct object){.kind = MODULE_BTF, .type = fields->btf_id - 1});
	result = step_or_rule(cmd, fields);
	if (record != NULL)
		fprintf(record, "%u %d\n", cmd, result);
	return result;
}

/* For the whole program: FAKE_RULES="from-to=result ...", FAKE_LOG, FAKE_LOG_SIZE, FAKE_RECORD. */
static void write_leftovers(void)
{
	fprintf(record, "calls %u, left %u fds, %u registered\n", state.calls, state.open_fds,
		state.registered);
	fclose(record);
}

__attribute__((constructor)) static void read_environment(void)
{
	const char *rule = getenv("FAKE_RULES"), *path = getenv("FAKE_RECORD");
	const char *log = getenv("FAKE_LOG"), *size = getenv("FAKE_LOG_SIZE");
	uint32_t from, to;
	int result, used;

	while (rule != NULL && sscanf(rule, "%u-%u=%d%n", &from, &to, &result, &used) == 3) {
		fake_answer(from, to, result);
		rule += used;
	}
	fake_log(log != NULL ? log : "", size != NULL ? (uint32_t)atoi(size) : 0);
	if (path != NULL) {
		record = fopen(path, "w");
		if (record == NULL)
			broken("FAKE_RECORD can be written");
		atexit(write_leftovers);
	}
}

#include <errno.h>
#include <stdarg.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "../../shim/permit.h"
#include "../../shim/sys_bpf.h"
#include "fake_objects.h"
#include "fake_sys_bpf.h"

#define RULES_MAX 16

static struct {
	uint32_t from, to;
	int result;
} rules[RULES_MAX];
static uint32_t rule_count;
static const char *log_text = "";
static uint32_t log_size_needed;
static FILE *record;
/* What is recorded of what the kernel is given, besides the commands. */
static bool details;
/* Bytes that the kernel has for an arena; 0: as many as it is large. */
static uint64_t arena_memory;
/* Only one struct_ops may be in force. */
static bool exclusive;

int __real_close(int fd);

/* Two modules besides vmlinux: { "hid", bytes "a" } and { "other", bytes "abc" }. */
static const struct {
	const char *name, *bytes;
} kernel_btfs[] = {{"vmlinux", "abc"}, {"other", "abc"}, {"hid", "a"}};

void fake_reset(void)
{
	objects_reset();
	rule_count = log_size_needed = 0;
	exclusive = false;
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
	return fake_now;
}

void fake_record(const char *format, ...)
{
	va_list arguments;

	if (record == NULL)
		return;
	va_start(arguments, format);
	vfprintf(record, format, arguments);
	va_end(arguments);
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

static int step_or_rule(uint32_t cmd, union bpf_attr *attr);

static void record_bytes(const char *what, const void *from, size_t size)
{
	const uint8_t *bytes = from;

	if (record == NULL || !details)
		return;
	fprintf(record, "%s ", what);
	for (size_t i = 0; i < size; i++)
		fprintf(record, "%02x", bytes[i]);
	fputc('\n', record);
}

static int map_create(const union bpf_attr *attr)
{
	struct object map = {.kind = MAP,
			     .type = attr->map_type,
			     .key_size = attr->key_size,
			     .value_size = attr->value_size,
			     .flags = attr->map_flags,
			     .max_entries = attr->max_entries,
			     .map_extra = attr->map_extra};

	if (attr->max_entries == 0 && attr->map_type != BPF_MAP_TYPE_STRUCT_OPS)
		return -EINVAL;
	if (record != NULL && details)
		fprintf(record, "max_entries %u\n", attr->max_entries);
	memcpy(map.name, attr->map_name, sizeof(map.name));
	return object_new(map);
}

/* As of arena_map_mmap(): the whole of it, where map_extra says. */
int sys_arena_map(int fd, uint64_t address, uint64_t size, void **memory)
{
	struct object *map = object_of((uint32_t)fd, MAP);
	int flags = MAP_SHARED | MAP_NORESERVE | (address != 0 ? MAP_FIXED_NOREPLACE : 0);
	int result = step_or_rule(STRUCTOPS_ARENA_MAP, NULL), file;

	*memory = NULL;
	fake_now.calls++;
	if (result < 0)
		return result;
	if (map == NULL || map->type != MAP_TYPE_ARENA)
		return -ENODEV;
	if (size != (uint64_t)map->max_entries * 4096 || address != map->map_extra)
		broken("an arena is mapped as it was made");
	if (map->arena != NULL)
		return -EBUSY;
	file = memfd_create("arena", 0);
	if (file < 0 || ftruncate(file, (off_t)(arena_memory != 0 ? arena_memory : size)) != 0)
		broken("there is memory for an arena");
	map->arena = mmap((void *)(uintptr_t)address, size, PROT_READ | PROT_WRITE, flags, file, 0);
	result = map->arena == MAP_FAILED ? -errno : 0;
	__real_close(file);
	if (result < 0) {
		map->arena = NULL;
		return result;
	}
	fake_now.open_fds++;
	*memory = map->arena;
	return 0;
}

int __real_munmap(void *memory, size_t size);
int __wrap_munmap(void *memory, size_t size);

/* Before it goes, what the executor wrote is recorded: bytes that are not zero, with their place.
 */
int __wrap_munmap(void *memory, size_t size)
{
	struct object *map = object_with_arena(memory);
	uint64_t from = 0, to = arena_memory != 0 ? arena_memory : size;
	const uint8_t *bytes = memory;

	if (map == NULL || size != (uint64_t)map->max_entries * 4096)
		broken("an arena is unmapped as it was mapped, before its fd is closed");
	if (details && to <= 1 << 20) {
		while (from < to && bytes[from] == 0)
			from++;
		while (from < to && bytes[to - 1] == 0)
			to--;
		if (record != NULL && from < to)
			fprintf(record, "arena %llu ", (unsigned long long)from);
		record_bytes("is", bytes + from, to - from);
	}
	map->arena = NULL;
	fake_now.open_fds--;
	return __real_munmap(memory, size);
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
	record_bytes("value", (const void *)(uintptr_t)attr->value, map->value_size);
	if (map->type != BPF_MAP_TYPE_STRUCT_OPS)
		return 0;
	if (map->written)
		return -EBUSY;
	map->written = true;
	if ((map->flags & MAP_FLAG_LINK) == 0) {
		map->registered = true;
		fake_now.registered++;
		object_refer(map);
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
	if ((map->flags & MAP_FLAG_LINK) != 0)
		return -EOPNOTSUPP;
	if (!map->registered)
		return map->written ? -EINPROGRESS : -ENOENT;
	map->registered = false;
	fake_now.registered--;
	object_forget(map);
	return 0;
}

static int prog_load(const union bpf_attr *attr)
{
	touch(attr->insns, 8 * (uint64_t)attr->insn_cnt);
	touch(attr->license, 1);
	(void)strlen((const char *)(uintptr_t)attr->license);
	touch(attr->func_info, (uint64_t)attr->func_info_rec_size * attr->func_info_cnt);
	touch(attr->line_info, (uint64_t)attr->line_info_rec_size * attr->line_info_cnt);
	record_bytes("insns", (const void *)(uintptr_t)attr->insns, 8 * (size_t)attr->insn_cnt);
	return object_new((struct object){.kind = PROG, .type = attr->prog_type});
}

/* As of bpf_prog_assoc_struct_ops() of Linux 7.0; linux/bpf.h may be older. */
static int prog_assoc_struct_ops(const void *attr)
{
	uint32_t fields[3];
	struct object *map, *prog;

	memcpy(fields, attr, sizeof(fields));
	map = object_of(fields[0], MAP);
	prog = object_of(fields[1], PROG);
	if (fields[2] != 0)
		broken("flags of an association are zero");
	if (map == NULL || prog == NULL)
		return -EBADF;
	return map->type == BPF_MAP_TYPE_STRUCT_OPS && prog->type != PROG_TYPE_STRUCT_OPS ? 0
											  : -EINVAL;
}

static int step(uint32_t cmd, union bpf_attr *attr)
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
		return object_new((struct object){.kind = BTF});
	case BPF_MAP_FREEZE:
		return object_of(attr->map_fd, MAP) != NULL ? 0 : -EBADF;
	case BPF_LINK_CREATE:
		if (attr->link_create.attach_type != ATTACH_TYPE_STRUCT_OPS)
			broken("a link is a struct_ops link");
		return fake_link_create(attr->link_create.prog_fd);
	case BPF_LINK_UPDATE:
		return fake_link_update(attr);
	case BPF_LINK_DETACH:
		return fake_link_detach(attr->link_detach.link_fd);
	case BPF_OBJ_PIN:
		return pin_make((const char *)(uintptr_t)attr->pathname, attr->bpf_fd);
	case BPF_OBJ_GET:
		return pin_open((const char *)(uintptr_t)attr->pathname);
	case BPF_MAP_GET_FD_BY_ID:
		return fake_by_id(attr->map_id, MAP);
	case BPF_LINK_GET_FD_BY_ID:
		return fake_by_id(attr->link_id, LINK);
	case BPF_PROG_GET_FD_BY_ID:
		return fake_by_id(attr->prog_id, PROG);
	case BPF_MAP_GET_NEXT_ID:
		return fake_next_id(attr, MAP);
	case BPF_LINK_GET_NEXT_ID:
		return fake_next_id(attr, LINK);
	case BPF_PROG_GET_NEXT_ID:
		return fake_next_id(attr, PROG);
	case BPF_MAP_LOOKUP_ELEM:
		return fake_lookup(attr);
	case BPF_PROG_BIND_MAP:
		return object_of(attr->prog_bind_map.prog_fd, PROG) != NULL &&
				       object_of(attr->prog_bind_map.map_fd, MAP) != NULL
			       ? 0
			       : -EBADF;
	case CMD_PROG_ASSOC_STRUCT_OPS:
		return prog_assoc_struct_ops(attr);
	case STRUCTOPS_ARENA_MAP:
		return 0; /* sys_arena_map() does the rest. */
	default:
		broken("a command is in the permit table");
		return -ENOSYS;
	}
}

static int step_or_rule(uint32_t cmd, union bpf_attr *attr)
{
	uint32_t number = fake_now.step_calls++;
	int log_error = 0;

	for (uint32_t i = 0; i < rule_count; i++) {
		if (number < rules[i].from || number > rules[i].to)
			continue;
		if (cmd == BPF_MAP_DELETE_ELEM)
			fake_now.refused_deletes++;
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
	const struct object *object = object_any(attr->info.bpf_fd);
	uint32_t *words = (uint32_t *)(uintptr_t)attr->info.info;
	struct bpf_btf_info *btf = (struct bpf_btf_info *)words;
	const char *bytes;

	if (object == NULL)
		return -EBADF;
	if (object->kind != MODULE_BTF && object->kind != BTF) {
		fake_info(object, words);
		return 0;
	}
	btf->id = object_id(object);
	if (object->kind == BTF)
		return 0;
	bytes = kernel_btfs[object->type].bytes;
	if (btf->btf_size != 0)
		memcpy((void *)(uintptr_t)btf->btf, bytes,
		       btf->btf_size < strlen(bytes) ? btf->btf_size : strlen(bytes));
	if (btf->name_len != 0)
		strcpy((char *)(uintptr_t)btf->name, kernel_btfs[object->type].name);
	btf->btf_size = (uint32_t)strlen(bytes);
	btf->kernel_btf = 1;
	return 0;
}

static int next_btf_id(union bpf_attr *attr)
{
	if (attr->start_id >= sizeof(kernel_btfs) / sizeof(kernel_btfs[0]))
		return -ENOENT;
	attr->next_id = attr->start_id + 1;
	return 0;
}

/* A frame that fake_frame() told of: what a step gives the kernel lies in it. */
static uintptr_t frame_from, frame_to;

void fake_frame(const void *frame, size_t size)
{
	frame_from = (uintptr_t)frame;
	frame_to = frame_from + size;
}

/*
 * Of every command that a step can be: fds are open, and addresses lie in the frame. The one
 * exception is the key of a registration that the executor deletes by itself.
 */
static void check_fields(uint32_t cmd, const uint8_t *attr, uint32_t attr_size)
{
	const struct command *command = command_find(cmd);

	for (uint32_t i = 0; command != NULL && i < command->field_count; i++) {
		const struct field *field = &command->fields[i];
		uint64_t value = 0;

		if (field->at + field->bytes > attr_size || field->bytes > 8)
			continue;
		memcpy(&value, attr + field->at, field->bytes);
		if ((field->use == USE_FD_NEEDED || (field->use == USE_FD && value != 0)) &&
		    object_any((uint32_t)value) == NULL)
			broken("an fd that the kernel is given is one that is open");
		if (field->use >= USE_RECORDS && value != 0 && frame_to != 0 &&
		    cmd != BPF_MAP_DELETE_ELEM && cmd != BPF_OBJ_GET &&
		    (value < frame_from || value >= frame_to))
			broken("an address that the kernel is given lies in the frame");
	}
}

int sys_bpf(uint32_t cmd, void *attr, uint32_t attr_size)
{
	union bpf_attr *fields = attr;
	int result;

	touch((uintptr_t)attr, attr_size);
	fake_now.calls++;
	if (cmd == BPF_OBJ_GET_INFO_BY_FD)
		return info(fields);
	if (cmd == BPF_BTF_GET_NEXT_ID)
		return next_btf_id(fields);
	if (cmd == BPF_BTF_GET_FD_BY_ID)
		return object_new((struct object){.kind = MODULE_BTF, .type = fields->btf_id - 1});
	check_fields(cmd, attr, attr_size);
	result = step_or_rule(cmd, fields);
	if (record != NULL)
		fprintf(record, "%u %d\n", cmd, result);
	return result;
}

/*
 * For the whole program: FAKE_RULES="from-to=result ...", FAKE_LOG, FAKE_LOG_SIZE, FAKE_RECORD,
 * FAKE_DETAILS, FAKE_ARENA_MEMORY, FAKE_WORLD, FAKE_PINS, FAKE_EXCLUSIVE.
 */
static void write_leftovers(void)
{
	char in_force[256] = "";

	if (getenv("FAKE_WORLD") != NULL) {
		fake_registrations(in_force, sizeof(in_force));
		fprintf(record, "in force: %s\n", in_force);
	}
	fprintf(record, "calls %u, left %u fds, %u registered\n", fake_now.calls, fake_now.open_fds,
		fake_now.registered);
	fclose(record);
}

bool is_exclusive(void)
{
	return exclusive;
}

void fake_exclusive(void)
{
	exclusive = true;
}

/* FAKE_WORLD, with its pins in FAKE_PINS. */
static void make_world(void)
{
	const char *world = getenv("FAKE_WORLD"), *pins = getenv("FAKE_PINS");
	char before[4096];

	exclusive = getenv("FAKE_EXCLUSIVE") != NULL;
	if (world == NULL)
		return;
	if (pins == NULL || getcwd(before, sizeof(before)) == NULL || chdir(pins) != 0)
		broken("FAKE_WORLD has a directory FAKE_PINS");
	fake_make(world);
	if (chdir(before) != 0)
		broken("a directory can be entered again");
}

__attribute__((constructor)) static void read_environment(void)
{
	const char *rule = getenv("FAKE_RULES"), *path = getenv("FAKE_RECORD");
	const char *log = getenv("FAKE_LOG"), *size = getenv("FAKE_LOG_SIZE");
	uint32_t from, to;
	int result, used;

	details = getenv("FAKE_DETAILS") != NULL;
	arena_memory = getenv("FAKE_ARENA_MEMORY") != NULL
			       ? (uint64_t)atoll(getenv("FAKE_ARENA_MEMORY"))
			       : 0;
	while (rule != NULL && sscanf(rule, "%u-%u=%d%n", &from, &to, &result, &used) == 3) {
		fake_answer(from, to, result);
		rule += used;
	}
	make_world();
	fake_log(log != NULL ? log : "", size != NULL ? (uint32_t)atoi(size) : 0);
	if (path != NULL) {
		record = fopen(path, "w");
		if (record == NULL)
			broken("FAKE_RECORD can be written");
		atexit(write_leftovers);
	}
}

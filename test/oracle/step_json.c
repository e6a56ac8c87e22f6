#include <inttypes.h>
#include <linux/bpf.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "step_json.h"

enum use {
	END,
	NUMBER,
	NAME,
	FD,
	/* How much is said of a failure: for people, and no part of a step. */
	LOG,
	/* Addresses, by what they point to. */
	INSNS,
	TEXT,
	FUNC_INFO,
	LINE_INFO,
	FD_ARRAY,
	BTF,
	KEY,
	VALUE
};

struct field {
	const char *name;
	unsigned int offset, size;
	enum use use;
};

/* A value with more bytes than this, all zero, is written as none. */
#define ZEROS_MAX (1 << 20)

/* Room for every field of the command with the most. */
#define FIELDS_MAX 32

#define FIELD(name, use) {#name, offsetof(union bpf_attr, name), FIELD_SIZE(name), use}
#define FIELD_OF(part, name, use)                                                                  \
	{#name, offsetof(union bpf_attr, part.name), FIELD_SIZE(part.name), use}
#define FIELD_SIZE(name) sizeof(((union bpf_attr *)0)->name)

static const struct command {
	enum bpf_cmd cmd;
	const char *name;
	struct field fields[FIELDS_MAX];
} commands[] = {
	{BPF_MAP_CREATE,
	 "BPF_MAP_CREATE",
	 {FIELD(map_type, NUMBER), FIELD(key_size, NUMBER), FIELD(value_size, NUMBER),
	  FIELD(max_entries, NUMBER), FIELD(map_flags, NUMBER), FIELD(inner_map_fd, FD),
	  FIELD(numa_node, NUMBER), FIELD(map_name, NAME), FIELD(map_ifindex, NUMBER),
	  FIELD(btf_fd, FD), FIELD(btf_key_type_id, NUMBER), FIELD(btf_value_type_id, NUMBER),
	  FIELD(btf_vmlinux_value_type_id, NUMBER), FIELD(map_extra, NUMBER),
	  FIELD(value_type_btf_obj_fd, FD)}},
	{BPF_MAP_UPDATE_ELEM,
	 "BPF_MAP_UPDATE_ELEM",
	 {FIELD(map_fd, FD), FIELD(key, KEY), FIELD(value, VALUE), FIELD(flags, NUMBER)}},
	{BPF_MAP_DELETE_ELEM, "BPF_MAP_DELETE_ELEM", {FIELD(map_fd, FD), FIELD(key, KEY)}},
	{BPF_PROG_LOAD,
	 "BPF_PROG_LOAD",
	 {FIELD(prog_type, NUMBER),
	  FIELD(insn_cnt, NUMBER),
	  FIELD(insns, INSNS),
	  FIELD(license, TEXT),
	  FIELD(log_level, LOG),
	  FIELD(log_size, LOG),
	  FIELD(log_buf, LOG),
	  FIELD(log_true_size, LOG),
	  FIELD(kern_version, NUMBER),
	  FIELD(prog_flags, NUMBER),
	  FIELD(prog_name, NAME),
	  FIELD(prog_ifindex, NUMBER),
	  FIELD(expected_attach_type, NUMBER),
	  FIELD(prog_btf_fd, FD),
	  FIELD(func_info_rec_size, NUMBER),
	  FIELD(func_info, FUNC_INFO),
	  FIELD(func_info_cnt, NUMBER),
	  FIELD(line_info_rec_size, NUMBER),
	  FIELD(line_info, LINE_INFO),
	  FIELD(line_info_cnt, NUMBER),
	  FIELD(attach_btf_id, NUMBER),
	  FIELD(attach_btf_obj_fd, FD),
	  FIELD(fd_array, FD_ARRAY),
	  FIELD(fd_array_cnt, NUMBER)}},
	{BPF_BTF_LOAD,
	 "BPF_BTF_LOAD",
	 {FIELD(btf, BTF), FIELD(btf_log_buf, LOG), FIELD(btf_size, NUMBER),
	  FIELD(btf_log_size, LOG), FIELD(btf_log_level, LOG), FIELD(btf_log_true_size, LOG),
	  FIELD(btf_flags, NUMBER)}},
	{BPF_MAP_FREEZE, "BPF_MAP_FREEZE", {FIELD(map_fd, FD)}},
	{BPF_LINK_CREATE,
	 "BPF_LINK_CREATE",
	 {FIELD_OF(link_create, map_fd, FD), FIELD_OF(link_create, target_fd, NUMBER),
	  FIELD_OF(link_create, attach_type, NUMBER), FIELD_OF(link_create, flags, NUMBER)}},
	{BPF_PROG_BIND_MAP,
	 "BPF_PROG_BIND_MAP",
	 {FIELD_OF(prog_bind_map, prog_fd, FD), FIELD_OF(prog_bind_map, map_fd, FD),
	  FIELD_OF(prog_bind_map, flags, NUMBER)}},
	{BPF_PROG_ASSOC_STRUCT_OPS,
	 "BPF_PROG_ASSOC_STRUCT_OPS",
	 {FIELD_OF(prog_assoc_struct_ops, map_fd, FD), FIELD_OF(prog_assoc_struct_ops, prog_fd, FD),
	  FIELD_OF(prog_assoc_struct_ops, flags, NUMBER)}},
};

/* The parts of one step that are put together while its fields are walked. */
struct parts {
	struct step_writer *writer;
	const struct bpf_call *call;
	uint8_t image[sizeof(union bpf_attr)];
	FILE *attr, *blobs, *attr_patches, *blob_patches;
	char *texts[4];
	size_t sizes[4];
	const char *name;
};

/* One that stands in no table is told by its number, with its attr alone. */
static const struct command *command_of(enum bpf_cmd cmd)
{
	static struct command other = {.fields = {{.use = END}}};
	static char name[32];

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].cmd == cmd)
			return &commands[i];
	}
	snprintf(name, sizeof(name), "bpf(2) command %d", (int)cmd);
	other.name = name;
	return &other;
}

void write_text(FILE *out, const char *text, size_t size)
{
	putc('"', out);
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '"' || text[i] == '\\')
			fprintf(out, "\\%c", text[i]);
		else if ((unsigned char)text[i] < 0x20)
			fprintf(out, "\\u%04x", text[i]);
		else
			putc(text[i], out);
	}
	putc('"', out);
}

void write_hex(FILE *out, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";

	putc('"', out);
	for (size_t i = 0; i < size; i++) {
		putc(digits[bytes[i] >> 4], out);
		putc(digits[bytes[i] & 15], out);
	}
	putc('"', out);
}

/* Between the members of an object or list that `out` is collecting. */
static void write_comma(FILE *out)
{
	if (ftell(out) > 0)
		fputs(", ", out);
}

/* An object that a step did not make has no slot yet: the BTF of a module. */
static int slot_of(struct parts *parts, struct object *object)
{
	if (!object)
		return -1;
	if (object->slot < 0 && object->kind == OBJECT_MODULE_BTF)
		object->slot = parts->writer->slot_count++;
	return object->slot;
}

static void put_slot(struct parts *parts, FILE *out, struct object *object)
{
	int slot = slot_of(parts, object);

	fputs("\"put\": \"slot\", \"slot\": ", out);
	if (slot < 0)
		fputs("null}", out);
	else
		fprintf(out, "%d", slot);
	if (slot < 0)
		return;
	if (object->kind == OBJECT_MODULE_BTF) {
		fputs(", \"module\": ", out);
		write_text(out, object->name, strlen(object->name));
	}
	putc('}', out);
}

static void patch_blob(struct parts *parts, const char *blob, size_t offset, size_t width,
		       struct object *object)
{
	FILE *out = parts->blob_patches;

	write_comma(out);
	fprintf(out, "{\"in\": \"%s\", \"offset\": %zu, \"width\": %zu, ", blob, offset, width);
	put_slot(parts, out, object);
}

static void take_fd(struct parts *parts, const char *blob, uint8_t *bytes, size_t offset)
{
	int fd;

	memcpy(&fd, bytes + offset, sizeof(fd));
	memset(bytes + offset, 0, sizeof(fd));
	patch_blob(parts, blob, offset, sizeof(fd), object_of_fd(fd));
}

static void take_fds_of_insns(struct parts *parts, uint8_t *bytes, size_t size)
{
	const struct bpf_insn *insns = (const void *)bytes;

	for (size_t i = 0; i + 1 < size / sizeof(*insns); i++) {
		if (insns[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (insns[i].src_reg == BPF_PSEUDO_MAP_FD ||
		    insns[i].src_reg == BPF_PSEUDO_MAP_VALUE)
			take_fd(parts, "insns", bytes, i * 8 + 4);
		/* Of the module that has the type; no fd for vmlinux. */
		else if (insns[i].src_reg == BPF_PSEUDO_BTF_ID && insns[i + 1].imm)
			take_fd(parts, "insns", bytes, i * 8 + 12);
		i++;
	}
}

static void take_fds_of_value(struct parts *parts, uint8_t *bytes, size_t size,
			      const struct object *map)
{
	switch (map->map_type) {
	case BPF_MAP_TYPE_STRUCT_OPS:
		for (size_t offset = 0; offset + 8 <= size; offset += 8) {
			uint64_t number;
			struct object *prog;

			memcpy(&number, bytes + offset, sizeof(number));
			prog = prog_of_number(number);
			if (!prog)
				continue;
			memset(bytes + offset, 0, sizeof(number));
			patch_blob(parts, "value", offset, sizeof(number), prog);
		}
		break;
	case BPF_MAP_TYPE_PROG_ARRAY:
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
		take_fd(parts, "value", bytes, 0);
		break;
	default:
		break;
	}
}

/*
 * fd_array has no count. libbpf gives the same to all programs of an object: entry 0 unused, then
 * fds of modules' BTF, then room.
 */
static size_t fd_array_size(const union bpf_attr *attr)
{
	const int *fds = (const void *)attr->fd_array;
	size_t room = malloc_usable_size((void *)attr->fd_array) / sizeof(*fds);
	size_t count = 1;

	for (; count < room; count++) {
		const struct object *object = object_of_fd(fds[count]);

		if (!object || object->kind != OBJECT_MODULE_BTF)
			break;
	}
	return count * sizeof(*fds);
}

static size_t blob_size(const struct field *field, const union bpf_attr *attr)
{
	const struct object *map;

	switch (field->use) {
	case INSNS:
		return (size_t)attr->insn_cnt * sizeof(struct bpf_insn);
	case TEXT:
		return strlen((const char *)attr->license) + 1;
	case FUNC_INFO:
		return (size_t)attr->func_info_rec_size * attr->func_info_cnt;
	case LINE_INFO:
		return (size_t)attr->line_info_rec_size * attr->line_info_cnt;
	case FD_ARRAY:
		return fd_array_size(attr);
	case BTF:
		return attr->btf_size;
	case KEY:
	case VALUE:
		map = object_of_fd(attr->map_fd);
		if (!map)
			return 0;
		return field->use == KEY ? map->key_size : map->value_size;
	default:
		return 0;
	}
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

static void write_blob(struct parts *parts, const struct field *field, const void *address)
{
	const union bpf_attr *attr = parts->call->attr;
	size_t size = blob_size(field, attr);
	uint8_t *bytes = malloc(size + 1);

	if (!bytes)
		abort();
	memcpy(bytes, address, size);
	/* A scheduler may have a .bss of 166 MB. */
	if (field->use == VALUE && size > ZEROS_MAX && is_zero(bytes, size))
		size = 0;
	if (field->use == INSNS)
		take_fds_of_insns(parts, bytes, size);
	if (field->use == VALUE && size)
		take_fds_of_value(parts, bytes, size, object_of_fd(attr->map_fd));
	for (size_t at = 0; field->use == FD_ARRAY && at < size; at += sizeof(int)) {
		if (memcmp(bytes + at, "\0\0\0", sizeof(int)) != 0)
			take_fd(parts, field->name, bytes, at);
	}
	write_comma(parts->blobs);
	fprintf(parts->blobs, "\"%s\": ", field->name);
	write_hex(parts->blobs, bytes, size);
	free(bytes);
}

static void write_attr(struct parts *parts, const struct field *field, uint64_t number)
{
	const char *text = (const char *)parts->image + field->offset;

	write_comma(parts->attr);
	fprintf(parts->attr, "\"%s\": ", field->name);
	if (field->use == NAME) {
		parts->name = text;
		write_text(parts->attr, text, strnlen(text, field->size));
	} else if (number > 1ull << 53)
		fprintf(parts->attr, "\"0x%" PRIx64 "\"", number);
	else
		fprintf(parts->attr, "%" PRIu64, number);
}

static void write_field(struct parts *parts, const struct field *field)
{
	uint8_t *at = parts->image + field->offset;
	uint64_t number = 0;

	if (field->offset + field->size > parts->call->attr_size)
		return;
	memcpy(&number, at, field->size < 8 ? field->size : 8);
	if (number == 0)
		return;
	if (field->use == NUMBER || field->use == NAME) {
		write_attr(parts, field, number);
		return;
	}
	memset(at, 0, field->size);
	if (field->use == LOG)
		return;
	write_comma(parts->attr_patches);
	fprintf(parts->attr_patches,
		"{\"in\": \"attr\", \"field\": \"%s\", \"offset\": %u, \"width\": %u, ",
		field->name, field->offset, field->size);
	if (field->use == FD) {
		struct object *object = object_of_fd(number);

		put_slot(parts, parts->attr_patches, object);
		if (object && !*parts->name)
			parts->name = object->name;
		return;
	}
	fprintf(parts->attr_patches, "\"put\": \"address\", \"blob\": \"%s\"}", field->name);
	write_blob(parts, field, (const void *)number);
}

void begin_step(struct step_writer *writer, const char *cmd, const char *name)
{
	fprintf(writer->out, "%s\n {\"index\": %u, \"phase\": \"%s\", \"cmd\": \"%s\", \"name\": ",
		writer->step_count ? "," : "", writer->step_count, writer->phase, cmd);
	write_text(writer->out, name, strlen(name));
}

void write_step(struct step_writer *writer, const struct bpf_call *call)
{
	const struct command *command = command_of(call->cmd);
	struct parts parts = {.writer = writer, .call = call, .name = ""};
	FILE **streams[] = {&parts.attr, &parts.blobs, &parts.attr_patches, &parts.blob_patches};
	FILE *out = writer->out;

	for (size_t i = 0; i < 4; i++) {
		*streams[i] = open_memstream(&parts.texts[i], &parts.sizes[i]);
		if (!*streams[i])
			abort();
	}
	memcpy(parts.image, call->attr, call->attr_size);
	if (call->made) {
		call->made->slot = writer->slot_count++;
		parts.name = call->made->name;
	}
	for (const struct field *field = command->fields; field->use != END; field++)
		write_field(&parts, field);
	for (size_t i = 0; i < 4; i++)
		fclose(*streams[i]);

	begin_step(writer, command->name, parts.name);
	if (call->made)
		fprintf(out, ", \"slot\": %d", call->made->slot);
	else
		fputs(", \"slot\": null", out);
	if (call->error)
		fprintf(out, ", \"errno\": %d", call->error);
	fprintf(out, ",\n  \"attr\": {%s}, \"attr_size\": %u, \"attr_hex\": ", parts.texts[0],
		call->attr_size);
	write_hex(out, parts.image, call->attr_size);
	fprintf(out, ",\n  \"blobs\": {%s},\n  \"patches\": [%s%s%s]}", parts.texts[1],
		parts.texts[2], parts.sizes[2] && parts.sizes[3] ? ", " : "", parts.texts[3]);
	for (size_t i = 0; i < 4; i++)
		free(parts.texts[i]);
	writer->step_count++;
}

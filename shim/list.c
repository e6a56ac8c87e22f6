#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "json.h"
#include "list.h"
#include "object_info.h"
#include "permit.h"
#include "pins.h"
#include "sys_bpf.h"

/* Of each kind at most so many are written: a line that a reader can still take. */
#define ENTRIES_MAX 4096
#define VALUE_SIZE_MAX 4096
/* A struct_ops value begins with its reference count, then its state. */
#define VALUE_STATE_AT 4

static uint32_t entries;
static bool complete;

int list_is_permitted(void)
{
	union bpf_attr attr = {0};
	int error = sys_bpf(BPF_MAP_GET_NEXT_ID, &attr, 12);

	return error == -ENOENT ? 0 : error;
}

/* Begins the next entry of the array; false: there is no room for more. */
static bool begin_entry(uint32_t id)
{
	if (entries == ENTRIES_MAX) {
		complete = false;
		return false;
	}
	printf("%s{\"id\":%u", entries == 0 ? "" : ",", id);
	entries++;
	return true;
}

static void put_info_name(const struct object_info *info, uint32_t word)
{
	const char *name = (const char *)&info->words[word];

	put_string("name", name, strnlen(name, BPF_OBJ_NAME_LEN));
}

static uint64_t word_pair(const struct object_info *info, uint32_t word)
{
	return info->words[word] | (uint64_t)info->words[word + 1] << 32;
}

/* The module that the value type is of; nothing for vmlinux. */
static void put_module(uint32_t btf_id)
{
	union bpf_attr attr = {.btf_id = btf_id};
	char name[64] = "";
	struct bpf_btf_info info = {.name = (uintptr_t)name, .name_len = sizeof(name)};
	int fd = btf_id != 0 ? sys_bpf(BPF_BTF_GET_FD_BY_ID, &attr, 12) : -ENOENT;

	if (fd < 0)
		return;
	if (btf_info(fd, &info) == 0 && strcmp(name, "vmlinux") != 0)
		put_name("module", name);
	close(fd);
}

static void put_map(int fd, const struct object_info *info)
{
	static uint8_t value[VALUE_SIZE_MAX];
	uint32_t key = 0, size = info->words[MAP_INFO_VALUE_SIZE], state;
	union bpf_attr attr = {
		.map_fd = (uint32_t)fd, .key = (uintptr_t)&key, .value = (uintptr_t)value};

	if (!is_struct_ops_map(info) || !begin_entry(info->words[INFO_ID]))
		return;
	put_info_name(info, MAP_INFO_NAME);
	put_number("flags", info->words[MAP_INFO_FLAGS]);
	put_number("value_type_id", info->words[MAP_INFO_VALUE_TYPE]);
	put_module(info->words[MAP_INFO_VALUE_BTF]);
	if (size <= sizeof(value) && sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr, 32) == 0) {
		memcpy(&state, value + VALUE_STATE_AT, sizeof(state));
		put_number("state", state);
		put_hex("value", value, size);
	}
	putchar('}');
}

static void put_link(int fd, const struct object_info *info)
{
	(void)fd;
	if (!is_struct_ops_link(info) || !begin_entry(info->words[INFO_ID]))
		return;
	put_number("map_id", info->words[LINK_INFO_MAP]);
	putchar('}');
}

static void put_program(int fd, const struct object_info *info)
{
	(void)fd;
	if (info->words[INFO_TYPE] != PROG_TYPE_STRUCT_OPS || !begin_entry(info->words[INFO_ID]))
		return;
	put_info_name(info, PROG_INFO_NAME);
	put_number("load_time", word_pair(info, PROG_INFO_LOAD_TIME));
	put_number("uid", info->words[PROG_INFO_UID]);
	putchar('}');
}

static void put_pin(const char *path, int fd)
{
	struct object_info info;
	bool link;

	if (object_info(fd, &info) < 0) {
		complete = false;
		return;
	}
	link = is_struct_ops_link(&info);
	if ((!link && !is_struct_ops_map(&info)) || !begin_entry(info.words[INFO_ID]))
		return;
	put_name("kind", link ? "link" : "map");
	put_name("path", path);
	putchar('}');
}

static void begin_array(const char *key)
{
	entries = 0;
	printf(",\"%s\":[", key);
}

/* All objects of a kind, by their ids. What goes away in the meantime is left out. */
static void put_all(const char *key, uint32_t next_cmd, uint32_t get_cmd,
		    void (*put)(int fd, const struct object_info *info))
{
	union bpf_attr next = {0};
	int error;

	begin_array(key);
	while ((error = sys_bpf(next_cmd, &next, 12)) == 0) {
		union bpf_attr get = {.map_id = next.next_id};
		int fd = sys_bpf(get_cmd, &get, 12);
		struct object_info info;

		next.start_id = next.next_id;
		if (fd < 0) {
			complete = complete && fd == -ENOENT;
			continue;
		}
		if (object_info(fd, &info) == 0)
			put(fd, &info);
		else
			complete = false;
		close(fd);
	}
	complete = complete && error == -ENOENT;
	putchar(']');
}

void list_write(void)
{
	complete = true;
	put_all("maps", BPF_MAP_GET_NEXT_ID, BPF_MAP_GET_FD_BY_ID, put_map);
	put_all("links", BPF_LINK_GET_NEXT_ID, BPF_LINK_GET_FD_BY_ID, put_link);
	put_all("programs", BPF_PROG_GET_NEXT_ID, BPF_PROG_GET_FD_BY_ID, put_program);
	begin_array("pins");
	complete = pins_walk(put_pin) && complete;
	printf("],\"complete\":%s", complete ? "true" : "false");
}

#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SETTINGS_MAX 4096

enum value_kind {
	TEXT,
	NAME_AND_TEXT,
	NAME_AND_NUMBER,
	NAME_AND_SWITCH,
	NOTHING
};

/* In the order of their lines. */
static const struct flag {
	const char *flag;
	const char *prefix;
	enum value_kind kind;
	const char *form;
} FLAGS[] = {
	{"--kernel-version", "kernel_version=", TEXT, ""},
	{"--set", "set.", NAME_AND_TEXT, "--set NAME=VALUE, such as --set threshold=10"},
	{"--map", "map.", NAME_AND_NUMBER, "--map NAME.max_entries=N"},
	{"--autoload", "autoload.", NAME_AND_SWITCH, "--autoload PROGRAM=yes or PROGRAM=no"},
	{"--create", "create.", NAME_AND_SWITCH, "--create VARIABLE=yes or VARIABLE=no"},
	{"--null-unknown-callbacks", "null_unknown_callbacks=1", NOTHING, ""},
	{"--enum-constants", "enum_constants=", TEXT, ""},
	{"--resize", "resize.", NAME_AND_NUMBER, "--resize VARIABLE=BYTES"},
	{"--associate", "associate=", TEXT, ""},
	{"--hotplug-seq", "hotplug_seq=", TEXT, ""},
};

#define FLAG_COUNT (sizeof(FLAGS) / sizeof(FLAGS[0]))

static struct {
	const struct flag *flag;
	const char *value;
} settings[SETTINGS_MAX];
static size_t setting_count;

static const struct flag *find(const char *name)
{
	for (size_t i = 0; i < FLAG_COUNT; i++) {
		if (strcmp(FLAGS[i].flag, name) == 0)
			return &FLAGS[i];
	}
	return NULL;
}

bool is_setting(const char *flag, bool *takes_value)
{
	const struct flag *found = find(flag);

	*takes_value = found && found->kind != NOTHING;
	return found != NULL;
}

static bool is_number(const char *text)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	strtoull(text, &end, strncasecmp(text, "0x", 2) == 0 ? 16 : 10);
	return *end == '\0';
}

const char *add_setting(const char *name, const char *value)
{
	const struct flag *flag = find(name);
	const char *equals = value ? strchr(value, '=') : NULL;

	if (setting_count == SETTINGS_MAX)
		return "there are too many settings";
	if (value && strpbrk(value, "\r\n"))
		return "a value with a line break cannot be given";
	if (flag->kind != TEXT && flag->kind != NOTHING && (!equals || equals == value))
		return flag->form;
	if (flag->kind == NAME_AND_NUMBER && !is_number(equals + 1))
		return flag->form;
	if (flag->kind == NAME_AND_SWITCH && strcmp(equals, "=yes") != 0 &&
	    strcmp(equals, "=no") != 0)
		return flag->form;
	settings[setting_count].flag = flag;
	settings[setting_count++].value = value;
	return NULL;
}

static void write_line(FILE *lines, const struct flag *flag, const char *value)
{
	const char *equals = value ? strchr(value, '=') : NULL;

	switch (flag->kind) {
	case NOTHING:
		fprintf(lines, "%s\n", flag->prefix);
		break;
	case TEXT:
		fprintf(lines, "%s%s\n", flag->prefix, value);
		break;
	case NAME_AND_TEXT:
		/* An option of the kernel's configuration is called as it is. */
		fprintf(lines, "%s%s\n", strncmp(value, "CONFIG_", 7) == 0 ? "" : flag->prefix,
			value);
		break;
	case NAME_AND_NUMBER:
		fprintf(lines, "%s%.*s%llu\n", flag->prefix, (int)(equals + 1 - value), value,
			strtoull(equals + 1, NULL,
				 strncasecmp(equals + 1, "0x", 2) == 0 ? 16 : 10));
		break;
	case NAME_AND_SWITCH:
		fprintf(lines, "%s%.*s%d\n", flag->prefix, (int)(equals + 1 - value), value,
			equals[1] == 'y');
		break;
	}
}

char *setting_lines(size_t *size)
{
	char *text = NULL;
	FILE *lines = open_memstream(&text, size);

	if (!lines)
		return NULL;
	for (size_t i = 0; i < FLAG_COUNT; i++) {
		for (size_t j = 0; j < setting_count; j++) {
			if (settings[j].flag == &FLAGS[i])
				write_line(lines, &FLAGS[i], settings[j].value);
		}
	}
	if (fclose(lines) == 0)
		return text;
	free(text);
	return NULL;
}

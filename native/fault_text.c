#include "fault_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Reads the JSON that the core of this program wrote, and no other: strings without escapes in
 * keys, whole numbers, no white space inside strings that is not escaped.
 */
struct reader {
	const char *at;
	const char *end;
};

static void skip_blanks(struct reader *reader)
{
	while (reader->at < reader->end && strchr(" \n\t,:", *reader->at))
		reader->at++;
}

static bool take(struct reader *reader, char wanted)
{
	skip_blanks(reader);
	if (reader->at == reader->end || *reader->at != wanted)
		return false;
	reader->at++;
	return true;
}

/* A string without its quotes, as it is written; or a number. */
static struct bytes scalar(struct reader *reader)
{
	struct bytes text;

	if (take(reader, '"')) {
		text.at = reader->at;
		while (reader->at < reader->end && *reader->at != '"')
			reader->at += *reader->at == '\\' ? 2 : 1;
		text.size = (size_t)(reader->at - text.at);
		reader->at++;
		return text;
	}
	text.at = reader->at;
	while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
		reader->at++;
	text.size = (size_t)(reader->at - text.at);
	return text;
}

/* The values of a fault that are shown; `where` is on the same level here. */
enum field {
	MESSAGE,
	INPUT,
	SECTION,
	SYMBOL,
	STRUCT,
	MEMBER,
	OFFSET,
	WANTED,
	FOUND,
	SINCE,
	FEATURE,
	NEAR,
	HINT,
	CODE,
	NUMBER,
	FIELD_COUNT,
};

static const char *const KEYS[FIELD_COUNT] = {
	"message", "input", "section", "symbol",       "struct", "member", "offset", "wanted",
	"found",   "since", "feature", "did_you_mean", "hint",	 "code",   "number",
};

static bool read_fields(struct reader *reader, struct bytes fields[FIELD_COUNT])
{
	while (!take(reader, '}')) {
		struct bytes key = scalar(reader), value;

		if (key.size == 0)
			return false;
		if (take(reader, '{')) {
			if (!read_fields(reader, fields))
				return false;
			continue;
		}
		value = scalar(reader);
		for (int i = 0; i < FIELD_COUNT; i++) {
			if (strlen(KEYS[i]) == key.size && memcmp(KEYS[i], key.at, key.size) == 0)
				fields[i] = value;
		}
	}
	return true;
}

/* Quotes and backslashes as they are; `\n` begins a line with `margin`; other escapes stay as they
 * are written. */
static void print_text(struct bytes text, const char *margin)
{
	for (size_t i = 0; i < text.size; i++) {
		if (text.at[i] != '\\' || i + 1 == text.size) {
			fputc(text.at[i], stderr);
		} else if (text.at[i + 1] == 'n') {
			fprintf(stderr, "\n%s", margin);
			i++;
		} else if (text.at[i + 1] == 'u') {
			fputc('\\', stderr);
		} else {
			fputc(text.at[++i], stderr);
		}
	}
}

static void print_line(const char *label, struct bytes text)
{
	if (text.size == 0)
		return;
	fprintf(stderr, "  %s: ", label);
	print_text(text, "       ");
	fputc('\n', stderr);
}

static void print_place(const struct bytes fields[FIELD_COUNT])
{
	static const struct {
		enum field field;
		const char *label;
	} PARTS[] = {
		{INPUT, ""},	     {SECTION, "section "}, {SYMBOL, "symbol "},
		{STRUCT, "struct "}, {MEMBER, "member "},
	};
	const char *before = "  at: ";

	for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++) {
		if (fields[PARTS[i].field].size == 0)
			continue;
		fprintf(stderr, "%s%s", before, PARTS[i].label);
		print_text(fields[PARTS[i].field], "");
		before = ", ";
	}
	if (fields[OFFSET].size > 0) {
		unsigned long long offset = strtoull(fields[OFFSET].at, NULL, 10);

		fprintf(stderr, "%soffset %llu (0x%llx)", before, offset, offset);
		before = ", ";
	}
	if (before[0] == ',')
		fputc('\n', stderr);
}

static void print_fault(const struct bytes fields[FIELD_COUNT])
{
	fputs("error: ", stderr);
	print_text(fields[MESSAGE], "  ");
	fputc('\n', stderr);
	print_place(fields);
	print_line("wanted", fields[WANTED]);
	print_line("found", fields[FOUND]);
	if (fields[SINCE].size > 0) {
		fputs("  since: Linux ", stderr);
		print_text(fields[SINCE], "");
		fputs(" has ", stderr);
		print_text(fields[FEATURE], "");
		fputc('\n', stderr);
	}
	print_line("did you mean", fields[NEAR]);
	print_line("try", fields[HINT]);
	fputs("  ", stderr);
	print_text(fields[CODE], "");
	fputs(" (", stderr);
	print_text(fields[NUMBER], "");
	fputs(")\n", stderr);
}

void print_faults(struct bytes json)
{
	struct reader reader = {json.at, json.at + json.size};
	const char *list = memmem(json.at, json.size, "\"faults\"", 8);
	bool first = true;

	if (!list)
		return;
	reader.at = list + 8;
	take(&reader, '[');
	while (take(&reader, '{')) {
		struct bytes fields[FIELD_COUNT] = {{0}};

		if (!read_fields(&reader, fields))
			return;
		if (!first)
			fputc('\n', stderr);
		first = false;
		print_fault(fields);
	}
}

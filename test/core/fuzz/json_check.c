#include "json_check.h"

#include <string.h>

#define DEPTH_MAX 64

struct reader {
	const uint8_t *at;
	const uint8_t *end;
};

static void skip_blanks(struct reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n'))
		reader->at++;
}

static bool take(struct reader *reader, char wanted)
{
	if (reader->at == reader->end || *reader->at != (uint8_t)wanted)
		return false;
	reader->at++;
	return true;
}

/* A character above 0x7f: the shortest form, no surrogates, up to U+10FFFF. */
static bool read_utf8(struct reader *reader)
{
	uint32_t first = *reader->at++, value;
	int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};

	if (first < 0xc2 || first > 0xf4 || reader->end - reader->at < more)
		return false;
	value = first & (0x3fu >> more);
	for (int i = 0; i < more; i++) {
		if ((*reader->at & 0xc0) != 0x80)
			return false;
		value = value << 6 | (*reader->at++ & 0x3f);
	}
	return value >= least[more] && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
}

static bool read_escape(struct reader *reader)
{
	uint8_t what = reader->at < reader->end ? *reader->at++ : 0;

	if (what != 'u')
		return what != 0 && strchr("\"\\/bfnrt", what) != NULL;
	if (reader->end - reader->at < 4)
		return false;
	for (int i = 0; i < 4; i++, reader->at++) {
		if (*reader->at == 0 || !strchr("0123456789abcdefABCDEF", *reader->at))
			return false;
	}
	return true;
}

static bool read_string(struct reader *reader)
{
	if (!take(reader, '"'))
		return false;
	while (reader->at < reader->end) {
		if (*reader->at >= 0x80) {
			if (!read_utf8(reader))
				return false;
			continue;
		}
		if (*reader->at < ' ')
			return false;
		switch (*reader->at++) {
		case '"':
			return true;
		case '\\':
			if (!read_escape(reader))
				return false;
			break;
		default:
			break;
		}
	}
	return false;
}

static bool is_digit(const struct reader *reader)
{
	return reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
}

/* The core writes whole numbers only. */
static bool read_number(struct reader *reader)
{
	take(reader, '-');
	if (take(reader, '0'))
		return !is_digit(reader);
	if (!is_digit(reader))
		return false;
	while (is_digit(reader))
		reader->at++;
	return true;
}

static bool read_word(struct reader *reader, const char *word)
{
	size_t size = strlen(word);

	if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, word, size) != 0)
		return false;
	reader->at += size;
	return true;
}

static bool read_value(struct reader *reader, int depth);

/* What is between the brackets, and the closing one. */
static bool read_parts(struct reader *reader, char close, int depth)
{
	skip_blanks(reader);
	if (take(reader, close))
		return true;
	do {
		skip_blanks(reader);
		if (close == '}') {
			if (!read_string(reader) || (skip_blanks(reader), !take(reader, ':')))
				return false;
		}
		if (!read_value(reader, depth + 1))
			return false;
		skip_blanks(reader);
	} while (take(reader, ','));
	return take(reader, close);
}

static bool read_value(struct reader *reader, int depth)
{
	skip_blanks(reader);
	if (depth > DEPTH_MAX || reader->at == reader->end)
		return false;
	switch (*reader->at) {
	case '{':
		reader->at++;
		return read_parts(reader, '}', depth);
	case '[':
		reader->at++;
		return read_parts(reader, ']', depth);
	case '"':
		return read_string(reader);
	case 't':
		return read_word(reader, "true");
	case 'f':
		return read_word(reader, "false");
	case 'n':
		return read_word(reader, "null");
	default:
		return read_number(reader);
	}
}

bool is_json(const uint8_t *bytes, size_t size)
{
	struct reader reader = {bytes, bytes + size};

	if (!read_value(&reader, 0))
		return false;
	skip_blanks(&reader);
	return reader.at == reader.end;
}

#include "mutate.h"

#include <string.h>

/* xorshift64*: enough to choose, and the same everywhere. */
uint32_t random_below(struct file *file, uint32_t limit)
{
	file->random ^= file->random >> 12;
	file->random ^= file->random << 25;
	file->random ^= file->random >> 27;
	return (uint32_t)((file->random * 0x2545f4914f6cdd1du) >> 32) % limit;
}

uint64_t read_field(const struct file *file, size_t at, unsigned int width)
{
	uint64_t value = 0;

	if (at <= file->size && width <= file->size - at)
		memcpy(&value, file->data + at, width);
	return value;
}

void write_field(struct file *file, size_t at, unsigned int width, uint64_t value)
{
	if (at <= file->size && width <= file->size - at)
		memcpy(file->data + at, &value, width);
}

void change_field(struct file *file, size_t at, unsigned int width, size_t other)
{
	static const uint64_t edges[] = {
		0,	    1,		2,	    3,		4,	    7,		8,
		12,	    16,		24,	    31,		32,	    63,		64,
		0x7f,	    0x80,	0xff,	    0x100,	0x7fff,	    0x8000,	0xffff,
		0x10000,    0xffffff,	0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffff8, 0xffffffff,
		1ull << 32, 1ull << 63, -8ull,	    -1ull};
	uint64_t value = read_field(file, at, width);

	switch (random_below(file, 5)) {
	case 0:
		value = edges[random_below(file, sizeof(edges) / sizeof(edges[0]))];
		break;
	case 1:
		value ^= 1ull << random_below(file, 8 * width);
		break;
	case 2:
		value += random_below(file, 17) - 8ull;
		break;
	default:
		value = read_field(file, other, width);
	}
	write_field(file, at, width, value);
}

bool insert_bytes(struct file *file, size_t at, size_t size)
{
	if (at > file->size || size > file->most - file->size)
		return false;
	memmove(file->data + at + size, file->data + at, file->size - at);
	memset(file->data + at, 0, size);
	file->size += size;
	return true;
}

void remove_bytes(struct file *file, size_t at, size_t size)
{
	if (at > file->size || size > file->size - at)
		return;
	memmove(file->data + at, file->data + at + size, file->size - at - size);
	file->size -= size;
}

void mutate_words(struct file *file, struct range words)
{
	uint32_t count = (uint32_t)(words.size / 4);

	if (count == 0)
		return;
	if (random_below(file, 8) == 0) {
		size_t record = random_below(file, 2) == 0 ? 24 : 48;
		size_t at = 8 * (size_t)random_below(file, count / 2 + 1);

		if (at + 2 * record <= words.size)
			memmove(file->data + words.at + at, file->data + words.at + at + record,
				record);
		return;
	}
	change_field(file, words.at + 4 * (size_t)random_below(file, count), 4,
		     words.at + 4 * (size_t)random_below(file, count));
}

/* Where a line begins that is chosen at random. */
static size_t some_line(struct file *file, struct range lines)
{
	size_t at = lines.at + random_below(file, (uint32_t)lines.size + 1);

	while (at > lines.at && file->data[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_size(const struct file *file, size_t at)
{
	const uint8_t *end = memchr(file->data + at, '\n', file->size - at);

	return end ? (size_t)(end - file->data) - at + 1 : file->size - at;
}

/* What lines are made of, beside the names of the objects. */
static const char *const words[] = {
	"set.",
	"map.",
	"autoload.",
	"create.",
	"resize.",
	"pin.",
	"replace.",
	"replace_map.",
	"unpin.",
	"swap.",
	"associate=",
	"hotplug_seq=",
	"list=1",
	"detach=",
	"name=",
	"kernel_version=",
	"CONFIG_HZ=",
	"enum_constants=",
	"null_unknown_callbacks=1",
	".max_entries=",
	"link:1",
	"map:1",
	"link_pin:a/b",
	"map_pin:a",
	"=update",
	"=detach",
	"=1",
	"=0",
	"=null",
	"=-1",
	"=0x7fffffff",
	"=18446744073709551615",
	"=-9223372036854775808",
	"=true",
	"=y",
	"=m",
	"=\"text\"",
	"\n",
	"=007",
	"./",
	"../",
	"\xff",
	"CONFIG_",
};

static void insert_word(struct file *file, size_t at)
{
	const char *word = words[random_below(file, sizeof(words) / sizeof(words[0]))];

	if (insert_bytes(file, at, strlen(word)))
		memcpy(file->data + at, word, strlen(word));
}

void mutate_lines(struct file *file, struct range lines)
{
	size_t from = some_line(file, lines), size = line_size(file, from), to;
	uint8_t line[256];

	switch (random_below(file, 4)) {
	case 0:
		remove_bytes(file, from, size);
		return;
	case 1:
		if (size > sizeof(line))
			return;
		memcpy(line, file->data + from, size);
		to = some_line(file, lines);
		if (insert_bytes(file, to, size))
			memcpy(file->data + to, line, size);
		return;
	case 2:
		insert_word(file, from);
		return;
	default:
		insert_word(file, lines.at + random_below(file, (uint32_t)lines.size + 1));
	}
}

#include <string.h>

#include "mutate.h"

#define HEADER_SIZE 24u
#define HDR_LEN 4u
#define TYPE_OFF 8u
#define TYPE_LEN 12u
#define STR_OFF 16u
#define STR_LEN 20u

#define TYPE_SIZE 12u
#define RECORDS_MAX 4096u
#define KINDS 20u

/* Bytes behind struct btf_type, by kind, and of each of its parts. */
static const uint8_t fixed_size[KINDS] = {[1] = 4, [3] = 12, [14] = 4, [17] = 4};
static const uint8_t part_size[KINDS] = {
	[4] = 12, [5] = 12, [6] = 8, [13] = 8, [15] = 12, [19] = 12};

struct btf {
	struct range whole;
	struct range types;
	struct range strings;
	uint32_t count;
	struct range records[RECORDS_MAX];
};

static uint32_t word(const struct file *file, size_t at)
{
	return (uint32_t)read_field(file, at, 4);
}

static bool lies_in(struct range part, struct range whole)
{
	return part.at >= whole.at && part.at <= whole.at + whole.size &&
	       part.size <= whole.at + whole.size - part.at;
}

static size_t record_size(const struct file *file, size_t at)
{
	uint32_t info = word(file, at + 4), kind = info >> 24 & 0x1f, parts = info & 0xffff;

	return kind < KINDS ? TYPE_SIZE + fixed_size[kind] + (size_t)parts * part_size[kind] : 0;
}

/* False: it is too broken to know where its records are. */
static bool read_btf(const struct file *file, struct range whole, struct btf *btf)
{
	size_t base = whole.at + word(file, whole.at + HDR_LEN), at, end;

	btf->whole = whole;
	btf->types = (struct range){base + word(file, whole.at + TYPE_OFF),
				    word(file, whole.at + TYPE_LEN)};
	btf->strings = (struct range){base + word(file, whole.at + STR_OFF),
				      word(file, whole.at + STR_LEN)};
	btf->count = 0;
	if (whole.size < HEADER_SIZE || !lies_in(btf->types, whole) ||
	    !lies_in(btf->strings, whole) || btf->strings.size == 0)
		return false;
	end = btf->types.at + btf->types.size;
	for (at = btf->types.at; at + TYPE_SIZE <= end && btf->count < RECORDS_MAX;) {
		size_t size = record_size(file, at);

		if (size == 0 || size > end - at)
			break;
		btf->records[btf->count++] = (struct range){at, size};
		at += size;
	}
	return btf->count > 0;
}

static struct range some_record(struct file *file, const struct btf *btf)
{
	return btf->records[random_below(file, btf->count)];
}

static uint32_t kind_of(const struct file *file, struct range record)
{
	return word(file, record.at + 4) >> 24 & 0x1f;
}

/* Where a part of a record is; `size` 0: it has none. */
static struct range some_part(struct file *file, struct range record)
{
	uint32_t kind = kind_of(file, record), parts = word(file, record.at + 4) & 0xffff;

	if (kind >= KINDS || part_size[kind] == 0 || parts == 0)
		return (struct range){0, 0};
	return (struct range){record.at + TYPE_SIZE + fixed_size[kind] +
				      (size_t)random_below(file, parts) * part_size[kind],
			      part_size[kind]};
}

/* Where a string begins. */
static uint32_t some_string(struct file *file, const struct btf *btf)
{
	uint32_t offset = random_below(file, (uint32_t)btf->strings.size);

	if (random_below(file, 16) == 0)
		return offset;
	while (offset > 0 && file->data[btf->strings.at + offset - 1] != 0)
		offset--;
	return offset;
}

/* Types come after their base in split BTF; few changes are out of range. */
static uint32_t some_id(struct file *file, const struct btf *btf)
{
	return random_below(file, btf->count + 2);
}

static void change_head(struct file *file, const struct btf *btf)
{
	struct range record = some_record(file, btf), other = some_record(file, btf);

	switch (random_below(file, 6)) {
	case 0:
		write_field(file, record.at, 4, some_string(file, btf));
		break;
	case 1: /* The number of parts, by one. */
		write_field(file, record.at + 4, 2,
			    read_field(file, record.at + 4, 2) + random_below(file, 3) - 1);
		break;
	case 2: /* Another kind, or the flag. */
		if (random_below(file, 2) == 0)
			write_field(file, record.at + 7, 1, random_below(file, KINDS + 1));
		else
			change_field(file, record.at + 7, 1, other.at + 7);
		break;
	case 3:
		write_field(file, record.at + 8, 4, some_id(file, btf));
		break;
	case 4:
		change_field(file, record.at + 8, 4, other.at + 8);
		break;
	default:
		change_field(file, record.at, 4, other.at);
	}
}

/* Members have a name, a type and an offset; parameters and enumerators two of these; others alike.
 */
static void change_part(struct file *file, const struct btf *btf)
{
	struct range record = some_record(file, btf);
	struct range part = some_part(file, record), other = some_part(file, record);
	uint32_t kind = kind_of(file, record), field;

	if (part.size == 0) {
		if (record.size > TYPE_SIZE) {
			size_t at = record.at + TYPE_SIZE +
				    4 * random_below(file, (uint32_t)(record.size - TYPE_SIZE) / 4);

			if (random_below(file, 2) == 0)
				write_field(file, at, 4, some_id(file, btf));
			else
				change_field(file, at, 4, at);
		}
		return;
	}
	field = random_below(file, (uint32_t)part.size / 4);
	if (field == 0 && kind != 15 && random_below(file, 2) == 0)
		write_field(file, part.at, 4, some_string(file, btf));
	else if (field == (kind == 15 ? 0 : 1) && random_below(file, 2) == 0)
		write_field(file, part.at + 4 * field, 4, some_id(file, btf));
	else
		change_field(file, part.at + 4 * field, 4, other.at + 4 * field);
}

static void change_string(struct file *file, const struct btf *btf)
{
	size_t at = btf->strings.at + random_below(file, (uint32_t)btf->strings.size);
	size_t other = btf->strings.at + random_below(file, (uint32_t)btf->strings.size);

	change_field(file, at, 1, other);
}

/* The types become so much longer; the strings lie behind them. */
static void moved_types(struct file *file, const struct btf *btf, int64_t more)
{
	size_t head = btf->whole.at;

	write_field(file, head + TYPE_LEN, 4, word(file, head + TYPE_LEN) + (uint64_t)more);
	if (btf->strings.at >= btf->types.at + btf->types.size)
		write_field(file, head + STR_OFF, 4, word(file, head + STR_OFF) + (uint64_t)more);
}

/* A copy at the end, so that ids stay. */
static void copy_record(struct file *file, const struct btf *btf)
{
	struct range record = some_record(file, btf);
	size_t end = btf->types.at + btf->types.size;

	if (!insert_bytes(file, end, record.size))
		return;
	memcpy(file->data + end, file->data + record.at, record.size);
	moved_types(file, btf, (int64_t)record.size);
}

/* One part more, or less: ids stay. */
static void resize_record(struct file *file, const struct btf *btf)
{
	struct range record = some_record(file, btf), part = some_part(file, record);
	uint64_t parts = read_field(file, record.at + 4, 2);

	if (part.size == 0)
		return;
	if (random_below(file, 2) == 0) {
		remove_bytes(file, part.at, part.size);
		write_field(file, record.at + 4, 2, parts - 1);
		moved_types(file, btf, -(int64_t)part.size);
	} else if (insert_bytes(file, part.at, part.size)) {
		memcpy(file->data + part.at, file->data + part.at + part.size, part.size);
		write_field(file, record.at + 4, 2, parts + 1);
		moved_types(file, btf, (int64_t)part.size);
	}
}

/* All ids behind it mean other types then. */
static void remove_record(struct file *file, const struct btf *btf)
{
	struct range record = some_record(file, btf);

	remove_bytes(file, record.at, record.size);
	moved_types(file, btf, -(int64_t)record.size);
}

size_t mutate_btf(struct file *file, struct range whole)
{
	static struct btf btf;
	size_t before = file->size;

	if (whole.size < HEADER_SIZE)
		return whole.size;
	if (!read_btf(file, whole, &btf) || random_below(file, 32) == 0) {
		change_field(file, whole.at + 4 * (1 + random_below(file, 5)), 4,
			     whole.at + 4 * (1 + random_below(file, 5)));
		return whole.size;
	}
	switch (random_below(file, 16)) {
	case 0:
	case 1:
		copy_record(file, &btf);
		break;
	case 2:
	case 3:
		resize_record(file, &btf);
		break;
	case 4:
		remove_record(file, &btf);
		break;
	case 5:
		change_string(file, &btf);
		break;
	case 6:
	case 7:
	case 8:
	case 9:
	case 10:
		change_part(file, &btf);
		break;
	default:
		change_head(file, &btf);
	}
	return whole.size + file->size - before;
}

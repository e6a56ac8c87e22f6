#include <elf.h>
#include <string.h>

#include "mutate.h"

#define EHDR_SIZE sizeof(Elf64_Ehdr)
#define SHDR_SIZE sizeof(Elf64_Shdr)
#define SECTIONS_MAX 1024u
#define INSN_SIZE 8u

/* Widths of the fields of a record, in their order. */
static const uint8_t header_fields[] = {4, 4, 8, 8, 8, 8, 4, 4, 8, 8};
static const uint8_t symbol_fields[] = {4, 1, 1, 2, 8, 8};
static const uint8_t relocation_fields[] = {8, 4, 4};
static const uint8_t insn_fields[] = {1, 1, 2, 4};
static const uint8_t word_fields[] = {4};
static const uint8_t byte_fields[] = {1};

struct layout {
	const uint8_t *fields;
	uint32_t count;
	uint32_t size;
};

#define LAYOUT(fields, size) {fields, sizeof(fields), size}

static const struct layout header_layout = LAYOUT(header_fields, SHDR_SIZE);
static const struct layout symbol_layout = LAYOUT(symbol_fields, sizeof(Elf64_Sym));
static const struct layout relocation_layout = LAYOUT(relocation_fields, sizeof(Elf64_Rel));
static const struct layout insn_layout = LAYOUT(insn_fields, INSN_SIZE);
static const struct layout word_layout = LAYOUT(word_fields, 4);
static const struct layout byte_layout = LAYOUT(byte_fields, 1);

struct elf {
	size_t headers;
	uint32_t count;
};

static size_t header_of(const struct elf *elf, uint32_t index)
{
	return elf->headers + index * SHDR_SIZE;
}

static uint64_t header_field(const struct file *file, const struct elf *elf, uint32_t index,
			     size_t offset, unsigned int width)
{
	return read_field(file, header_of(elf, index) + offset, width);
}

#define HEADER(file, elf, index, field)                                                            \
	header_field(file, elf, index, offsetof(Elf64_Shdr, field),                                \
		     sizeof(((Elf64_Shdr *)0)->field))

static bool read_elf(const struct file *file, struct elf *elf)
{
	uint64_t headers = read_field(file, offsetof(Elf64_Ehdr, e_shoff), 8);

	elf->count = (uint32_t)read_field(file, offsetof(Elf64_Ehdr, e_shnum), 2);
	if (elf->count > SECTIONS_MAX)
		elf->count = SECTIONS_MAX;
	if (file->size < EHDR_SIZE || headers > file->size ||
	    elf->count > (file->size - headers) / SHDR_SIZE || elf->count < 2)
		return false;
	elf->headers = headers;
	return true;
}

static struct range contents(const struct file *file, const struct elf *elf, uint32_t index)
{
	struct range range = {HEADER(file, elf, index, sh_offset),
			      HEADER(file, elf, index, sh_size)};

	if (HEADER(file, elf, index, sh_type) == SHT_NOBITS || range.at > file->size ||
	    range.size > file->size - range.at)
		return (struct range){0, 0};
	return range;
}

static bool name_is(const struct file *file, const struct elf *elf, uint32_t index,
		    const char *name)
{
	uint32_t names = (uint32_t)read_field(file, offsetof(Elf64_Ehdr, e_shstrndx), 2);
	uint32_t offset = (uint32_t)HEADER(file, elf, index, sh_name);
	struct range strings =
		names < elf->count ? contents(file, elf, names) : (struct range){0, 0};
	size_t size = strlen(name) + 1;

	return offset < strings.size && size <= strings.size - offset &&
	       memcmp(file->data + strings.at + offset, name, size) == 0;
}

/* What changed in size at `at`, inside a section: it and all that lies behind. */
static void moved(struct file *file, struct elf *elf, uint32_t grown, size_t at, int64_t more)
{
	uint64_t headers = elf->headers;

	if (more == 0)
		return;
	if (headers >= at) {
		headers += (uint64_t)more;
		write_field(file, offsetof(Elf64_Ehdr, e_shoff), 8, headers);
		elf->headers = headers;
	}
	for (uint32_t i = 0; i < elf->count; i++) {
		uint64_t offset = HEADER(file, elf, i, sh_offset);

		if (i == grown)
			write_field(file, header_of(elf, i) + offsetof(Elf64_Shdr, sh_size), 8,
				    HEADER(file, elf, i, sh_size) + (uint64_t)more);
		else if (offset >= at)
			write_field(file, header_of(elf, i) + offsetof(Elf64_Shdr, sh_offset), 8,
				    offset + (uint64_t)more);
	}
}

static void change_record(struct file *file, struct range records, const struct layout *layout)
{
	uint32_t count = (uint32_t)(records.size / layout->size), field;
	size_t at, other;

	if (count == 0)
		return;
	at = records.at + (size_t)random_below(file, count) * layout->size;
	other = records.at + (size_t)random_below(file, count) * layout->size;
	field = random_below(file, layout->count);
	for (uint32_t i = 0; i < field; i++) {
		at += layout->fields[i];
		other += layout->fields[i];
	}
	change_field(file, at, layout->fields[field], other);
}

/* One record more, which is as another, or one less. */
static void resize_records(struct file *file, struct elf *elf, uint32_t index,
			   const struct layout *layout)
{
	struct range records = contents(file, elf, index);
	uint32_t count = (uint32_t)(records.size / layout->size);
	size_t at;

	if (count == 0)
		return;
	at = records.at + (size_t)random_below(file, count) * layout->size;
	if (random_below(file, 2) == 0) {
		remove_bytes(file, at, layout->size);
		moved(file, elf, index, at + 1, -(int64_t)layout->size);
	} else if (insert_bytes(file, at, layout->size)) {
		memcpy(file->data + at, file->data + at + layout->size, layout->size);
		moved(file, elf, index, at + 1, layout->size);
	}
}

static const struct layout *layout_of(const struct file *file, const struct elf *elf,
				      uint32_t index)
{
	switch (HEADER(file, elf, index, sh_type)) {
	case SHT_SYMTAB:
		return &symbol_layout;
	case SHT_REL:
		return &relocation_layout;
	case SHT_STRTAB:
		return &byte_layout;
	default:
		if (HEADER(file, elf, index, sh_flags) & SHF_EXECINSTR)
			return &insn_layout;
		return &word_layout;
	}
}

static void mutate_section(struct file *file, struct elf *elf, uint32_t index)
{
	const struct layout *layout = layout_of(file, elf, index);
	struct range range = contents(file, elf, index);

	if (name_is(file, elf, index, ".BTF")) {
		size_t size = mutate_btf(file, range);

		moved(file, elf, index, range.at + 1, (int64_t)size - (int64_t)range.size);
		return;
	}
	if (random_below(file, 6) == 0)
		resize_records(file, elf, index, layout);
	else
		change_record(file, range, layout);
}

void mutate_elf(struct file *file)
{
	struct elf elf;
	uint32_t index;

	if (!read_elf(file, &elf)) {
		mutate_words(file, (struct range){0, file->size});
		return;
	}
	index = 1 + random_below(file, elf.count - 1);
	switch (random_below(file, 16)) {
	case 0:
		mutate_words(file, (struct range){0, EHDR_SIZE});
		break;
	case 1:
	case 2:
		change_record(file, (struct range){header_of(&elf, 0), elf.count * SHDR_SIZE},
			      &header_layout);
		break;
	case 3: /* Most of what an object says is in there. */
	case 4:
	case 5:
	case 6:
	case 7:
		for (uint32_t i = 1; i < elf.count; i++) {
			if (name_is(file, &elf, i, ".BTF"))
				index = i;
		}
		mutate_section(file, &elf, index);
		break;
	default:
		mutate_section(file, &elf, index);
	}
}

/* Changes to good files that a reader has to look twice at: fields with other values, records more
 * and less. */
#ifndef MUTATE_H
#define MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file that is being changed, with room to grow. */
struct file {
	uint8_t *data;
	size_t size;
	size_t most;
	uint64_t random; /* state; not 0 */
};

/* A part of a file. */
struct range {
	size_t at;
	size_t size;
};

uint32_t random_below(struct file *file, uint32_t limit);

uint64_t read_field(const struct file *file, size_t at, unsigned int width);
void write_field(struct file *file, size_t at, unsigned int width, uint64_t value);

/*
 * A field of 1, 2, 4 or 8 bytes gets another value: an edge, a neighbour, one bit different, or
 * what the field at `other` has.
 */
void change_field(struct file *file, size_t at, unsigned int width, size_t other);

/* Opens a gap of zeros, or closes one; nothing when there is no room. */
bool insert_bytes(struct file *file, size_t at, size_t size);
void remove_bytes(struct file *file, size_t at, size_t size);

/* Changes of one BTF that fills a part of the file; its size afterwards. */
size_t mutate_btf(struct file *file, struct range btf);

/* One change of an ELF object, of which sizes and offsets are kept right where it grows. */
void mutate_elf(struct file *file);

/* One change of a plan: words, and records of 24 or 48 bytes. */
void mutate_words(struct file *file, struct range words);

/* One change of lines `name=value`. */
void mutate_lines(struct file *file, struct range lines);

#endif

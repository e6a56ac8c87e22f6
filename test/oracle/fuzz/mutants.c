/*
 * mutants SEED COUNT OBJECT...: damaged copies of the objects, each with its size in 4 bytes before
 * it, to standard output. The n-th depends on SEED + n and the objects alone: a run can go on where
 * another has ended.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mutate.h"

#define OBJECTS_MAX 1024
/* That a copy may be larger. */
#define ROOM 4096
/* Most have one change: what it does is plain, and the rest of the object is as it was. */
#define CHANGES_MAX 3

static struct {
	uint8_t *data;
	size_t size;
} objects[OBJECTS_MAX];

static bool read_object(const char *path, size_t index)
{
	FILE *file = fopen(path, "rb");
	long size = -1;

	if (file && fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	if (size <= 0)
		return false;
	rewind(file);
	objects[index].data = malloc((size_t)size);
	objects[index].size = (size_t)size;
	if (!objects[index].data ||
	    fread(objects[index].data, 1, (size_t)size, file) != (size_t)size)
		return false;
	return fclose(file) == 0;
}

static bool write_mutant(uint64_t seed, uint32_t count)
{
	struct file file = {.random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1};
	uint32_t size, of;
	bool is_written;

	for (int i = 0; i < 4; i++)
		random_below(&file, 2);
	of = random_below(&file, count);
	file.size = objects[of].size;
	file.most = file.size + ROOM;
	file.data = malloc(file.most);
	if (!file.data)
		return false;
	memcpy(file.data, objects[of].data, file.size);
	for (int i = 0; i < CHANGES_MAX; i++) {
		mutate_elf(&file);
		if (random_below(&file, 4) != 0)
			break;
	}
	size = (uint32_t)file.size;
	is_written = fwrite(&size, sizeof(size), 1, stdout) == 1 &&
		     fwrite(file.data, 1, file.size, stdout) == file.size;
	free(file.data);
	return is_written;
}

int main(int argc, char **argv)
{
	uint64_t seed, count;

	if (argc < 4 || argc - 3 > OBJECTS_MAX) {
		fputs("usage: mutants SEED COUNT OBJECT...\n", stderr);
		return 2;
	}
	seed = strtoull(argv[1], NULL, 0);
	count = strtoull(argv[2], NULL, 0);
	for (int i = 3; i < argc; i++) {
		if (!read_object(argv[i], (size_t)(i - 3))) {
			perror(argv[i]);
			return 2;
		}
	}
	for (uint64_t i = 0; i < count; i++) {
		if (!write_mutant(seed + i, (uint32_t)argc - 3))
			return 2;
	}
	return fflush(stdout) == 0 ? 0 : 2;
}

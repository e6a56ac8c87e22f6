#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fake_directory.h"
#include "fake_objects.h"

#define ENTRIES_MAX 64

static char *entries[ENTRIES_MAX];
static size_t entry_count, root_size;

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status, (void)kind;
	return place->level == 0 ? 0 : remove(path);
}

void directory_clear(const char *directory)
{
	nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int note_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status, (void)kind;
	if (place->level == 0)
		return 0;
	if (entry_count == ENTRIES_MAX)
		broken("there are few pins");
	entries[entry_count++] = strdup(path + root_size + 1);
	return 0;
}

static int compare(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

void directory_describe(const char *directory, char *text, size_t size)
{
	size_t used = 0;

	entry_count = 0;
	root_size = strlen(directory);
	nftw(directory, note_one, 8, FTW_PHYS);
	qsort(entries, entry_count, sizeof(entries[0]), compare);
	text[0] = '\0';
	for (size_t i = 0; i < entry_count; i++) {
		if (used < size)
			used += (size_t)snprintf(text + used, size - used, "%s ", entries[i]);
		free(entries[i]);
	}
}

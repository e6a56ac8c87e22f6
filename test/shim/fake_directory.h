/* The directory that stands for a bpffs: what fake_objects.c pins are its files. */
#ifndef FAKE_DIRECTORY_H
#define FAKE_DIRECTORY_H

#include <stddef.h>

/* Removes all that is in a directory. */
void directory_clear(const char *directory);

/* The paths of all that is in it, sorted, each with a blank behind it. */
void directory_describe(const char *directory, char *text, size_t size);

#endif

/*
 * What a user changes in an object before load, and after, by the functions that libbpf has for it.
 * The lines are those of docs/embedding.md, "Options".
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>

struct bpf_object;

/* Reads the lines of a file, `-` for standard input, once. False: it cannot be read, or there is
 * too much of it. */
bool read_settings(const char *path);

/* Those of the kernel's configuration, for bpf_object_open_opts; NULL if there are none. */
const char *kconfig_settings(void);

/* Between open and load. Returns 0, or a negative errno: of libbpf, or EINVAL for a wrong line. */
int set_before_load(struct bpf_object *object);

/* Between load and attach, the same. */
int set_after_load(struct bpf_object *object);

#endif

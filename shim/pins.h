/* Pins: files of a bpffs that keep an object alive, all of them below one root. */
#ifndef PINS_H
#define PINS_H

#include <stdbool.h>
#include <stdint.h>

#define PIN_ROOT "/sys/fs/bpf"

/*
 * From here on paths of pins are looked up below `directory`. 0, or a negative errno: -EMEDIUMTYPE
 * if it is no bpffs.
 */
int pins_open_root(const char *directory);

bool pins_have_root(void);

/*
 * Pins the object at a path that plan_permit() has checked, and makes missing directories on the
 * way, as libbpf does. 0 or a negative errno; *directories: how many were made, none after a
 * failure.
 */
int pins_add(const char *path, int fd, uint16_t *directories);

/* The fd of what is pinned at the path, or a negative errno. */
int pins_get(const char *path);

/* Removes the pin, then the last `directories` of its path. 0, or a negative errno for the pin. */
int pins_remove(const char *path, uint16_t directories);

/*
 * Calls `visit` for every pin below the root, with its path; for none without a root. Whether all
 * could be looked at.
 */
bool pins_walk(void (*visit)(const char *path, int fd));

#endif

/*
 * The objects of the fake kernel. Their fds are real ones, of empty memory files, so that libbpf
 * can duplicate, map and close them.
 */
#ifndef FAKE_OBJECTS_H
#define FAKE_OBJECTS_H

#include "objects.h"

/*
 * A new object; returns its fd, or -1 with errno set.
 * @name: cut to what a kernel keeps
 * @size: of the memory that the fd can be mapped to, in bytes
 * @made: the object, up to the next call
 */
int make_object(struct object like, const char *name, size_t size, struct object **made);

#endif

/*
 * What the fake kernel has made, and the fds of it. The fds are real ones, of empty memory files,
 * so that libbpf can duplicate, map and close them; the inode tells which object an fd is of,
 * whatever its number.
 */
#ifndef FAKE_OBJECTS_H
#define FAKE_OBJECTS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum object_kind {
	OBJECT_MAP,
	OBJECT_PROG,
	OBJECT_BTF,
	OBJECT_LINK,
	OBJECT_MODULE_BTF
};

struct object {
	ino_t inode;
	enum object_kind kind;
	bool is_probe; /* made by one of libbpf's questions */
	char name[BPF_OBJ_NAME_LEN + 1];
	__u32 map_type;	     /* of a map */
	__u32 key_size;	     /* of a map */
	__u32 value_size;    /* of a map */
	unsigned int module; /* of a module BTF: its index */
	int slot;	     /* for whoever observes; -1 at first */
};

/* Before all else. False: this process may not have as many fds as needed. */
bool fake_objects_start(void);

/*
 * A new object; returns its fd, or -1 with errno set.
 * @name: cut to what a kernel keeps
 * @size: of the memory that the fd can be mapped to, in bytes
 * @made: the object, up to the next call
 */
int make_object(struct object like, const char *name, size_t size, struct object **made);

/* What the fd is of; NULL if nothing that was made here. */
struct object *object_of_fd(int fd);

/*
 * What a number in a `kern_vdata` is the fd of; NULL if it is no program's. Program fds are far
 * above all numbers that people put into struct_ops members.
 */
struct object *prog_of_number(__u64 number);

#endif

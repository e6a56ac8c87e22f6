/*
 * What bpf(2) has made, and which of it an fd is of, whatever the fd's number: fake_objects.c goes
 * by the inode of its fds, real_objects.c by the kernel's id.
 */
#ifndef OBJECTS_H
#define OBJECTS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum object_kind {
	OBJECT_MAP,
	OBJECT_PROG,
	OBJECT_BTF,
	OBJECT_LINK,
	OBJECT_MODULE_BTF
};

/* With room for the name of a module. */
#define OBJECT_NAME_SIZE 64

struct object {
	uint64_t identity; /* an inode, or the kernel's id */
	enum object_kind kind;
	bool is_probe; /* made by one of libbpf's questions */
	char name[OBJECT_NAME_SIZE];
	__u32 map_type;	     /* of a map */
	__u32 key_size;	     /* of a map */
	__u32 value_size;    /* of a map */
	unsigned int module; /* of a module BTF in the fake kernel: its index */
	uint8_t *memory;     /* of an arena of a real kernel: where it was mapped */
	size_t memory_size;
	int slot; /* for whoever observes; -1 at first */
};

/* Keeps a new object, with slot -1; valid up to the next call. */
struct object *keep_object(const struct object *like);

/* Of that kind or of any (-1) with that identity, the newest; NULL if there is none. */
struct object *find_object(int kind, uint64_t identity);

/* What the fd is of; NULL if nothing that was made here. */
struct object *object_of_fd(int fd);

/* Before the first program. False: this process may not have as many fds as needed. */
bool reserve_prog_fds(void);

/*
 * Puts the fd of a program where prog_of_number() looks, far above all numbers that people put
 * into struct_ops members. Returns the new fd, or -1.
 */
int move_prog_fd(int fd);

/* What a number in a `kern_vdata` is the fd of; NULL if it is no program's. */
struct object *prog_of_number(__u64 number);

#define ARENA_PAGE 4096

/*
 * Reads the first page at or after offset `at` of an arena that something was written to. Returns
 * its offset; -1 if there is none.
 */
off_t next_written_page(int fd, const struct object *arena, off_t at, uint8_t page[ARENA_PAGE]);

#endif

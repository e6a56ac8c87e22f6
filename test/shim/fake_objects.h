/* The objects of the fake kernel: what lives as long as an fd, a pin or a link refers to it. */
#ifndef FAKE_OBJECTS_H
#define FAKE_OBJECTS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include "fake_sys_bpf.h"

#define FIRST_FD 1000 /* far from those of the process itself */

enum kind {
	GONE,
	MAP,
	PROG,
	BTF,
	LINK,
	MODULE_BTF
};

struct object {
	enum kind kind;
	uint32_t type; /* of a map or a program */
	uint32_t key_size, value_size, flags, max_entries;
	uint64_t map_extra;
	char name[16];
	bool written, registered;
	void *arena;	    /* where it is mapped */
	struct object *map; /* of a link that is not detached */
	uint32_t references;
};

/* Shared with fake_sys_bpf.c. */
extern struct fake_state fake_now;

/* Ends the process: the executor broke a promise. */
void broken(const char *promise);

/* fake_sys_bpf.c: whether an attached struct_ops keeps all others out. */
bool is_exclusive(void);

void objects_reset(void);

/* The fd of a new object, or -EMFILE. */
int object_new(struct object object);

/* One more fd of an object. */
int object_open(struct object *object);

/* The object of that kind behind an fd, or NULL. `any` leaves the kind open. */
struct object *object_of(uint32_t fd, enum kind kind);
struct object *object_any(uint32_t fd);

uint32_t object_id(const struct object *object);
/* The object of that kind with that id, or NULL. */
struct object *object_by_id(uint32_t id, enum kind kind);
/* The first id of that kind above `id`, or 0. */
uint32_t object_next_id(uint32_t id, enum kind kind);

void object_refer(struct object *object);
void object_forget(struct object *object);

/* The map whose arena is mapped there, or NULL. */
struct object *object_with_arena(const void *memory);

/* A link lets go of its map, which is out of force then. */
void link_drop(struct object *link);

/* BPF_OBJ_PIN and BPF_OBJ_GET: a pin is a file of the working directory with the object's id. */
int pin_make(const char *name, uint32_t fd);
int pin_open(const char *name);

/* fake_commands.c: the commands that speak of objects that there are. */
int fake_link_create(uint32_t map_fd);
int fake_link_update(const union bpf_attr *attr);
int fake_link_detach(uint32_t link_fd);
int fake_next_id(union bpf_attr *attr, enum kind kind);
int fake_by_id(uint32_t id, enum kind kind);
int fake_lookup(const union bpf_attr *attr);
/* Into `words`: what the kernel tells of a map, a program or a link. */
void fake_info(const struct object *object, uint32_t *words);

#endif

/*
 * A kernel that says yes: it answers the bpf(2) calls of a libbpf that is linked with
 * --wrap=syscall, and loads nothing. What a release does not know yet it refuses as that release
 * does, because libbpf asks by trial: the table is `since` in fake_kernel.c.
 *
 * The fds that it returns are real ones, of empty memory files, so that libbpf can duplicate, map
 * and close them; the inode tells which object an fd is of, whatever its number.
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include <linux/bpf.h>
#include <stdbool.h>
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

/* A call that has succeeded and is not one of libbpf's questions. */
struct bpf_call {
	enum bpf_cmd cmd;
	const union bpf_attr *attr;
	unsigned int attr_size;
	struct object *made; /* NULL if the command makes nothing */
};

struct fake_kernel {
	void (*observe)(const struct bpf_call *call); /* or NULL */
	unsigned int probes;			      /* calls taken for a question */
	unsigned long long busy_ns;		      /* time spent in here */
};

extern struct fake_kernel fake_kernel;

/* Before the first call. False: this process may not have as many fds as needed. */
bool fake_kernel_start(void);

/* The BTF of a module that is loaded, for libbpf to find. False: the file cannot be read. */
bool fake_kernel_add_module(const char *name, const char *path);

const char *fake_kernel_module_name(unsigned int module);

/* What the fd is of; NULL if nothing that was made here. */
struct object *object_of_fd(int fd);

/*
 * What a number in a `kern_vdata` is the fd of; NULL if it is no program's. Program fds are far
 * above all numbers that people put into struct_ops members.
 */
struct object *prog_of_number(__u64 number);

#endif

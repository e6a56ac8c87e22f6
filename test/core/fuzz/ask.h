/* What is fixed beside the inputs of a target, and what is asked of the core with them. */
#ifndef ASK_H
#define ASK_H

#include "the_core.h"

#define KERNELS 2

/* CORE_MATERIAL is a directory with them: kernel-N, object-N, module. */
extern struct bytes kernels[KERNELS], module;
/* It keeps nothing. */
extern struct core *plain;

void read_material(void);

struct bytes object_of(uint8_t choice);

/* The one that keeps a kernel. */
struct core *core_of(uint32_t kernel);

/* What a target asks, of a core that may have kept its kernel. */
struct question {
	uint32_t kernel; /* index; KERNELS: `kernel_btf` */
	struct bytes kernel_btf;
	struct bytes object;
	struct bytes module;
	struct bytes options;
	struct bytes kconfig;
	enum core_function function;
};

/* Hands over all but the kernel's BTF. */
void give_others(struct core *core, const struct question *question);

enum status ask(struct core *core, const struct question *question);

/* Asks, and sometimes a new core again, which answers the same. */
void put(const struct question *question, struct bytes input);

/* Requires bounded time and memory since the last reset, for an input of that size. */
void account(struct core *core, size_t size, enum status status);

/* Of all inputs. */
void tell_worst(void);

#endif

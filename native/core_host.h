#ifndef CORE_HOST_H
#define CORE_HOST_H

#include <stddef.h>
#include <stdint.h>

/* The core of assembly/, through its ABI: docs/embedding.md. One call in a process. */

enum input_kind {
	INPUT_OBJECT = 1,
	INPUT_KERNEL_BTF = 2,
	INPUT_MODULE_BTF = 3,
	INPUT_PLAN = 4,
	INPUT_OBJECT_NAME = 5,
	INPUT_MODULE_NAME = 6,
	INPUT_OPTIONS = 7,
	INPUT_KCONFIG = 8,
};

enum status {
	STATUS_DONE = 0,
	STATUS_FAULTS = 1,
	STATUS_MISUSE = 2,
	/* Of this host: the core trapped, which is a defect. */
	STATUS_TRAP = 100,
};

/* Exit codes, as those of the command `structops`. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_CANNOT = 2,
	EXIT_OURS = 3
};

struct bytes {
	const char *at;
	size_t size;
};

void core_start(void);

/* Each of these ends the process, with a line on standard error, when it cannot be done. */
void core_give(enum input_kind kind, const void *bytes, size_t size);
void core_give_file(enum input_kind kind, const char *path);

enum status core_make_plan(void);

/* Describes a plan that core_make_plan() made, in the place of all inputs. */
enum status core_describe_plan(void);

/* The output of the last call; valid until the next. */
struct bytes core_output(void);

#endif

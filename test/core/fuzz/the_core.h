/* The core of assembly/ as C, and what must hold after any call of it (docs/embedding.md). */
#ifndef THE_CORE_H
#define THE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum input_kind {
	INPUT_OBJECT = 1,
	INPUT_KERNEL_BTF,
	INPUT_MODULE_BTF,
	INPUT_PLAN,
	INPUT_OBJECT_NAME,
	INPUT_MODULE_NAME,
	INPUT_OPTIONS,
	INPUT_KCONFIG,
	INPUT_KERNEL_IMAGE,
};

enum core_function {
	MAKE_PLAN,
	MAKE_QUERY,
	DESCRIBE_PLAN,
	DESCRIBE_INSTRUCTIONS,
	INSPECT_OBJECT,
	DESCRIBE_TYPES,
	INSPECT_INSTRUCTIONS,
	INSPECT_KERNEL,
	EXTRACT_BTF,
	FUNCTION_COUNT,
};

enum status {
	STATUS_DONE,
	STATUS_FAULTS,
	STATUS_MISUSE,
	STATUS_MORE,
	STATUS_WHOLE,
	STATUS_HASH,
	STATUS_COUNT,
};

struct core;

struct bytes {
	const uint8_t *at;
	size_t size;
};

/* What the core asks for of a kernel's BTF in windows. */
struct window {
	uint8_t *at;
	uint32_t offset;
	uint32_t size;
};

/* What one input has cost. */
struct cost {
	uint64_t fuel; /* rounds of loops, calls, and 64ths of bytes copied */
	uint64_t memory;
};

/* Ends the process, so that libFuzzer keeps the input. */
void require(bool holds, const char *what);

struct core *core_new(void);

void core_free(struct core *core);

/* Returns what it returns: whether a kernel's BTF was kept. */
bool core_reset(struct core *core, bool keep);

/* False: refused. */
bool core_give(struct core *core, enum input_kind kind, struct bytes bytes);

/* As a careless host: any kind, any size. Where to write, and up to `most` bytes of room. */
uint8_t *core_room(struct core *core, uint32_t kind, uint32_t size);

/* Where a given input is. */
uint8_t *core_given(struct core *core, enum input_kind kind);

/* A kernel's BTF that comes in windows. False: refused. */
bool core_announce(struct core *core, uint32_t size);

struct window core_window(struct core *core);

/* Lends it SHA-256 to the next reset; `idle`: as a host that then does nothing when it is asked, so
 * that core_call() returns STATUS_HASH. */
void core_lend(struct core *core, bool idle);

/* Requires of the answer what docs/embedding.md promises. */
enum status core_call(struct core *core, enum core_function function);

/* Good until the next call. */
struct bytes core_output(struct core *core);

/* Since the last reset. */
struct cost core_cost(struct core *core);

#endif

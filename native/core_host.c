#include "core_host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core.h"
#include "fast_sha256.h"
#include "wasm-rt-impl.h"

#define ABI_VERSION 2
/* A status: the core wants something hashed, and is called again then. */
#define HASH_WANTED 5
/* What a pipe is read by: its size is not known beforehand. */
#define PIECE_SIZE 65536
/* No input may have more (docs/embedding.md). */
#define FILE_SIZE_MAX (256u << 20)

static Z_core_instance_t core;

/* The part of the core's memory that is a file. */
static struct {
	uint8_t *at;
	size_t size;
} mapped;

static _Noreturn void fail(const char *what, const char *path, const char *why)
{
	fprintf(stderr, "error: cannot %s %s\n  %s\n", what, path, why);
	exit(EXIT_CANNOT);
}

static _Noreturn void fail_ours(const char *what)
{
	fprintf(stderr, "error: a defect of structops itself; please report it:\n  %s\n", what);
	exit(EXIT_OURS);
}

void core_start(void)
{
	wasm_rt_init();
	Z_core_init_module();
	Z_core_instantiate(&core);
	if (Z_coreZ_abiVersion(&core) != ABI_VERSION)
		fail_ours("the core has another ABI");
}

/* Room for an input in the core's memory, which may have moved. */
static uint8_t *room_for(enum input_kind kind, size_t size, const char *name)
{
	uint32_t at = size > FILE_SIZE_MAX ? 0 : Z_coreZ_input(&core, (u32)kind, (u32)size);

	if (at == 0)
		fail("take", name, "it is too large, or was given before");
	return Z_coreZ_memory(&core)->data + at;
}

void core_give(enum input_kind kind, const void *bytes, size_t size)
{
	memcpy(room_for(kind, size, "an argument"), bytes, size);
}

/* Bytes read; fewer than asked for only at the end of the file. */
static size_t read_full(int fd, uint8_t *to, size_t size, const char *path)
{
	size_t have = 0;

	while (have < size) {
		ssize_t got = read(fd, to + have, size - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			fail("read", path, strerror(errno));
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return have;
}

/*
 * Puts the whole pages of a file in the place of those of the core's memory, so that nothing is
 * copied and no page is new. Returns the bytes that need not be read any more: 0 where it cannot
 * be, as with the BTF that older kernels show of themselves. Whoever changes the file meanwhile
 * gets a plan for a kernel that there is not, or a trap. The core writes to no BTF.
 */
static size_t map_file(int fd, uint8_t *to, size_t size)
{
#if WASM_RT_MEMCHECK_SIGNAL_HANDLER
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t whole = size - size % page;
	int flags = MAP_PRIVATE | MAP_FIXED;

	if (mapped.size > 0 || whole == 0 || (uintptr_t)to % page != 0 ||
	    mmap(to, whole, PROT_READ, flags, fd, 0) == MAP_FAILED)
		return 0;
	mapped.at = to;
	mapped.size = whole;
	return whole;
#else
	(void)fd, (void)to, (void)size;
	return 0;
#endif
}

/* Before the core uses that memory for something else. */
static void unmap_file(void)
{
	int flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS;

	if (mapped.size > 0 &&
	    mmap(mapped.at, mapped.size, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED)
		fail_ours("no memory");
	mapped.size = 0;
}

/* All bytes of a file that has a size. */
static void give_sized(enum input_kind kind, int fd, size_t size, const char *path)
{
	uint8_t *to = room_for(kind, size, path);
	size_t have = kind == INPUT_KERNEL_BTF ? map_file(fd, to, size) : 0;

	if (have > 0 && lseek(fd, (off_t)have, SEEK_SET) < 0)
		fail("read", path, strerror(errno));
	if (read_full(fd, to + have, size - have, path) != size - have)
		fail("read", path, "it ended early: it has changed meanwhile");
}

/* A pipe, or a file of procfs. */
static void give_unsized(enum input_kind kind, int fd, const char *path)
{
	size_t size = 0, capacity = 0, got;
	uint8_t *bytes = NULL;

	do {
		capacity += PIECE_SIZE;
		bytes = realloc(bytes, capacity);
		if (!bytes || capacity > FILE_SIZE_MAX)
			fail("read", path, "it is too large");
		got = read_full(fd, bytes + size, PIECE_SIZE, path);
		size += got;
	} while (got == PIECE_SIZE);
	memcpy(room_for(kind, size, path), bytes, size);
	free(bytes);
}

void core_give_file(enum input_kind kind, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0)
		fail("read", path, strerror(errno));
	if (S_ISREG(status.st_mode) && status.st_size > 0)
		give_sized(kind, fd, (size_t)status.st_size, path);
	else
		give_unsized(kind, fd, path);
	if (!is_stdin)
		close(fd);
}

static enum status trapped(wasm_rt_trap_t trap)
{
	fprintf(stderr,
		"error: a defect of structops itself; please report it:\n  the core trapped: %s\n",
		wasm_rt_strerror(trap));
	return STATUS_TRAP;
}

static void answer_hash(void)
{
	uint8_t *memory = Z_coreZ_memory(&core)->data;

	fast_sha256(memory + Z_coreZ_hashPointer(&core), Z_coreZ_hashSize(&core),
		    memory + Z_coreZ_digestPointer(&core));
}

/* Hashes for the core, where that is faster: of a large plan it is most of the work. */
static enum status call(u32 (*function)(Z_core_instance_t *))
{
	wasm_rt_trap_t trap = wasm_rt_impl_try();
	u32 status;

	if (trap != WASM_RT_TRAP_NONE)
		return trapped(trap);
	if (has_fast_sha256())
		Z_coreZ_lendSha256(&core);
	while ((status = function(&core)) == HASH_WANTED)
		answer_hash();
	return (enum status)status;
}

enum status core_make_plan(void)
{
	return call(Z_coreZ_makePlan);
}

enum status core_describe_plan(void)
{
	struct bytes plan = core_output();
	uint8_t *copy = malloc(plan.size);

	if (!copy)
		fail_ours("no memory");
	memcpy(copy, plan.at, plan.size);
	unmap_file();
	Z_coreZ_reset(&core, 0);
	memcpy(room_for(INPUT_PLAN, plan.size, "the plan"), copy, plan.size);
	free(copy);
	return call(Z_coreZ_describePlan);
}

struct bytes core_output(void)
{
	return (struct bytes){
		.at = (const char *)Z_coreZ_memory(&core)->data + Z_coreZ_outputPointer(&core),
		.size = Z_coreZ_outputSize(&core),
	};
}

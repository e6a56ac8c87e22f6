/*
 * Targets for libFuzzer: the core as C, given bytes of one kind. CORE_TARGET names the target. The
 * first byte of an input chooses among what is fixed, and what is asked. Whatever the rest is: an
 * answer in the form of docs/embedding.md, in bounded time and memory, and the same when asked
 * again of a core that has seen other inputs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../shim/plan_wire.h"
#include "ask.h"
#include "json_check.h"
#include "mutate.h"
#include "sign_plan.h"
#include "windows.h"

#define ROOMS_MAX (1u << 20)
/* Of the first inputs, and what is before them. */
#define COMMON_ROOM 12000

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);

static void put_object(uint8_t choice, struct bytes input)
{
	static const enum core_function functions[] = {
		MAKE_PLAN, MAKE_PLAN,	   MAKE_PLAN,	   MAKE_PLAN,
		MAKE_PLAN, INSPECT_OBJECT, DESCRIBE_TYPES, INSPECT_INSTRUCTIONS};
	static const char options[] = "null_unknown_callbacks=1\nenum_constants=__SCX_\n"
				      "CONFIG_HZ=250\nkernel_version=6.12.1\n";
	struct question question = {
		.kernel = choice >> 3 & 1, .object = input, .function = functions[choice & 7]};

	if (choice & 0x10)
		question.options = (struct bytes){(const uint8_t *)options, sizeof(options) - 1};
	if (choice & 0x20)
		question.module = module;
	put(&question, input);
}

static void put_kernel(uint8_t choice, struct bytes input)
{
	struct question question = {.kernel = KERNELS, .kernel_btf = input, .function = MAKE_PLAN};

	if (choice >= 0xf0)
		question.function = INSPECT_KERNEL;
	else
		question.object = object_of(choice);
	put(&question, input);
}

static void put_module(uint8_t choice, struct bytes input)
{
	struct question question = {.module = input, .function = MAKE_PLAN};

	question.kernel = choice & 1;
	if (choice >= 0xf0)
		question.function = INSPECT_KERNEL;
	else
		question.object = object_of(choice >> 1);
	put(&question, input);
}

/* Lines, a NUL, and a kernel's configuration. */
static void put_options(uint8_t choice, struct bytes input)
{
	const uint8_t *end = memchr(input.at, 0, input.size);
	struct question question = {.kernel = choice & 1, .options = input, .function = MAKE_PLAN};

	if (end) {
		question.options.size = (size_t)(end - input.at);
		question.kconfig = (struct bytes){end + 1, input.size - question.options.size - 1};
	}
	if (choice >= 0xe0)
		question.function = MAKE_QUERY;
	else
		question.object = object_of(choice >> 1);
	put(&question, input);
}

static void put_plan(uint8_t choice, struct bytes input)
{
	uint8_t *frame = malloc(input.size + 1);
	enum status status;

	require(frame != NULL, "memory");
	memcpy(frame, input.at, input.size);
	/* Anybody can make the digest right. */
	if (input.size >= sizeof(struct plan_head) + PLAN_DIGEST_SIZE && !(choice & 0x80))
		sign_plan(frame, input.size);
	core_reset(plain, false);
	core_give(plain, INPUT_PLAN, (struct bytes){frame, input.size});
	if (choice & 1)
		core_give(plain, INPUT_KERNEL_BTF, kernels[choice >> 1 & 1]);
	if (choice & 4) {
		core_give(plain, INPUT_MODULE_NAME, (struct bytes){(const uint8_t *)"mod", 3});
		core_give(plain, INPUT_MODULE_BTF, module);
	}
	/* One of them: each hashes it all. */
	status = core_call(plain, choice & 8 ? DESCRIBE_INSTRUCTIONS : DESCRIBE_PLAN);
	account(plain, input.size, status);
	free(frame);
}

static void put_image(uint8_t choice, struct bytes input)
{
	enum status status;

	(void)choice;
	core_reset(plain, false);
	core_give(plain, INPUT_KERNEL_IMAGE, input);
	status = core_call(plain, EXTRACT_BTF);
	account(plain, input.size, status);
}

/* Calls in any order with any numbers: a byte each, and what it needs from those behind it. */
static void put_calls(uint8_t choice, struct bytes input)
{
	core_reset(plain, choice & 1);
	for (size_t i = 0; i < input.size && i < 32; i++) {
		uint8_t byte = input.at[i], more = i + 1 < input.size ? input.at[i + 1] : 0;
		struct bytes given = object_of(more);
		uint32_t size;

		if (byte < FUNCTION_COUNT * 8) {
			core_call(plain, (enum core_function)(byte / 8));
			continue;
		}
		if (byte < 0x58) {
			core_reset(plain, byte & 1);
			continue;
		}
		if (byte < 0x60) {
			core_lend(plain, byte & 1);
			continue;
		}
		i++;
		if (more >= 0xe0)
			given = more & 1 ? module : kernels[more >> 1 & 1];
		else if (more >= 0xc0)
			given = (struct bytes){input.at + i, input.size - i};
		size = (uint32_t)given.size;
		if (byte >= 0xf8)
			size = 0xfffffff0u + (byte & 7) * 2;
		if (size <= ROOMS_MAX || size >= 0xfffffff0u) {
			uint8_t *room = core_room(plain, byte & 15, size);

			if (room)
				memcpy(room, given.at, given.size < size ? given.size : size);
		}
	}
	core_reset(plain, false);
}

/* An object of any kernel, for what costs most: the sizes of the object and of the options in 4
 * bytes each, the object, the options, the kernel's BTF. */
static void put_pair(uint8_t choice, struct bytes input)
{
	struct question question = {.kernel = KERNELS, .function = MAKE_PLAN};
	uint32_t sizes[2];
	struct bytes rest = {input.at + sizeof(sizes), input.size - sizeof(sizes)};

	(void)choice;
	require(input.size >= sizeof(sizes), "a pair begins with two sizes");
	memcpy(sizes, input.at, sizeof(sizes));
	require(sizes[0] <= rest.size && sizes[1] <= rest.size - sizes[0], "the sizes are right");
	question.object = (struct bytes){rest.at, sizes[0]};
	question.options = (struct bytes){rest.at + sizes[0], sizes[1]};
	rest.at += sizes[0] + sizes[1];
	rest.size -= sizes[0] + sizes[1];
	question.kernel_btf = rest;
	put(&question, input);
}

/* What must end the process: the test sees that it does. */
static void put_canary(uint8_t choice, struct bytes input)
{
	struct core *core = core_new();

	if (choice == 'j')
		require(is_json(input.at, input.size), "it is JSON");
	if (choice != 't')
		return;
	core_give(core, INPUT_KERNEL_BTF, kernels[0]);
	core_give(core, INPUT_OBJECT, object_of(0));
	/* All that it keeps in memory. */
	memset(core_room(core, INPUT_PLAN, 0) - COMMON_ROOM, 0xff, COMMON_ROOM);
	core_call(core, MAKE_PLAN);
}

static void mutate_object(struct file *file, struct range all)
{
	struct file object = {file->data + all.at, all.size, file->most - all.at, file->random};

	mutate_elf(&object);
	file->size = all.at + object.size;
	file->random = object.random;
}

static void mutate_whole_btf(struct file *file, struct range all)
{
	mutate_btf(file, all);
}

static const struct target {
	const char *name;
	void (*put)(uint8_t choice, struct bytes input);
	void (*mutate)(struct file *file, struct range all); /* or NULL */
} targets[] = {
	{"object", put_object, mutate_object},
	{"kernel", put_kernel, mutate_whole_btf},
	{"module", put_module, mutate_whole_btf},
	{"options", put_options, mutate_lines},
	{"windows", put_windows, mutate_windows},
	{"plan", put_plan, mutate_words},
	{"image", put_image, mutate_object},
	{"calls", put_calls, NULL},
	{"canary", put_canary, NULL},
	{"pair", put_pair, NULL},
};

static const struct target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *wanted = getenv("CORE_TARGET");

	(void)argc;
	(void)argv;
	for (size_t i = 0; wanted && i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (strcmp(targets[i].name, wanted) == 0)
			target = &targets[i];
	}
	require(target != NULL, "CORE_TARGET is one");
	read_material();
	require(atexit(tell_worst) == 0, "memory");
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0)
		target->put(data[0], (struct bytes){data + 1, size - 1});
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
	struct file file = {data, size, most, seed * UINT64_C(2) + 1};

	random_below(&file, 2);
	if (size < 2 || !target->mutate || random_below(&file, 8) == 0)
		return LLVMFuzzerMutate(data, size, most);
	if (random_below(&file, 8) == 0)
		data[0] = (uint8_t)random_below(&file, 256);
	for (uint32_t changes = 1 + random_below(&file, 4); changes > 0 && file.size > 1; changes--)
		target->mutate(&file, (struct range){1, file.size - 1});
	return file.size;
}

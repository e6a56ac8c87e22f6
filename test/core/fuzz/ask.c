#include "ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../shim/hash.h"

#define OBJECTS_MAX 64
/* One in so many inputs is asked again of a new core. */
#define AGAIN_EVERY 32
/* One plan in so many is described. */
#define PLAN_EVERY 8

/*
 * Bounds on one input. Relocations may look at 2^22 types (limits.ts), which is more than all else
 * that files of these sizes can ask for; bounds.test.ts has what a megabyte may.
 */
#define FUEL_MAX 400000000ull
#define FUEL_PER_BYTE 100ull
#define MEMORY_MAX (32ull << 20)
#define MEMORY_PER_BYTE 64ull

/* What an input costs for each of its bytes is a feature to libFuzzer, so that it looks for the
 * worst. */
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t costs[2][128];

struct bytes kernels[KERNELS], module;
struct core *plain;

static struct bytes objects[OBJECTS_MAX];
static uint32_t object_count;
/* One for each kernel, which it keeps. */
static struct core *cores[KERNELS];

static struct {
	struct cost cost;
	size_t size;
} worst;
static unsigned long long answers[STATUS_COUNT];

static bool read_file(const char *name, struct bytes *bytes)
{
	char path[4096];
	uint8_t *at;
	FILE *file;
	long size = -1;

	snprintf(path, sizeof(path), "%s/%s", getenv("CORE_MATERIAL"), name);
	file = fopen(path, "rb");
	if (!file)
		return false;
	if (fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	require(size >= 0, "a file of material has a size");
	rewind(file);
	at = malloc((size_t)size + 1);
	require(at != NULL && fread(at, 1, (size_t)size, file) == (size_t)size, "material");
	fclose(file);
	*bytes = (struct bytes){at, (size_t)size};
	return true;
}

void read_material(void)
{
	char name[32];

	plain = core_new();
	for (uint32_t i = 0; i < KERNELS; i++) {
		snprintf(name, sizeof(name), "kernel-%u", i);
		require(read_file(name, &kernels[i]), "there is each kernel");
		cores[i] = core_new();
	}
	for (; object_count < OBJECTS_MAX; object_count++) {
		snprintf(name, sizeof(name), "object-%u", object_count);
		if (!read_file(name, &objects[object_count]))
			break;
	}
	require(object_count > 0 && read_file("module", &module),
		"there are objects, and a module");
}

struct bytes object_of(uint8_t choice)
{
	return objects[choice % object_count];
}

struct core *core_of(uint32_t kernel)
{
	return cores[kernel];
}

/* A plan can be described, with and without its kernel. */
static void check_plan(struct core *core, struct bytes kernel)
{
	struct bytes output = core_output(core);
	uint8_t *plan = malloc(output.size);

	require(plan != NULL, "memory");
	memcpy(plan, output.at, output.size);
	output.at = plan;
	core_reset(plain, false);
	require(core_give(plain, INPUT_PLAN, output), "a plan is taken");
	require(core_call(plain, DESCRIBE_PLAN) == STATUS_DONE, "a plan is described");
	core_give(plain, INPUT_KERNEL_BTF, kernel);
	require(core_call(plain, DESCRIBE_INSTRUCTIONS) == STATUS_DONE,
		"the instructions of a plan are described");
	free(plan);
}

void give_others(struct core *core, const struct question *question)
{
	if (question->object.at) {
		core_give(core, INPUT_OBJECT, question->object);
		core_give(core, INPUT_OBJECT_NAME, (struct bytes){(const uint8_t *)"o.bpf.o", 7});
	}
	if (question->module.at) {
		core_give(core, INPUT_MODULE_NAME, (struct bytes){(const uint8_t *)"mod", 3});
		core_give(core, INPUT_MODULE_BTF, question->module);
	}
	if (question->options.at)
		core_give(core, INPUT_OPTIONS, question->options);
	if (question->kconfig.at)
		core_give(core, INPUT_KCONFIG, question->kconfig);
}

enum status ask(struct core *core, const struct question *question)
{
	bool keeps = question->kernel < KERNELS && core != plain;
	enum status status;

	if (!core_reset(core, keeps)) {
		bool is_own = question->kernel == KERNELS;

		core_give(core, INPUT_KERNEL_BTF,
			  is_own ? question->kernel_btf : kernels[question->kernel]);
	}
	give_others(core, question);
	/* Whoever hashes: put() asks this one again. */
	if (core == plain)
		core_lend(core, false);
	status = core_call(core, question->function);
	require(status <= STATUS_MISUSE, "a whole kernel needs no windows");
	return status;
}

static uint32_t scale(uint64_t per_byte)
{
	uint32_t log = per_byte == 0 ? 0 : 63 - (uint32_t)__builtin_clzll(per_byte);

	return log < 2 ? (uint32_t)per_byte : 4 * log + (per_byte >> (log - 2) & 3);
}

void account(struct core *core, size_t size, enum status status)
{
	struct cost cost = core_cost(core);

	answers[status]++;
	if (cost.fuel > worst.cost.fuel) {
		worst.cost.fuel = cost.fuel;
		worst.size = size;
	}
	if (cost.memory > worst.cost.memory)
		worst.cost.memory = cost.memory;
	costs[0][scale(cost.fuel / (size + 64)) % 128] = 1;
	costs[1][scale(cost.memory / (size + 64)) % 128] = 1;
	require(cost.fuel < FUEL_MAX + size * FUEL_PER_BYTE, "it takes bounded time");
	require(cost.memory < MEMORY_MAX + size * MEMORY_PER_BYTE, "it takes bounded memory");
}

void put(const struct question *question, struct bytes input)
{
	struct core *core = question->kernel < KERNELS ? cores[question->kernel] : plain;
	enum status status = ask(core, question);
	uint64_t digest[2];
	struct bytes output = core_output(core);
	struct xxh64 hash;
	uint64_t chance;

	account(core, input.size, status);
	xxh64_begin(&hash);
	xxh64_add(&hash, input.at, input.size);
	chance = xxh64_end(&hash);
	if (chance / PLAN_EVERY % AGAIN_EVERY == 0) {
		for (int i = 0; i < 2; i++) {
			output = core_output(core);
			xxh64_begin(&hash);
			xxh64_add(&hash, output.at, output.size);
			digest[i] = xxh64_end(&hash);
			core = plain;
			if (i == 0)
				require(ask(core, question) == status, "the same status again");
		}
		require(digest[0] == digest[1], "the same output again");
	}
	if (status == STATUS_DONE && question->function == MAKE_PLAN && chance % PLAN_EVERY == 0)
		check_plan(core, question->kernel < KERNELS ? kernels[question->kernel]
							    : question->kernel_btf);
}

void tell_worst(void)
{
	fprintf(stderr, "answers: %llu done, %llu faults, %llu misuses, %llu want the whole BTF\n",
		answers[STATUS_DONE], answers[STATUS_FAULTS], answers[STATUS_MISUSE],
		answers[STATUS_WHOLE]);
	fprintf(stderr, "worst: fuel %llu with %zu bytes, memory %llu\n",
		(unsigned long long)worst.cost.fuel, worst.size,
		(unsigned long long)worst.cost.memory);
}

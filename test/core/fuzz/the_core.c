#include "the_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../shim/hash.h"
#include "core.h"
#include "json_check.h"
#include "wasm-rt-impl.h"

#define PAGE 65536u
/* Of the object, and of the plan. */
#define HASHES_MAX 2

/* Counted by the C of the core, as fuzz_core.ts has it made. */
uint64_t core_fuel;

struct core {
	Z_core_instance_t wasm;
	uint64_t fuel_before;
	uint32_t heap_start; /* where the first byte of an input goes */
	uint8_t *given[INPUT_KERNEL_IMAGE + 1];
	bool is_idle;
};

void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

/* In the place of the runtime's: no input may make the core trap. */
void core_trapped(int trap);
void core_trapped(int trap)
{
	fprintf(stderr, "broken: the core trapped: %s\n", wasm_rt_strerror((wasm_rt_trap_t)trap));
	abort();
}

struct core *core_new(void)
{
	static bool started;
	struct core *core = calloc(1, sizeof(*core));

	require(core != NULL, "memory");
	if (!started) {
		started = true;
		wasm_rt_init();
		Z_core_init_module();
	}
	Z_core_instantiate(&core->wasm);
	require(Z_coreZ_abiVersion(&core->wasm) == 2, "the ABI is the one that this was made for");
	core->heap_start = Z_coreZ_input(&core->wasm, INPUT_PLAN, 0);
	core_reset(core, false);
	return core;
}

void core_free(struct core *core)
{
	Z_core_free(&core->wasm);
	free(core);
}

bool core_reset(struct core *core, bool keep)
{
	u32 kept;

	core->fuel_before = core_fuel;
	kept = Z_coreZ_reset(&core->wasm, keep);
	require(kept == 0 || kept == 1, "reset tells whether it has kept something");
	return kept != 0;
}

uint8_t *core_room(struct core *core, uint32_t kind, uint32_t size)
{
	u32 at = Z_coreZ_input(&core->wasm, kind, size);
	const wasm_rt_memory_t *memory = Z_coreZ_memory(&core->wasm);

	if (at == 0)
		return NULL;
	require(at < memory->size && size <= memory->size - at, "a room is inside the memory");
	return memory->data + at;
}

bool core_give(struct core *core, enum input_kind kind, struct bytes bytes)
{
	uint8_t *room = core_room(core, kind, (uint32_t)bytes.size);

	if (room && bytes.size > 0)
		memcpy(room, bytes.at, bytes.size);
	core->given[kind] = room;
	return room != NULL;
}

/* The memory of wasm2c does not move when it grows. */
uint8_t *core_given(struct core *core, enum input_kind kind)
{
	return core->given[kind];
}

bool core_announce(struct core *core, uint32_t size)
{
	u32 taken = Z_coreZ_inputInWindows(&core->wasm, INPUT_KERNEL_BTF, size);

	require(taken <= 1, "a kernel is announced or not");
	return taken != 0;
}

struct window core_window(struct core *core)
{
	u32 at = Z_coreZ_windowPointer(&core->wasm), size = Z_coreZ_windowSize(&core->wasm);
	const wasm_rt_memory_t *memory = Z_coreZ_memory(&core->wasm);

	require(at <= memory->size && size <= memory->size - at, "a window is inside the memory");
	return (struct window){memory->data + at, Z_coreZ_windowOffset(&core->wasm), size};
}

struct bytes core_output(struct core *core)
{
	u32 at = Z_coreZ_outputPointer(&core->wasm), size = Z_coreZ_outputSize(&core->wasm);
	const wasm_rt_memory_t *memory = Z_coreZ_memory(&core->wasm);

	require(at <= memory->size && size <= memory->size - at, "an output is inside the memory");
	return (struct bytes){memory->data + at, size};
}

static void check_faults(struct bytes json)
{
	static const char begin[] = "{\"schema\": \"structops.faults/1\"";

	require(json.size > sizeof(begin) && !memcmp(json.at, begin, sizeof(begin) - 1),
		"faults have their schema");
	require(memmem(json.at, json.size, "\"code\": \"", 9) != NULL, "there is a fault");
	require(memmem(json.at, json.size, "\"code\": \"CORE_BUG\"", 18) == NULL,
		"no fault is of the core");
}

void core_lend(struct core *core, bool idle)
{
	Z_coreZ_lendSha256(&core->wasm);
	core->is_idle = idle;
}

/* What the core wants hashed. */
static void hash(struct core *core)
{
	u32 at = Z_coreZ_hashPointer(&core->wasm), size = Z_coreZ_hashSize(&core->wasm);
	u32 to = Z_coreZ_digestPointer(&core->wasm);
	const wasm_rt_memory_t *memory = Z_coreZ_memory(&core->wasm);

	require(at <= memory->size && size <= memory->size - at, "what is hashed is in memory");
	require(to != 0 && to <= memory->size - 32, "a digest has a place in memory");
	sha256(memory->data + at, size, memory->data + to);
}

enum status core_call(struct core *core, enum core_function function)
{
	static u32 (*const calls[FUNCTION_COUNT])(Z_core_instance_t *) = {
		[MAKE_PLAN] = Z_coreZ_makePlan,
		[MAKE_QUERY] = Z_coreZ_makeQuery,
		[DESCRIBE_PLAN] = Z_coreZ_describePlan,
		[DESCRIBE_INSTRUCTIONS] = Z_coreZ_describeInstructions,
		[INSPECT_OBJECT] = Z_coreZ_inspectObject,
		[DESCRIBE_TYPES] = Z_coreZ_describeTypes,
		[INSPECT_INSTRUCTIONS] = Z_coreZ_inspectInstructions,
		[INSPECT_KERNEL] = Z_coreZ_inspectKernel,
		[EXTRACT_BTF] = Z_coreZ_extractBtf,
	};
	u32 status = calls[function](&core->wasm);
	struct bytes output;
	bool is_binary = function == MAKE_PLAN || function == MAKE_QUERY || function == EXTRACT_BTF;

	for (int hashes = 0; status == STATUS_HASH && !core->is_idle; hashes++) {
		require(hashes < HASHES_MAX, "hashes come to an end");
		hash(core);
		status = calls[function](&core->wasm);
	}
	output = core_output(core);
	require(status < STATUS_COUNT, "there is such a status");
	if (status > STATUS_MISUSE) {
		require(output.size == 0, "what goes on has no output yet");
		require(function == MAKE_PLAN || status == STATUS_HASH,
			"a plan goes on in windows");
		return (enum status)status;
	}
	if (status != STATUS_DONE || !is_binary)
		require(is_json(output.at, output.size), "the output is JSON in UTF-8");
	if (status != STATUS_DONE)
		check_faults(output);
	return (enum status)status;
}

struct cost core_cost(struct core *core)
{
	struct cost cost = {.fuel = core_fuel - core->fuel_before};
	/* The runtime of the core frees nothing: the next input goes behind all it has taken. */
	u32 end = Z_coreZ_outputPointer(&core->wasm);

	for (uint32_t kind = INPUT_PLAN; kind <= INPUT_KERNEL_IMAGE; kind++) {
		u32 at = Z_coreZ_input(&core->wasm, kind, kind == INPUT_MODULE_NAME ? 1 : 0);

		if (at != 0) {
			end = at;
			break;
		}
	}
	cost.memory = end > core->heap_start ? end - core->heap_start : 0;
	return cost;
}

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "arena.h"
#include "signals.h"
#include "sys_bpf.h"

/* libbpf's number: the verifier gives up with EAGAIN when it is disturbed. */
#define PROG_LOAD_TRIES 5
/* The first is the largest that BTF_LOAD of 6.1 takes; doubled twice at most. */
#define LOG_SIZE_FIRST ((16u << 20) - 1)
#define LOG_SIZE_MAX (64u << 20)

struct holding *holding_new(const struct plan *plan)
{
	uint32_t count = plan->head->slot_count;
	struct holding *holding = malloc(sizeof(*holding) + count * sizeof(holding->slots[0]));

	if (holding == NULL)
		return NULL;
	holding->older = NULL;
	holding->slot_count = count;
	for (uint32_t i = 0; i < count; i++)
		holding->slots[i] = (struct held){.fd = -1};
	return holding;
}

static void close_slots(struct holding *holding, uint32_t kinds)
{
	for (uint32_t i = 0; i < holding->slot_count; i++) {
		struct held *held = &holding->slots[i];

		if (held->fd < 0 || (held->kind & kinds) == 0)
			continue;
		arena_unmap(held);
		close(held->fd);
		held->fd = -1;
	}
}

uint32_t holding_release(struct holding *holding)
{
	uint32_t key = 0, left = 0;

	for (uint32_t i = 0; i < holding->slot_count; i++) {
		struct held *held = &holding->slots[i];
		union bpf_attr attr = {.map_fd = (uint32_t)held->fd, .key = (uintptr_t)&key};

		if (held->registered && sys_bpf(BPF_MAP_DELETE_ELEM, &attr, 32) != 0)
			left++;
		held->registered = false;
	}
	close_slots(holding, SLOT_LINK);
	close_slots(holding, ~0u);
	return left;
}

static uint32_t kernel_id(const struct held *held)
{
	uint32_t info[8] = {0};
	union bpf_attr attr = {.info = {.bpf_fd = (uint32_t)held->fd,
					.info_len = sizeof(info),
					.info = (uintptr_t)info}};
	bool btf = held->kind == SLOT_BTF || held->kind == SLOT_MODULE;

	if (sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr.info)) < 0)
		return 0;
	/* bpf_btf_info starts with an address and a size, all the others with their type. */
	return btf ? info[3] : info[1];
}

static void fill(struct holding *holding, uint32_t slot, int fd, uint32_t kind)
{
	struct held *held = &holding->slots[slot];

	*held = (struct held){.fd = fd, .kind = kind};
	held->id = kernel_id(held);
}

static bool fail(struct outcome *outcome, enum outcome_status status, uint32_t index, int result)
{
	outcome->status = status;
	outcome->index = index;
	outcome->result = result;
	return false;
}

static bool check_kernel(const struct plan *plan, struct outcome *outcome)
{
	const struct plan_head *head = plan->head;
	int error;

	if (head->btf_size == 0)
		return true;
	error = vmlinux_btf_identify(&outcome->found);
	if (error < 0 || outcome->found.size != head->btf_size ||
	    outcome->found.xxh64 != head->btf_xxh64)
		return fail(outcome, OUTCOME_WRONG_KERNEL, PLAN_NONE, error);
	return true;
}

static bool open_module(const struct plan *plan, uint32_t index, struct holding *holding,
			struct outcome *outcome)
{
	const struct plan_module *module = &plan->modules[index];
	int fd;

	outcome->found = (struct btf_identity){0};
	fd = module_btf_open(plan->blob + module->name, module->name_size, &outcome->found);
	if (fd >= 0)
		fill(holding, module->slot, fd, SLOT_MODULE);
	if (fd < 0 || outcome->found.size != module->btf_size ||
	    outcome->found.xxh64 != module->btf_xxh64)
		return fail(outcome, OUTCOME_WRONG_KERNEL, index, fd < 0 ? fd : 0);
	return true;
}

/*
 * Before the first step: what is missing is known before anything is made, and sched_ext learns of
 * CPUs that come or go from here on.
 */
static bool read_values(const struct plan *plan, bool load_only, struct values *values,
			struct outcome *outcome)
{
	values->known = 0;
	for (uint32_t i = 0; i < plan->head->step_count; i++) {
		const struct plan_step *step = &plan->steps[i];

		if (load_only && step->phase != PHASE_LOAD)
			break;
		if (!values_read(values, plan, step, &outcome->value))
			return fail(outcome, OUTCOME_STEP_FAILED, i, outcome->value.error);
	}
	return true;
}

static uint64_t source_of(const struct plan *plan, const struct plan_patch *patch,
			  const struct holding *holding, const struct values *values)
{
	if (patch->kind == PATCH_ADDRESS_IN_ATTR)
		return (uintptr_t)(plan->blob + patch->source);
	if (patch_is_value(patch))
		return value_of(values, plan, patch);
	return (uint32_t)holding->slots[patch->source].fd;
}

static void apply_patches(const struct plan *plan, const struct plan_step *step,
			  const struct holding *holding, const struct values *values)
{
	for (uint32_t i = 0; i < step->patch_count; i++) {
		const struct plan_patch *patch = &plan->patches[step->patch_first + i];
		uint32_t base = patch_is_in_blob(patch) ? 0 : step->attr;
		uint64_t source = source_of(plan, patch, holding, values);

		/* The low bytes come first. */
		memcpy(plan->blob + base + patch->offset, &source, patch->width);
	}
}

/*
 * The kernel has refused: asks once more with a log buffer, to learn why. Returns the fd if it
 * succeeds this time. Differs from libbpf: a failure keeps the first try's errno, since the last
 * one may be about the buffer.
 */
static int retry_with_log(uint8_t *attr, const struct command *command, int first_result,
			  struct outcome *outcome)
{
	const uint32_t level = 1;
	int result = -ENOSPC;

	for (uint32_t size = LOG_SIZE_FIRST; result == -ENOSPC && size <= LOG_SIZE_MAX; size *= 2) {
		char *log = malloc(size);
		uint64_t address = (uintptr_t)log;

		if (log == NULL)
			break;
		free(outcome->log);
		outcome->log = log;
		log[0] = log[size - 1] = '\0';
		memcpy(attr + command->log_level_at, &level, sizeof(level));
		memcpy(attr + command->log_size_at, &size, sizeof(size));
		memcpy(attr + command->log_buf_at, &address, sizeof(address));
		result = sys_bpf(command->cmd, attr, command->attr_size);
		log[size - 1] = '\0';
	}
	outcome->log_truncated = result == -ENOSPC;
	if (result < 0)
		return first_result;
	free(outcome->log);
	outcome->log = NULL;
	return result;
}

static int call(const struct plan *plan, const struct plan_step *step, struct outcome *outcome)
{
	const struct command *command = command_find(step->cmd);
	uint8_t *attr = plan->blob + step->attr;
	int tries = step->cmd == BPF_PROG_LOAD ? PROG_LOAD_TRIES : 1;
	int result;

	do
		result = sys_bpf(step->cmd, attr, step->attr_size);
	while (result == -EAGAIN && --tries > 0);
	if (result < 0 && command->log_level_at != 0)
		return retry_with_log(attr, command, result, outcome);
	return result;
}

static bool do_step(const struct plan *plan, uint32_t index, const struct values *values,
		    struct holding *holding, struct outcome *outcome)
{
	const struct plan_step *step = &plan->steps[index];
	uint32_t registered = registered_slot(plan, step);
	int result;

	apply_patches(plan, step, holding, values);
	result = step->cmd == STRUCTOPS_ARENA_MAP ? arena_map(plan, step, holding)
						  : call(plan, step, outcome);
	if (step->slot != PLAN_NONE && result >= 0) {
		fill(holding, step->slot, result, plan->slot_kinds[step->slot]);
		return true;
	}
	/* A command that returns no fd returns 0; a struct_ops map whose value has an owner returns
	 * 1 without having registered it. */
	if (result != 0) {
		if ((step->flags & STEP_MAY_FAIL) == 0)
			return fail(outcome, OUTCOME_STEP_FAILED, index, result);
		outcome->tolerated++;
		return true;
	}
	if (registered != PLAN_NONE)
		holding->slots[registered].registered = step->cmd == BPF_MAP_UPDATE_ELEM;
	return true;
}

void plan_execute(struct plan *plan, bool load_only, struct holding *holding,
		  struct outcome *outcome)
{
	static struct values values; /* 64 KiB of symbols */

	*outcome = (struct outcome){.status = OUTCOME_DONE};
	if (!check_kernel(plan, outcome))
		return;
	for (uint32_t i = 0; i < plan->head->module_count; i++) {
		if (!open_module(plan, i, holding, outcome))
			return;
	}
	if (!read_values(plan, load_only, &values, outcome))
		return;
	for (uint32_t i = 0; i < plan->head->step_count; i++) {
		if (load_only && plan->steps[i].phase != PHASE_LOAD)
			return;
		if (signals_came()) {
			fail(outcome, OUTCOME_INTERRUPTED, i, 0);
			return;
		}
		if (!do_step(plan, i, &values, holding, outcome))
			return;
	}
}

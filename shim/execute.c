#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include "arena.h"
#include "execute.h"
#include "signals.h"
#include "steps.h"
#include "sys_bpf.h"

/* libbpf's number: the verifier gives up with EAGAIN when it is disturbed. */
#define PROG_LOAD_TRIES 5
/* The first is the largest that BTF_LOAD of 6.1 takes; doubled twice at most. */
#define LOG_SIZE_FIRST ((16u << 20) - 1)
#define LOG_SIZE_MAX (64u << 20)

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
		holding_fill(holding, module->slot, fd, SLOT_MODULE);
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
		if (!values_read(values, plan, step, &outcome->why))
			return fail(outcome, OUTCOME_STEP_FAILED, i, outcome->why.error);
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

/*
 * What a step brought about. A legacy registration outlives us, so it is noted; a pinned map that
 * was there before is not written to.
 */
static void note_done(const struct plan *plan, uint32_t index, int result, struct holding *holding,
		      struct outcome *outcome)
{
	const struct plan_step *step = &plan->steps[index];
	uint32_t registered = registered_slot(plan, step);

	if (step->slot != PLAN_NONE) {
		struct held *held = &holding->slots[step->slot];

		holding_fill(holding, step->slot, result, plan->slot_kinds[step->slot]);
		held->found = step->cmd == STRUCTOPS_PINNED_MAP && holding->pins[index] == 0;
		held->kept = step->cmd == STRUCTOPS_PINNED_MAP;
		if (step->cmd == BPF_LINK_CREATE)
			held->name =
				strndup((const char *)plan->blob + step->name, step->name_size);
	}
	if (registered != PLAN_NONE)
		holding->slots[registered].registered = step->cmd == BPF_MAP_UPDATE_ELEM;
	if (step->cmd == BPF_OBJ_PIN || step->cmd == STRUCTOPS_UNPIN)
		holding->slots[slot_at(plan, step, PIN_FD_AT)].kept = step->cmd == BPF_OBJ_PIN;
	if (outcome->gap_from != 0 && outcome->gap_ns == 0 &&
	    (step->cmd == BPF_LINK_CREATE ||
	     (registered != PLAN_NONE && step->cmd == BPF_MAP_UPDATE_ELEM)))
		outcome->gap_ns = now_ns() - outcome->gap_from;
}

/* Whether the step writes to a pinned map that others filled. */
static bool is_passed_over(const struct plan *plan, const struct plan_step *step,
			   const struct holding *holding)
{
	const struct plan_step *map = map_of(plan, step);

	return map != NULL && holding->slots[map->slot].found;
}

static bool do_step(const struct plan *plan, uint32_t index, const struct values *values,
		    struct holding *holding, struct outcome *outcome)
{
	const struct plan_step *step = &plan->steps[index];
	bool done;
	int result;

	if (is_passed_over(plan, step, holding))
		return true;
	apply_patches(plan, step, holding, values);
	if (step->cmd == BPF_MAP_DELETE_ELEM && outcome->gap_from == 0)
		outcome->gap_from = now_ns();
	result = step_carry_out(plan, index, holding, outcome, &done);
	if (!done)
		result = step->cmd == STRUCTOPS_ARENA_MAP ? arena_map(plan, step, holding)
							  : call(plan, step, outcome);
	/* A command that returns no fd returns 0; a struct_ops map whose value has an owner returns
	 * 1 without having registered it. */
	if (step->slot != PLAN_NONE ? result < 0 : result != 0) {
		if ((step->flags & STEP_MAY_FAIL) == 0)
			return fail(outcome, OUTCOME_STEP_FAILED, index, result);
		outcome->tolerated++;
		return true;
	}
	note_done(plan, index, result, holding, outcome);
	return true;
}

void plan_execute(struct plan *plan, bool load_only, struct holding *holding,
		  struct outcome *outcome)
{
	static struct values values; /* 64 KiB of symbols */
	uint32_t count = plan->head->step_count;

	*outcome = (struct outcome){.status = OUTCOME_DONE};
	if (!check_kernel(plan, outcome))
		return;
	for (uint32_t i = 0; i < plan->head->module_count; i++) {
		if (!open_module(plan, i, holding, outcome))
			return;
	}
	if (!read_values(plan, load_only, &values, outcome))
		return;
	for (uint32_t i = 0; i < count; i++) {
		if (load_only && plan->steps[i].phase != PHASE_LOAD)
			return;
		if (signals_came()) {
			fail(outcome, OUTCOME_INTERRUPTED, i, 0);
			return;
		}
		if (!do_step(plan, i, &values, holding, outcome))
			return;
		outcome->steps_done = i + 1;
	}
	/* Whoever has gone during the last step would never know that it was done. */
	if (count > 0 && signals_came())
		fail(outcome, OUTCOME_INTERRUPTED, count - 1, 0);
}

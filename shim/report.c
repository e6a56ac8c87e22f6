#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "report.h"

static const char *errno_name(int error)
{
#define ERRNO(name) {name, #name}
	/* What bpf(2), files and our own calls give; 524 is the kernel's own, libc has no name for
	 * it. */
	static const struct {
		int number;
		const char *name;
	} names[] = {
		ERRNO(EPERM),	   ERRNO(ENOENT),      ERRNO(ESRCH),   ERRNO(EINTR),
		ERRNO(EIO),	   ERRNO(E2BIG),       ERRNO(EBADF),   ERRNO(EAGAIN),
		ERRNO(ENOMEM),	   ERRNO(EACCES),      ERRNO(EFAULT),  ERRNO(EBUSY),
		ERRNO(EEXIST),	   ERRNO(ENODEV),      ERRNO(EISDIR),  ERRNO(EINVAL),
		ERRNO(ENFILE),	   ERRNO(EMFILE),      ERRNO(ENOSPC),  ERRNO(EDOM),
		ERRNO(ERANGE),	   ERRNO(ENOSYS),      ERRNO(ELOOP),   ERRNO(ENOLINK),
		ERRNO(EOVERFLOW),  ERRNO(EPROTO),      ERRNO(ESTALE),  ERRNO(EBADFD),
		ERRNO(EOPNOTSUPP), ERRNO(EINPROGRESS), ERRNO(ENOTDIR), ERRNO(ENXIO),
		{524, "ENOTSUPP"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].number == error)
			return names[i].name;
	}
	return "unknown";
}

/* A JSON string. Names and logs are not ours: bytes that are no UTF-8 go out as they came. */
static void put_string(const char *key, const void *bytes, size_t size)
{
	const uint8_t *text = bytes;

	printf(",\"%s\":\"", key);
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '"' || text[i] == '\\')
			printf("\\%c", text[i]);
		else if (text[i] < 0x20)
			printf("\\u%04x", text[i]);
		else
			putchar(text[i]);
	}
	putchar('"');
}

static void put_name(const char *key, const char *name)
{
	put_string(key, name, strlen(name));
}

static void put_number(const char *key, uint64_t number)
{
	printf(",\"%s\":%" PRIu64, key, number);
}

static void put_errno(int error)
{
	put_number("errno", (uint64_t)error);
	put_name("error", errno_name(error));
}

static void put_plan(uint32_t frame, const struct plan *plan)
{
	put_number("frame", frame);
	fputs(",\"plan_sha256\":\"", stdout);
	for (int i = 0; i < PLAN_DIGEST_SIZE; i++)
		printf("%02x", plan->digest[i]);
	putchar('"');
}

static void begin(const char *status)
{
	fputs("{\"schema\":\"structops.result/1\"", stdout);
	put_name("status", status);
}

static void end(void)
{
	puts("}");
	/* If nobody reads any more, the end of the input will say so. */
	fflush(stdout);
}

static const char *kind_name(uint32_t kind)
{
	switch ((enum slot_kind)kind) {
	case SLOT_MAP:
		return "map";
	case SLOT_PROG:
		return "prog";
	case SLOT_BTF:
		return "btf";
	case SLOT_LINK:
		return "link";
	case SLOT_MODULE:
		return "module";
	}
	return "none";
}

static void put_slots(const struct plan *plan, const struct holding *holding)
{
	const char *separator = "";

	fputs(",\"slots\":[", stdout);
	for (uint32_t i = 0; i < holding->slot_count; i++) {
		const struct held *held = &holding->slots[i];

		if (held->fd < 0)
			continue;
		printf("%s{\"slot\":%" PRIu32, separator, i);
		put_name("kind", kind_name(held->kind));
		if (held->id != 0)
			put_number("id", held->id);
		if (held->kind != SLOT_MODULE) {
			const struct plan_step *step = &plan->steps[plan->filled_by[i]];

			put_number("step", plan->filled_by[i]);
			put_string("name", plan->blob + step->name, step->name_size);
		}
		putchar('}');
		separator = ",";
	}
	putchar(']');
}

static void put_identity(const char *key, uint64_t size, uint64_t xxh64)
{
	printf(",\"%s\":", key);
	if (size == 0)
		fputs("null", stdout);
	else
		printf("{\"btf_size\":%" PRIu64 ",\"btf_xxh64\":\"%016" PRIx64 "\"}", size, xxh64);
}

static void put_wrong_kernel(const struct plan *plan, const struct outcome *outcome)
{
	if (outcome->index == PLAN_NONE) {
		put_name("btf", "vmlinux");
		put_identity("wanted", plan->head->btf_size, plan->head->btf_xxh64);
	} else {
		const struct plan_module *module = &plan->modules[outcome->index];

		put_string("btf", plan->blob + module->name, module->name_size);
		put_identity("wanted", module->btf_size, module->btf_xxh64);
	}
	put_identity("running", outcome->found.size, outcome->found.xxh64);
	if (outcome->result < 0)
		put_errno(-outcome->result);
}

static void put_step(const struct plan *plan, uint32_t index)
{
	const struct plan_step *step = &plan->steps[index];

	put_number("step", index);
	put_name("cmd", command_find(step->cmd)->name);
	put_string("name", plan->blob + step->name, step->name_size);
}

static void put_value_failure(const struct value_failure *value)
{
	put_name("reason", value->reason);
	put_name("file", value->file);
	if (value->symbol != NULL)
		put_name("symbol", value->symbol);
}

static void put_failure(const struct outcome *outcome)
{
	if (outcome->value.reason != NULL)
		put_value_failure(&outcome->value);
	if (outcome->result < 0)
		put_errno(-outcome->result);
	else if (outcome->value.reason == NULL)
		put_number("returned", (uint64_t)outcome->result);
	if (outcome->log != NULL && outcome->log[0] != '\0') {
		put_name("log", outcome->log);
		printf(",\"log_truncated\":%s", outcome->log_truncated ? "true" : "false");
	}
}

void report_checked(uint32_t frame, const struct plan *plan)
{
	begin("checked");
	put_plan(frame, plan);
	end();
}

void report_refused(uint32_t frame, const struct refusal *refusal)
{
	begin("plan_refused");
	put_number("frame", frame);
	put_name("reason", refusal->reason);
	put_name("part", refusal->part);
	put_number("index", refusal->index);
	if (refusal->field != NULL)
		put_name("field", refusal->field);
	end();
}

void report_outcome(uint32_t frame, const struct plan *plan, const struct holding *holding,
		    const struct outcome *outcome, bool load_only, uint32_t left)
{
	static const char *const statuses[] = {
		[OUTCOME_DONE] = "done",
		[OUTCOME_STEP_FAILED] = "step_failed",
		[OUTCOME_WRONG_KERNEL] = "wrong_kernel",
		[OUTCOME_INTERRUPTED] = "interrupted",
	};
	bool loaded = outcome->status == OUTCOME_DONE && load_only;

	begin(loaded ? "loaded" : statuses[outcome->status]);
	put_plan(frame, plan);
	switch (outcome->status) {
	case OUTCOME_DONE:
		put_number("tolerated", outcome->tolerated);
		put_slots(plan, holding);
		break;
	case OUTCOME_WRONG_KERNEL:
		put_wrong_kernel(plan, outcome);
		break;
	case OUTCOME_STEP_FAILED:
	case OUTCOME_INTERRUPTED:
		put_step(plan, outcome->index);
		if (outcome->status == OUTCOME_STEP_FAILED)
			put_failure(outcome);
		put_number("left_registered", left);
		break;
	}
	end();
}

void report_released(const char *why, uint32_t frames, uint32_t left)
{
	begin("released");
	put_name("why", why);
	put_number("frames", frames);
	put_number("left_registered", left);
	end();
}

void report_error(const char *doing, int error)
{
	begin("error");
	put_name("doing", doing);
	put_errno(error);
	end();
}

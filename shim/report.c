#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "confine.h"
#include "json.h"
#include "list.h"
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
		ERRNO(EPERM),	   ERRNO(ENOENT),      ERRNO(ESRCH),	    ERRNO(EINTR),
		ERRNO(EIO),	   ERRNO(E2BIG),       ERRNO(EBADF),	    ERRNO(EAGAIN),
		ERRNO(ENOMEM),	   ERRNO(EACCES),      ERRNO(EFAULT),	    ERRNO(EBUSY),
		ERRNO(EEXIST),	   ERRNO(ENODEV),      ERRNO(EISDIR),	    ERRNO(EINVAL),
		ERRNO(ENFILE),	   ERRNO(EMFILE),      ERRNO(ENOSPC),	    ERRNO(EDOM),
		ERRNO(ERANGE),	   ERRNO(ENOSYS),      ERRNO(ELOOP),	    ERRNO(ENOLINK),
		ERRNO(EOVERFLOW),  ERRNO(EPROTO),      ERRNO(ESTALE),	    ERRNO(EBADFD),
		ERRNO(EOPNOTSUPP), ERRNO(EINPROGRESS), ERRNO(ENOTDIR),	    ERRNO(ENXIO),
		ERRNO(EALREADY),   ERRNO(EROFS),       ERRNO(ENAMETOOLONG), {524, "ENOTSUPP"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].number == error)
			return names[i].name;
	}
	return "unknown";
}

static void put_errno(int error)
{
	put_number("errno", (uint64_t)error);
	put_name("error", errno_name(error));
}

static void put_plan(uint32_t frame, const struct plan *plan)
{
	put_number("frame", frame);
	put_hex("plan_sha256", plan->digest, PLAN_DIGEST_SIZE);
}

static void begin(const char *status)
{
	fputs("{\"schema\":\"structops.result/1\"", stdout);
	put_name("status", status);
}

/* Whether somebody reads it. */
static bool end(void)
{
	puts("}");
	return fflush(stdout) == 0;
}

static void put_bool(const char *key, bool value)
{
	printf(",\"%s\":%s", key, value ? "true" : "false");
}

static const char *kind_name(uint32_t kind)
{
	switch ((enum slot_kind)kind) {
	case SLOT_MAP:
	case SLOT_GOT_MAP:
		return "map";
	case SLOT_PROG:
		return "prog";
	case SLOT_BTF:
		return "btf";
	case SLOT_LINK:
	case SLOT_GOT_LINK:
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
		if ((held->kind & (SLOT_GOT_MAP | SLOT_GOT_LINK)) != 0 || held->found)
			fputs(",\"got\":true", stdout);
		if (held->kind == SLOT_LINK)
			put_bool("watched", held->watched);
		putchar('}');
		separator = ",";
	}
	putchar(']');
}

/* Links that were detached and had to be made anew, if there are such. */
static void put_restored(const struct holding *holding)
{
	bool any = false;

	for (uint32_t i = 0; i < holding->slot_count; i++) {
		const struct held *held = &holding->slots[i];

		if (!held->restored)
			continue;
		fputs(any ? "," : ",\"restored\":[", stdout);
		printf("{\"slot\":%" PRIu32, i);
		put_number("id", held->id);
		put_bool("held", !held->kept);
		putchar('}');
		any = true;
	}
	if (any)
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

/* Capabilities that the plan asks for and this process has not, if there are such. */
static void put_lacking(const struct plan *plan)
{
	static const struct {
		unsigned int number;
		const char *name;
	} names[] = {{12, "CAP_NET_ADMIN"},
		     {21, "CAP_SYS_ADMIN"},
		     {34, "CAP_SYSLOG"},
		     {38, "CAP_PERFMON"},
		     {39, "CAP_BPF"}};
	uint64_t lacking = privileges_lacking(plan->head->capabilities);
	bool any = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((lacking >> names[i].number & 1) == 0)
			continue;
		printf("%s\"%s\"", any ? "," : ",\"lacks\":[", names[i].name);
		any = true;
	}
	if (any)
		putchar(']');
}

static void put_failure(const struct outcome *outcome)
{
	const struct step_failure *why = &outcome->why;

	if (why->reason != NULL)
		put_name("reason", why->reason);
	if (why->file != NULL)
		put_name("file", why->file);
	if (why->symbol != NULL)
		put_name("symbol", why->symbol);
	if (outcome->result < 0)
		put_errno(-outcome->result);
	else if (why->reason == NULL)
		put_number("returned", (uint64_t)outcome->result);
	if (outcome->log != NULL && outcome->log[0] != '\0') {
		put_name("log", outcome->log);
		put_bool("log_truncated", outcome->log_truncated);
	}
}

static void put_leftovers(const struct leftovers *left)
{
	put_number("left_registered", left->registered);
	if (left->pinned != 0)
		put_number("left_pinned", left->pinned);
	if (left->not_restored != 0)
		put_number("not_restored", left->not_restored);
}

static bool has_list(const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->head->step_count; i++) {
		if (plan->steps[i].cmd == STRUCTOPS_LIST)
			return true;
	}
	return false;
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

bool report_outcome(const struct plan *plan, const struct holding *holding,
		    const struct outcome *outcome, bool load_only, const struct leftovers *left)
{
	static const char *const statuses[] = {
		[OUTCOME_DONE] = "done",
		[OUTCOME_STEP_FAILED] = "step_failed",
		[OUTCOME_WRONG_KERNEL] = "wrong_kernel",
		[OUTCOME_INTERRUPTED] = "interrupted",
	};
	bool loaded = outcome->status == OUTCOME_DONE && load_only;

	begin(loaded ? "loaded" : statuses[outcome->status]);
	put_plan(holding->frame, plan);
	switch (outcome->status) {
	case OUTCOME_DONE:
		put_number("tolerated", outcome->tolerated);
		put_slots(plan, holding);
		if (has_list(plan))
			list_write();
		break;
	case OUTCOME_WRONG_KERNEL:
		put_wrong_kernel(plan, outcome);
		break;
	case OUTCOME_STEP_FAILED:
	case OUTCOME_INTERRUPTED:
		put_step(plan, outcome->index);
		if (outcome->status == OUTCOME_STEP_FAILED) {
			put_failure(outcome);
			put_lacking(plan);
		}
		put_leftovers(left);
		put_restored(holding);
		break;
	}
	if (outcome->gap_ns != 0)
		put_number("gap_ns", outcome->gap_ns);
	return end();
}

void report_detached(uint32_t frame, const struct held *link)
{
	begin("detached");
	put_number("frame", frame);
	put_number("id", link->id);
	put_name("name", link->name != NULL ? link->name : "");
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

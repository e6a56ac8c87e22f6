#include <errno.h>
#include <stdlib.h>
#include "report.h"
#include "session.h"

static void raise_exit_code(struct session *session, enum exit_code code)
{
	if (session->exit_code < code)
		session->exit_code = code;
}

static enum exit_code exit_code_of(enum outcome_status status)
{
	switch (status) {
	case OUTCOME_DONE:
		return EXIT_DONE;
	case OUTCOME_STEP_FAILED:
	case OUTCOME_INTERRUPTED:
		return EXIT_KERNEL_REFUSED;
	case OUTCOME_WRONG_KERNEL:
		break;
	}
	return EXIT_UNUSABLE;
}

static void carry_out(struct session *session, struct plan *plan)
{
	struct holding *holding = holding_new(plan);
	bool load_only = session->mode == MODE_LOAD_ONLY;
	struct outcome outcome;
	uint32_t left = 0;

	if (holding == NULL) {
		session_error(session, "allocate slots", ENOMEM);
		return;
	}
	plan_execute(plan, load_only, holding, &outcome);
	if (outcome.status != OUTCOME_DONE)
		left = holding_release(holding);
	report_outcome(session->frame_count, plan, holding, &outcome, load_only, left);
	raise_exit_code(session, exit_code_of(outcome.status));
	free(outcome.log);
	if (outcome.status == OUTCOME_DONE && !load_only) {
		holding->older = session->holdings;
		session->holdings = holding;
	} else {
		holding_release(holding);
		free(holding);
	}
}

void session_frame(struct session *session, uint8_t *frame, size_t size)
{
	static struct plan plan; /* 56 KiB of slots and symbols */

	if (!plan_parse(&plan, frame, size) || !plan_permit(&plan)) {
		report_refused(session->frame_count, &plan.refusal);
		raise_exit_code(session, EXIT_UNUSABLE);
	} else if (session->mode == MODE_CHECK) {
		report_checked(session->frame_count, &plan);
	} else {
		carry_out(session, &plan);
	}
	session->frame_count++;
}

void session_refuse(struct session *session, const char *reason)
{
	const struct refusal refusal = {.reason = reason, .part = "head"};

	report_refused(session->frame_count, &refusal);
	raise_exit_code(session, EXIT_UNUSABLE);
}

void session_error(struct session *session, const char *doing, int error)
{
	report_error(doing, error);
	raise_exit_code(session, EXIT_OUR_FAULT);
}

void session_release(struct session *session, const char *why)
{
	uint32_t frames = 0, left = 0;

	while (session->holdings != NULL) {
		struct holding *holding = session->holdings;

		session->holdings = holding->older;
		left += holding_release(holding);
		free(holding);
		frames++;
	}
	if (frames != 0)
		report_released(why, frames, left);
	if (left != 0)
		raise_exit_code(session, EXIT_OUR_FAULT);
}

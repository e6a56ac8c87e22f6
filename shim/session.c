#include <errno.h>
#include <stdlib.h>
#include "confine.h"
#include "notify.h"
#include "report.h"
#include "session.h"
#include "watch.h"

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

static void watch_links(struct holding *holding)
{
	for (uint32_t i = 0; i < holding->slot_count; i++) {
		struct held *held = &holding->slots[i];

		if (held->fd >= 0 && (held->kind == SLOT_LINK || held->restored))
			held->watched = watch_add(held);
	}
}

static void hold(struct session *session, struct holding *holding)
{
	holding->older = session->holdings;
	session->holdings = holding;
}

static void carry_out(struct session *session, struct plan *plan)
{
	struct holding *holding = holding_new(plan, session->frame_count);
	struct leftovers left = {0};
	struct outcome outcome;
	bool done, told;

	if (holding == NULL) {
		session_error(session, "allocate slots", ENOMEM);
		return;
	}
	if (session->only_one)
		privileges_limit(plan->head->capabilities);
	privileges_use(plan->head->capabilities);
	plan_execute(plan, session->mode == MODE_LOAD_ONLY, holding, &outcome);
	done = outcome.status == OUTCOME_DONE && session->mode == MODE_APPLY;
	if (done)
		watch_links(holding);
	else
		undo_steps(plan, holding, &outcome, &left);
	raise_exit_code(session, exit_code_of(outcome.status));
	told = report_outcome(plan, holding, &outcome, session->mode == MODE_LOAD_ONLY, &left);
	/* Whoever asked for it has gone, and would never know: as if that had come before the last
	 * step. */
	if (done && !told) {
		undo_steps(plan, holding, &outcome, &left);
		raise_exit_code(session, exit_code_of(OUTCOME_INTERRUPTED));
	}
	if (done && told) {
		holding_let_go_of_got(holding);
		hold(session, holding);
		notify("READY=1\nSTATUS=in force");
	} else if (holding_keep_restored(holding)) {
		watch_links(holding);
		hold(session, holding);
	} else {
		holding_free(holding);
	}
	free(outcome.log);
	privileges_use(0);
}

void session_frame(struct session *session, uint8_t *frame, size_t size)
{
	static struct plan plan; /* 56 KiB of slots and symbols */

	if (!plan_parse(&plan, frame, size) || !plan_permit(&plan, session->other_programs)) {
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

static uint32_t frame_of(const struct session *session, const struct held *held)
{
	const struct holding *holding = session->holdings;

	while (held < holding->slots || held >= holding->slots + holding->slot_count)
		holding = holding->older;
	return holding->frame;
}

void session_dropped(struct session *session)
{
	struct held *link;

	while ((link = watch_next()) != NULL) {
		report_detached(frame_of(session, link), link);
		notify("STATUS=a link was dropped");
		held_close(link);
	}
}

bool session_in_force(const struct session *session)
{
	const struct holding *holding = session->holdings;

	while (holding != NULL && !holding_in_force(holding))
		holding = holding->older;
	return holding != NULL;
}

bool session_holds(const struct session *session)
{
	const struct holding *holding = session->holdings;

	while (holding != NULL && !holding_is_needed(holding))
		holding = holding->older;
	return holding != NULL;
}

void session_release(struct session *session, const char *why)
{
	uint32_t frames = 0, left = 0;

	notify("STOPPING=1");
	privileges_use(~UINT64_C(0));
	while (session->holdings != NULL) {
		struct holding *holding = session->holdings;

		session->holdings = holding->older;
		left += holding_release(holding);
		holding_free(holding);
		frames++;
	}
	if (frames != 0)
		report_released(why, frames, left);
	if (left != 0)
		raise_exit_code(session, EXIT_OUR_FAULT);
}

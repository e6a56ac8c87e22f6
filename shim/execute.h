/* Carries out a checked plan. */
#ifndef EXECUTE_H
#define EXECUTE_H

#include "holding.h"
#include "kernel_btf.h"
#include "attr.h"
#include "values.h"

enum outcome_status {
	OUTCOME_DONE,
	OUTCOME_STEP_FAILED,
	OUTCOME_WRONG_KERNEL,
	OUTCOME_INTERRUPTED,
};

struct outcome {
	enum outcome_status status;
	uint32_t index;		   /* of the step or module that failed; PLAN_NONE: vmlinux */
	uint32_t steps_done;	   /* the first so many are done, and may have to be undone */
	int result;		   /* a negative errno, or the positive number that is none */
	uint32_t tolerated;	   /* steps that failed and may */
	char *log;		   /* the verifier's, or NULL; the caller frees it */
	bool log_truncated;	   /* even the largest buffer was too small */
	struct btf_identity found; /* of a wrong kernel; size 0: see result */
	struct step_failure why;   /* of the step that failed; reason NULL: see result */
	uint64_t gap_from, gap_ns; /* what was there was out of force from .. for so long; or 0 */
};

/*
 * Checks that this is the plan's kernel, reads the run-time values that the steps need, then
 * carries out the steps, those of phase load only if `load_only`. Writes fds and addresses into the
 * frame. Unless the status is OUTCOME_DONE, the caller must undo the steps that were done.
 */
void plan_execute(struct plan *plan, bool load_only, struct holding *holding,
		  struct outcome *outcome);

#endif

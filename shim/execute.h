/* Carries out a checked plan, and takes back what it did. */
#ifndef EXECUTE_H
#define EXECUTE_H

#include "kernel_btf.h"
#include "permit.h"
#include "values.h"

struct held {
	int fd; /* or -1 */
	uint32_t kind;
	uint32_t id;	 /* the kernel's; 0 if it did not tell */
	bool registered; /* a legacy struct_ops map, registered by this frame */
	void *arena;	 /* where it is mapped, or NULL */
	uint64_t arena_size;
};

/* What a frame made: its slots, alive until they are released. */
struct holding {
	struct holding *older;
	uint32_t slot_count;
	struct held slots[];
};

enum outcome_status {
	OUTCOME_DONE,
	OUTCOME_STEP_FAILED,
	OUTCOME_WRONG_KERNEL,
	OUTCOME_INTERRUPTED,
};

struct outcome {
	enum outcome_status status;
	uint32_t index;		    /* of the step or module that failed; PLAN_NONE: vmlinux */
	int result;		    /* a negative errno, or the positive number that is none */
	uint32_t tolerated;	    /* steps that failed and may */
	char *log;		    /* the verifier's, or NULL; the caller frees it */
	bool log_truncated;	    /* even the largest buffer was too small */
	struct btf_identity found;  /* of a wrong kernel; size 0: see result */
	struct value_failure value; /* of the step that failed; reason NULL: see result */
};

/* A holding of empty slots, or NULL without memory. */
struct holding *holding_new(const struct plan *plan);

/*
 * Unmaps every arena, closes every fd and deletes every legacy registration. Returns how many
 * registrations could not be deleted, so are still in force.
 */
uint32_t holding_release(struct holding *holding);

/*
 * Checks that this is the plan's kernel, reads the run-time values that the steps need, then
 * carries out the steps, those of phase load only if `load_only`. Writes fds and addresses into the
 * frame. Unless the status is OUTCOME_DONE, the caller must release the holding: it has what was
 * made before the failure.
 */
void plan_execute(struct plan *plan, bool load_only, struct holding *holding,
		  struct outcome *outcome);

#endif

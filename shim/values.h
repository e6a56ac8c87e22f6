/* Run-time values: what only the running kernel can say, and patches put into attrs and blobs. */
#ifndef VALUES_H
#define VALUES_H

#include "plan.h"
#include "step_failure.h"

struct ksym {
	uint64_t address;
	bool found, ambiguous; /* ambiguous: there are others of this name, at other addresses */
};

struct values {
	uint32_t known; /* bit v set: enum plan_value v has been read; VALUE_KSYM_LOW: all ksyms */
	uint64_t possible_cpus, hotplug_seq;
	struct ksym ksyms[PLAN_SYMBOLS_MAX]; /* in the order of plan->symbols */
};

/* Reads what the patches of `step` need and is not yet known. False: see `failure`. */
bool values_read(struct values *values, const struct plan *plan, const struct plan_step *step,
		 struct step_failure *failure);

/* The value of a patch of a step for which values_read() was true. */
uint64_t value_of(const struct values *values, const struct plan *plan,
		  const struct plan_patch *patch);

/* Looks up all of plan->symbols, in one pass over the kernel's list. False: see `failure`. */
bool ksyms_read(struct ksym *ksyms, const struct plan *plan, struct step_failure *failure);

#endif

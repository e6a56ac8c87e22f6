/* Why a step failed, where an errno alone would not tell. */
#ifndef STEP_FAILURE_H
#define STEP_FAILURE_H

#include <stdbool.h>

/* docs/executor.md lists the reasons: they are an interface. */
struct step_failure {
	const char *reason; /* NULL: the errno tells */
	const char *file;   /* that was asked for a run-time value, or NULL */
	const char *symbol; /* that was looked for, or NULL */
	int error;	    /* a negative errno, or 0 */
};

#endif

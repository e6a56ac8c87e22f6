/* The answers: one line of JSON each, on standard output, as docs/executor.md describes them. */
#ifndef REPORT_H
#define REPORT_H

#include "execute.h"

void report_checked(uint32_t frame, const struct plan *plan);
void report_refused(uint32_t frame, const struct refusal *refusal);

/* `left`: registrations that could not be taken back after a failure. */
void report_outcome(uint32_t frame, const struct plan *plan, const struct holding *holding,
		    const struct outcome *outcome, bool load_only, uint32_t left);

/* `why` is the name of a signal or "end_of_input". */
void report_released(const char *why, uint32_t frames, uint32_t left);

/* Our own fault, or the machine's: no memory, no input. */
void report_error(const char *doing, int error);

#endif

/* The answers: one line of JSON each, on standard output, as docs/executor.md describes them. */
#ifndef REPORT_H
#define REPORT_H

#include "execute.h"
#include "undo.h"

void report_checked(uint32_t frame, const struct plan *plan);
void report_refused(uint32_t frame, const struct refusal *refusal);

/* `left`: what could not be taken back. Whether anybody reads it. */
bool report_outcome(const struct plan *plan, const struct holding *holding,
		    const struct outcome *outcome, bool load_only, const struct leftovers *left);

/* The kernel has dropped a link. */
void report_detached(uint32_t frame, const struct held *link);

/* `why` is the name of a signal, "end_of_input" or "detached". */
void report_released(const char *why, uint32_t frames, uint32_t left);

/* Our own fault, or the machine's: no memory, no input. */
void report_error(const char *doing, int error);

#endif

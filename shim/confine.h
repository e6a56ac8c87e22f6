/* What this process gives up before it reads a plan. PRIVILEGE.md says what is left, and why. */
#ifndef CONFINE_H
#define CONFINE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Gives up every capability that no plan needs (all of them if not `privileged`), the way to new
 * ones, and every system call but the few that are needed from here on: another one ends the
 * process. No capability is in effect then. 0, or a negative errno and *doing says what could not
 * be done.
 */
int confine(bool privileged, const char **doing);

/* Puts those of `capabilities` (bit n: capability n) into effect that are left, and no others. */
void privileges_use(uint64_t capabilities);

/* Those of `capabilities` that are not left: a plan that asks for them may fail for that. */
uint64_t privileges_lacking(uint64_t capabilities);

/* Gives up all but `capabilities` for good. */
void privileges_limit(uint64_t capabilities);

#endif

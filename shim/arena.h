/* Carries out STRUCTOPS_ARENA_MAP, the one command that is not bpf(2)'s. */
#ifndef ARENA_H
#define ARENA_H

#include "execute.h"

/*
 * Maps the arena of a step whose patches are applied, and writes the step's data to it. 0, or a
 * negative errno. What is mapped is noted in the arena's slot, to be undone with it.
 */
int arena_map(const struct plan *plan, const struct plan_step *step, struct holding *holding);

void arena_unmap(struct held *held);

#endif

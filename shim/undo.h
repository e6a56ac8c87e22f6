/* Takes back what a frame did that ends before its last step. */
#ifndef UNDO_H
#define UNDO_H

#include "execute.h"

/* What could not be taken back. */
struct leftovers {
	uint32_t registered;   /* legacy registrations of the frame, still in force */
	uint32_t pinned;       /* pins of the frame, still there */
	uint32_t not_restored; /* what the frame took out of force, or unpinned, and is still so */
};

/*
 * Undoes the steps that `outcome` counts as done, the last first. A link that was detached is made
 * anew from its map; the kernel gives the new one another id. What is left in `holding` is for
 * holding_keep_restored().
 */
void undo_steps(const struct plan *plan, struct holding *holding, struct outcome *outcome,
		struct leftovers *left);

#endif

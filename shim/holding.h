/* What a frame made, and what it took out of force: its slots, alive until they are released. */
#ifndef HOLDING_H
#define HOLDING_H

#include "plan.h"

struct held {
	int fd; /* or -1 */
	uint32_t kind;
	uint32_t id;	 /* the kernel's; 0 if it did not tell */
	bool registered; /* a legacy struct_ops map, registered by this frame */
	bool kept;	 /* pinned, so it outlives us */
	bool found;	 /* a pinned map that was there before */
	bool restored;	 /* a new link in the place of one that this frame had detached */
	bool watched;	 /* the kernel tells when it drops this link */
	int old_map;	 /* what a link had before this frame took it out of force, or -1 */
	void *arena;	 /* where it is mapped, or NULL */
	uint64_t arena_size;
	char *name; /* of a link: what the plan calls it; or NULL */
};

struct holding {
	struct holding *older;
	uint32_t frame;
	uint32_t slot_count;
	uint16_t *pins; /* by step: 0, or one more than the directories made for its pin */
	struct held slots[];
};

/* A holding of empty slots, or NULL without memory. */
struct holding *holding_new(const struct plan *plan, uint32_t frame);

/* Puts what a step returned into its slot. */
void holding_fill(struct holding *holding, uint32_t slot, int fd, uint32_t kind);

void held_close(struct held *held);

/* Takes back a legacy registration. Whether it is out of force. */
bool held_unregister(struct held *held);

/*
 * Deletes every legacy registration that is not kept, unmaps every arena and closes every fd, those
 * of links first. Returns how many registrations could not be deleted, so are still in force.
 */
uint32_t holding_release(struct holding *holding);

/* Of a frame that is done: what was there before it, and may have been swapped out, is not kept. */
void holding_let_go_of_got(struct holding *holding);

/* Of a frame that was undone: closes all but the links that would go out of force with their fd.
 * Whether there are such. */
bool holding_keep_restored(struct holding *holding);

/* Whether anything of it is in force that may be dropped by the kernel, or by us at the end. */
bool holding_in_force(const struct holding *holding);

/* Whether it has anything that would go with this process: not only what was there before. */
bool holding_is_needed(const struct holding *holding);

void holding_free(struct holding *holding);

#endif

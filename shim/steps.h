/* The steps that are more than one bpf(2) call: pins, and what was there before the frame. */
#ifndef STEPS_H
#define STEPS_H

#include "execute.h"

/*
 * Carries out step `index`, whose patches are applied. The fd that it yields, 0, or a negative
 * errno. false in *done: it is none of these steps.
 */
int step_carry_out(const struct plan *plan, uint32_t index, struct holding *holding,
		   struct outcome *outcome, bool *done);

/*
 * Puts a struct_ops map in the place of the one that the link has. Linux crashes when it is the
 * same (tcp_update_congestion_control(): the list entry is added twice), so this never asks for
 * that: -EALREADY. `flags` and `old_map_fd` are those of BPF_LINK_UPDATE.
 */
int link_update(int link_fd, int map_fd, uint32_t flags, int old_map_fd);

/* Registers the map by a new link: its fd or a negative errno. */
int link_create(int map_fd);

/* ns of the monotonic clock. */
uint64_t now_ns(void);

#endif

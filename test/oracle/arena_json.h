/* What libbpf writes into an arena, as the step that stands for it in a plan. */
#ifndef ARENA_JSON_H
#define ARENA_JSON_H

#include "step_json.h"

/* To be told of every call, after its step has been written: it may be of an arena. */
void watch_arena(const struct bpf_call *call);

/*
 * Writes STRUCTOPS_ARENA_MAP for the arena that was made last, once; nothing without one. libbpf
 * fills an arena right after it has made it: to be called before the next step and at the end. No
 * call tells where libbpf copies how much to, so `data` goes from the first to the last byte of
 * the memory that is not zero.
 */
void write_arena(struct step_writer *writer);

#endif

/* What the attr image of a step says, and what its patches will put there. */
#ifndef ATTR_H
#define ATTR_H

#include "permit.h"

/* Where in an attr the fields lie that more than the table of permit.c looks at. */
enum {
	/* BPF_MAP_CREATE, STRUCTOPS_PINNED_MAP */
	MAP_TYPE_AT = 0,
	KEY_SIZE_AT = 4,
	VALUE_SIZE_AT = 8,
	MAX_ENTRIES_AT = 12,
	MAP_FLAGS_AT = 16,
	MAP_EXTRA_AT = 64,
	PINNED_MAP_PATH_AT = 96,
	/* BPF_PROG_LOAD */
	PROG_TYPE_AT = 0,
	/* All that are about one map of the frame */
	MAP_FD_AT = 0,
	/* BPF_PROG_ASSOC_STRUCT_OPS, beside the map */
	PROG_FD_AT = 4,
	/* BPF_LINK_CREATE, beside the map */
	ATTACH_TYPE_AT = 8,
	/* BPF_LINK_UPDATE, and the first of BPF_LINK_DETACH */
	LINK_FD_AT = 0,
	NEW_MAP_FD_AT = 4,
	LINK_FLAGS_AT = 8,
	OLD_MAP_FD_AT = 12,
	/* BPF_OBJ_PIN, BPF_OBJ_GET, STRUCTOPS_UNPIN */
	PATH_AT = 0,
	PIN_FD_AT = 8,
	/* STRUCTOPS_ARENA_MAP, beside the map */
	ARENA_OFFSET_AT = 8,
	ARENA_DATA_AT = 16,
	ARENA_DATA_SIZE_AT = 24,
};

/* A little-endian field of an attr image. */
uint32_t attr_u32(const struct plan *plan, const struct plan_step *step, uint32_t at);
uint64_t attr_u64(const struct plan *plan, const struct plan_step *step, uint32_t at);

/* The patch into the attr image at `at`, or NULL. */
const struct plan_patch *patch_at(const struct plan *plan, const struct plan_step *step,
				  uint32_t at);

/* The step that made the fd of kind `kind` which a patch puts at `at`, or NULL. */
const struct plan_step *maker_of(const struct plan *plan, const struct plan_step *step, uint32_t at,
				 enum slot_kind kind);

/*
 * The step of this frame that made the map in `map_fd` of a MAP_UPDATE_ELEM, MAP_DELETE_ELEM or
 * STRUCTOPS_ARENA_MAP; NULL for a map that was there before.
 */
const struct plan_step *map_of(const struct plan *plan, const struct plan_step *step);

/* The slot whose fd a patch puts at `at` of the attr image, or PLAN_NONE. */
uint32_t slot_at(const struct plan *plan, const struct plan_step *step, uint32_t at);

/* The path that the attr's address at `at` will point to. */
const char *path_at(const struct plan *plan, const struct plan_step *step, uint32_t at);

/*
 * The slot of the struct_ops map that `step` registers by writing its value (a "legacy" map, made
 * without BPF_F_LINK), or PLAN_NONE. Such a registration outlives its process.
 */
uint32_t registered_slot(const struct plan *plan, const struct plan_step *step);

/* Bytes of the arena that the MAP_CREATE `map` makes: its max_entries are pages. */
uint64_t arena_size(const struct plan *plan, const struct plan_step *map);

#endif

#include <errno.h>
#include <linux/bpf.h>
#include <unistd.h>
#include "object_info.h"
#include "pins.h"
#include "steps.h"
#include "undo.h"

/* Whether the link is in force again: with the map that it had, by a link in its place. */
static bool attach_again(struct held *link, struct outcome *outcome)
{
	int fd;

	if (link->old_map < 0)
		return true; /* it was out of force before */
	fd = link_create(link->old_map);
	outcome->gap_ns = now_ns() - outcome->gap_from;
	if (fd < 0)
		return false;
	close(link->fd);
	link->fd = fd;
	link->id = object_id_of(fd);
	link->restored = true;
	return true;
}

/* Whether the pin is there again. The link that it kept may be another by now. */
static bool pin_again(const char *path, struct held *held)
{
	uint16_t directories;

	if (pins_add(path, held->fd, &directories) < 0)
		return false;
	held->kept = true;
	return true;
}

static bool update_back(const struct held *link)
{
	int error;

	if (link->old_map < 0)
		return true;
	error = link_update(link->fd, link->old_map, 0, 0);
	return error == 0 || error == -EALREADY;
}

static void remove_pin(const struct plan *plan, uint32_t index, struct holding *holding,
		       struct leftovers *left)
{
	const struct plan_step *step = &plan->steps[index];
	const char *path =
		path_at(plan, step, step->cmd == BPF_OBJ_PIN ? PATH_AT : PINNED_MAP_PATH_AT);

	if (holding->pins[index] != 0 &&
	    pins_remove(path, (uint16_t)(holding->pins[index] - 1)) < 0)
		left->pinned++;
}

static void unregister(const struct plan *plan, const struct plan_step *step,
		       struct holding *holding, struct leftovers *left)
{
	uint32_t slot = registered_slot(plan, step);

	if (slot != PLAN_NONE && holding->slots[slot].registered &&
	    !held_unregister(&holding->slots[slot]))
		left->registered++;
}

static void undo_step(const struct plan *plan, uint32_t index, struct holding *holding,
		      struct outcome *outcome, struct leftovers *left)
{
	const struct plan_step *step = &plan->steps[index];
	uint32_t slot = slot_at(plan, step, MAP_FD_AT); /* or LINK_FD_AT */
	struct held *held = slot != PLAN_NONE ? &holding->slots[slot] : NULL;
	bool got = held != NULL && (held->kind & (SLOT_GOT_MAP | SLOT_GOT_LINK)) != 0;

	switch (step->cmd) {
	case BPF_OBJ_PIN:
	case STRUCTOPS_PINNED_MAP:
		remove_pin(plan, index, holding, left);
		break;
	case STRUCTOPS_UNPIN:
		if (!pin_again(path_at(plan, step, PATH_AT),
			       &holding->slots[slot_at(plan, step, PIN_FD_AT)]))
			left->not_restored++;
		break;
	case BPF_MAP_UPDATE_ELEM:
		unregister(plan, step, holding, left);
		break;
	case BPF_MAP_DELETE_ELEM:
		/* The kernel registers no map twice that has no link. */
		left->not_restored += got;
		break;
	case BPF_LINK_CREATE:
		held_close(&holding->slots[step->slot]);
		break;
	case BPF_LINK_UPDATE:
		left->not_restored += got && !update_back(held);
		break;
	case BPF_LINK_DETACH:
		left->not_restored += got && !attach_again(held, outcome);
		break;
	default:
		break; /* its fd is closed with the others */
	}
}

void undo_steps(const struct plan *plan, struct holding *holding, struct outcome *outcome,
		struct leftovers *left)
{
	*left = (struct leftovers){0};
	for (uint32_t i = outcome->steps_done; i-- > 0;)
		undo_step(plan, i, holding, outcome, left);
}

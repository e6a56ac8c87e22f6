#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "list.h"
#include "object_info.h"
#include "pins.h"
#include "steps.h"
#include "sys_bpf.h"

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int link_create(int map_fd)
{
	/* The field of the map is prog_fd in older headers. */
	union bpf_attr attr = {.link_create = {.prog_fd = (uint32_t)map_fd,
					       .attach_type = ATTACH_TYPE_STRUCT_OPS}};

	return sys_bpf(BPF_LINK_CREATE, &attr, 64);
}

int link_update(int link_fd, int map_fd, uint32_t flags, int old_map_fd)
{
	union bpf_attr attr = {.link_update = {.link_fd = (uint32_t)link_fd,
					       .new_prog_fd = (uint32_t)map_fd,
					       .flags = flags,
					       .old_prog_fd = (uint32_t)old_map_fd}};
	uint32_t map_id = object_id_of(map_fd);
	struct object_info info;
	int error = object_info(link_fd, &info);

	if (error < 0)
		return error;
	/* Without both ids it cannot be known. */
	if (map_id == 0 || !is_struct_ops_link(&info))
		return -EINVAL;
	return info.words[LINK_INFO_MAP] == map_id ? -EALREADY
						   : sys_bpf(BPF_LINK_UPDATE, &attr, 16);
}

static int fail(struct outcome *outcome, const char *reason, int error)
{
	outcome->why = (struct step_failure){.reason = reason, .error = error};
	return error;
}

/* What was there before the frame is let in only if it is of struct_ops. */
static int let_in(int fd, bool link, struct outcome *outcome)
{
	struct object_info info;
	int error = fd < 0 ? fd : object_info(fd, &info);

	if (error < 0) {
		if (fd >= 0)
			close(fd);
		return error;
	}
	if (link ? is_struct_ops_link(&info) : is_struct_ops_map(&info))
		return fd;
	close(fd);
	return fail(outcome, "not_struct_ops", -EINVAL);
}

static bool is_as_wanted(const struct plan *plan, const struct plan_step *step, int fd)
{
	struct object_info info;
	uint32_t type = attr_u32(plan, step, MAP_TYPE_AT), ignored = 0;
	uint64_t extra;

	if (object_info(fd, &info) < 0)
		return false;
	/* The kernel adds this flag to maps of devices by itself. */
	if (type == BPF_MAP_TYPE_DEVMAP || type == BPF_MAP_TYPE_DEVMAP_HASH)
		ignored = BPF_F_RDONLY_PROG;
	memcpy(&extra, &info.words[MAP_INFO_EXTRA], sizeof(extra));
	return info.words[INFO_TYPE] == type &&
	       info.words[MAP_INFO_KEY_SIZE] == attr_u32(plan, step, KEY_SIZE_AT) &&
	       info.words[MAP_INFO_VALUE_SIZE] == attr_u32(plan, step, VALUE_SIZE_AT) &&
	       info.words[MAP_INFO_MAX_ENTRIES] == attr_u32(plan, step, MAX_ENTRIES_AT) &&
	       ((info.words[MAP_INFO_FLAGS] ^ attr_u32(plan, step, MAP_FLAGS_AT)) & ~ignored) ==
		       0 &&
	       extra == attr_u64(plan, step, MAP_EXTRA_AT);
}

static int add_pin(const char *path, int fd, uint32_t index, struct holding *holding)
{
	uint16_t directories;
	int error = pins_add(path, fd, &directories);

	if (error == 0)
		holding->pins[index] = (uint16_t)(1 + directories);
	return error;
}

/* bpf_object__reuse_map() of libbpf; twice, if another process is quicker to pin its own. */
static int pinned_map(const struct plan *plan, uint32_t index, struct holding *holding,
		      struct outcome *outcome)
{
	const struct plan_step *step = &plan->steps[index];
	const char *path = path_at(plan, step, PINNED_MAP_PATH_AT);
	int fd, error = -EEXIST;

	for (int tries = 2; error == -EEXIST && tries > 0; tries--) {
		fd = pins_get(path);
		if (fd >= 0 && !is_as_wanted(plan, step, fd)) {
			close(fd);
			return fail(outcome, "pin_differs", -EINVAL);
		}
		if (fd != -ENOENT)
			return fd;
		fd = sys_bpf(BPF_MAP_CREATE, plan->blob + step->attr, 92);
		if (fd < 0)
			return fd;
		error = add_pin(path, fd, index, holding);
		if (error == 0)
			return fd;
		close(fd);
	}
	return error;
}

static int unpin(const struct plan *plan, const struct plan_step *step, struct held *held,
		 struct outcome *outcome)
{
	const char *path = path_at(plan, step, PATH_AT);
	int fd = pins_get(path);
	bool same = fd >= 0 && is_same_object(fd, held->fd);

	if (fd < 0)
		return fd;
	close(fd);
	return same ? pins_remove(path, 0) : fail(outcome, "pin_is_other", -ESTALE);
}

/*
 * Before a step takes out of force what was there: its map, to put it back if a later step fails.
 * The link of this frame just goes.
 */
static int remember_map(const struct plan *plan, uint32_t index, struct held *link)
{
	union bpf_attr attr = {0};
	struct object_info info;
	int error;

	if (link->kind != SLOT_GOT_LINK || link->old_map >= 0)
		return 0;
	error = object_info(link->fd, &info);
	attr.map_id = info.words[LINK_INFO_MAP];
	if (error < 0 || attr.map_id == 0)
		return error; /* nothing is in force */
	link->old_map = sys_bpf(BPF_MAP_GET_FD_BY_ID, &attr, 12);
	/* Of a last step that is done, only our own end would have to be undone. */
	return link->old_map < 0 && index + 1 < plan->head->step_count ? link->old_map : 0;
}

static int detach_link(const struct plan *plan, uint32_t index, struct held *link,
		       struct outcome *outcome)
{
	const struct plan_step *step = &plan->steps[index];
	int error = remember_map(plan, index, link);

	if (outcome->gap_from == 0)
		outcome->gap_from = now_ns();
	return error < 0 ? error : sys_bpf(step->cmd, plan->blob + step->attr, step->attr_size);
}

static int update_link(const struct plan *plan, uint32_t index, struct holding *holding,
		       struct outcome *outcome)
{
	const struct plan_step *step = &plan->steps[index];
	uint32_t old = slot_at(plan, step, OLD_MAP_FD_AT);
	struct held *link = &holding->slots[slot_at(plan, step, LINK_FD_AT)];
	int map_fd = holding->slots[slot_at(plan, step, NEW_MAP_FD_AT)].fd;
	int error = remember_map(plan, index, link);

	if (error < 0)
		return error;
	error = link_update(link->fd, map_fd, attr_u32(plan, step, LINK_FLAGS_AT),
			    old != PLAN_NONE ? holding->slots[old].fd : 0);
	return error == -EALREADY ? fail(outcome, "same_map", error) : error;
}

static bool has_path(uint32_t cmd)
{
	return cmd == BPF_OBJ_PIN || cmd == BPF_OBJ_GET || cmd == STRUCTOPS_PINNED_MAP ||
	       cmd == STRUCTOPS_UNPIN;
}

int step_carry_out(const struct plan *plan, uint32_t index, struct holding *holding,
		   struct outcome *outcome, bool *done)
{
	const struct plan_step *step = &plan->steps[index];
	uint8_t *attr = plan->blob + step->attr;
	bool link = (step->flags & STEP_GETS_LINK) != 0 || step->cmd == BPF_LINK_GET_FD_BY_ID;

	*done = true;
	if (has_path(step->cmd) && !pins_have_root())
		return fail(outcome, "no_pin_root", -ENOENT);
	switch (step->cmd) {
	case BPF_OBJ_PIN:
		return add_pin(path_at(plan, step, PATH_AT),
			       holding->slots[slot_at(plan, step, PIN_FD_AT)].fd, index, holding);
	case BPF_OBJ_GET:
		return let_in(pins_get(path_at(plan, step, PATH_AT)), link, outcome);
	case BPF_MAP_GET_FD_BY_ID:
	case BPF_LINK_GET_FD_BY_ID:
		return let_in(sys_bpf(step->cmd, attr, step->attr_size), link, outcome);
	case BPF_LINK_DETACH:
		return detach_link(plan, index, &holding->slots[slot_at(plan, step, LINK_FD_AT)],
				   outcome);
	case BPF_LINK_UPDATE:
		return update_link(plan, index, holding, outcome);
	case STRUCTOPS_PINNED_MAP:
		return pinned_map(plan, index, holding, outcome);
	case STRUCTOPS_UNPIN:
		return unpin(plan, step, &holding->slots[slot_at(plan, step, PIN_FD_AT)], outcome);
	case STRUCTOPS_LIST:
		return list_is_permitted();
	default:
		*done = false;
		return 0;
	}
}

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <unistd.h>
#include "arena.h"
#include "holding.h"
#include "object_info.h"
#include "permit.h"
#include "sys_bpf.h"

struct holding *holding_new(const struct plan *plan, uint32_t frame)
{
	uint32_t count = plan->head->slot_count;
	struct holding *holding = malloc(sizeof(*holding) + count * sizeof(holding->slots[0]));
	uint16_t *pins = calloc(plan->head->step_count + 1u, sizeof(*pins));

	if (holding == NULL || pins == NULL) {
		free(holding);
		free(pins);
		return NULL;
	}
	for (uint32_t i = 0; i < count; i++)
		holding->slots[i] = (struct held){.fd = -1, .old_map = -1};
	*holding = (struct holding){.frame = frame, .slot_count = count, .pins = pins};
	return holding;
}

void holding_fill(struct holding *holding, uint32_t slot, int fd, uint32_t kind)
{
	bool btf = kind == SLOT_BTF || kind == SLOT_MODULE;

	holding->slots[slot] = (struct held){.fd = fd, .kind = kind, .old_map = -1};
	holding->slots[slot].id = btf ? btf_id_of(fd) : object_id_of(fd);
}

void held_close(struct held *held)
{
	arena_unmap(held);
	if (held->fd >= 0)
		close(held->fd);
	if (held->old_map >= 0)
		close(held->old_map);
	free(held->name);
	held->fd = held->old_map = -1;
	held->name = NULL;
}

bool held_unregister(struct held *held)
{
	const uint32_t key = 0;
	union bpf_attr attr = {.map_fd = (uint32_t)held->fd, .key = (uintptr_t)&key};

	int error = sys_bpf(BPF_MAP_DELETE_ELEM, &attr, 32);

	held->registered = false;
	/* Others may have deleted it. */
	return error == 0 || error == -EINPROGRESS;
}

static void close_slots(struct holding *holding, uint32_t kinds)
{
	for (uint32_t i = 0; i < holding->slot_count; i++) {
		if ((holding->slots[i].kind & kinds) != 0)
			held_close(&holding->slots[i]);
	}
}

uint32_t holding_release(struct holding *holding)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < holding->slot_count; i++) {
		struct held *held = &holding->slots[i];

		if (held->registered && !held->kept && !held_unregister(held))
			left++;
	}
	close_slots(holding, SLOT_ANY_LINK);
	close_slots(holding, ~0u);
	return left;
}

void holding_let_go_of_got(struct holding *holding)
{
	close_slots(holding, SLOT_GOT_MAP | SLOT_GOT_LINK);
}

bool holding_keep_restored(struct holding *holding)
{
	bool any = false;

	for (uint32_t i = 0; i < holding->slot_count; i++) {
		struct held *held = &holding->slots[i];

		if (held->restored && !held->kept)
			any = true;
		else
			held_close(held);
	}
	return any;
}

bool holding_in_force(const struct holding *holding)
{
	for (uint32_t i = 0; i < holding->slot_count; i++) {
		const struct held *held = &holding->slots[i];

		if (held->registered ||
		    (held->fd >= 0 && (held->kind == SLOT_LINK || held->restored)))
			return true;
	}
	return false;
}

bool holding_is_needed(const struct holding *holding)
{
	for (uint32_t i = 0; i < holding->slot_count; i++) {
		const struct held *held = &holding->slots[i];
		bool got = held->kind == SLOT_GOT_MAP || held->kind == SLOT_GOT_LINK;

		if (held->fd >= 0 && (!got || held->restored))
			return true;
	}
	return false;
}

void holding_free(struct holding *holding)
{
	free(holding->pins);
	free(holding);
}

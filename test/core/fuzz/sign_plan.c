#include "sign_plan.h"

#include <string.h>

#include "../../../shim/hash.h"
#include "../../../shim/plan_wire.h"

void sign_plan(uint8_t *frame, size_t size)
{
	struct plan_head *head = (struct plan_head *)frame;

	memcpy(head->magic, PLAN_MAGIC, sizeof(head->magic));
	head->version = PLAN_VERSION;
	head->frame_size = (uint32_t)size;
	sha256(frame, size - PLAN_DIGEST_SIZE, frame + size - PLAN_DIGEST_SIZE);
}

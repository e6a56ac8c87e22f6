/* What anybody can make right in a plan: magic, version, size and digest. */
#ifndef SIGN_PLAN_H
#define SIGN_PLAN_H

#include <stddef.h>
#include <stdint.h>

/* @size: that of a head and a digest at least. */
void sign_plan(uint8_t *frame, size_t size);

#endif

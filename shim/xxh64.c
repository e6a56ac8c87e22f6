#include <string.h>
#include "hash.h"

/* The algorithm's five primes. */
#define P1 0x9e3779b185ebca87u
#define P2 0xc2b2ae3d27d4eb4fu
#define P3 0x165667b19e3779f9u
#define P4 0x85ebca77c2b2ae63u
#define P5 0x27d4eb2f165667c5u

static uint64_t rotate(uint64_t x, unsigned int by)
{
	return x << by | x >> (64 - by);
}

/* Little-endian machines only: plan_wire.h sees to that. */
static uint64_t word(const uint8_t *bytes, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, bytes, size);
	return value;
}

static uint64_t mix(uint64_t lane, uint64_t input)
{
	return rotate(lane + input * P2, 31) * P1;
}

/* The lanes stay in registers: a kernel's BTF has 170,000 stripes. */
static void add_stripes(struct xxh64 *hash, const uint8_t *bytes, size_t count)
{
	uint64_t a = hash->lanes[0], b = hash->lanes[1], c = hash->lanes[2], d = hash->lanes[3];

	for (; count > 0; count--, bytes += 32) {
		a = mix(a, word(bytes, 8));
		b = mix(b, word(bytes + 8, 8));
		c = mix(c, word(bytes + 16, 8));
		d = mix(d, word(bytes + 24, 8));
	}
	hash->lanes[0] = a;
	hash->lanes[1] = b;
	hash->lanes[2] = c;
	hash->lanes[3] = d;
}

void xxh64_begin(struct xxh64 *hash)
{
	*hash = (struct xxh64){.lanes = {P1 + P2, P2, 0, 0 - P1}};
}

void xxh64_add(struct xxh64 *hash, const uint8_t *bytes, size_t size)
{
	size_t waiting = hash->size % 32;

	hash->size += size;
	if (waiting + size >= 32 && waiting != 0) {
		size_t taken = 32 - waiting;

		memcpy(hash->pending + waiting, bytes, taken);
		add_stripes(hash, hash->pending, 1);
		bytes += taken;
		size -= taken;
		waiting = 0;
	}
	if (waiting == 0) {
		add_stripes(hash, bytes, size / 32);
		bytes += size / 32 * 32;
		size %= 32;
	}
	memcpy(hash->pending + waiting, bytes, size);
}

uint64_t xxh64_end(const struct xxh64 *hash)
{
	const uint8_t *rest = hash->pending;
	size_t size = hash->size % 32;
	uint64_t sum = P5;

	if (hash->size >= 32) {
		sum = rotate(hash->lanes[0], 1) + rotate(hash->lanes[1], 7) +
		      rotate(hash->lanes[2], 12) + rotate(hash->lanes[3], 18);
		for (int i = 0; i < 4; i++)
			sum = (sum ^ mix(0, hash->lanes[i])) * P1 + P4;
	}
	sum += hash->size;
	for (; size >= 8; rest += 8, size -= 8)
		sum = rotate(sum ^ mix(0, word(rest, 8)), 27) * P1 + P4;
	if (size >= 4) {
		sum = rotate(sum ^ word(rest, 4) * P1, 23) * P2 + P3;
		rest += 4;
		size -= 4;
	}
	for (; size > 0; rest++, size--)
		sum = rotate(sum ^ *rest * P5, 11) * P1;
	sum = (sum ^ sum >> 33) * P2;
	sum = (sum ^ sum >> 29) * P3;
	return sum ^ sum >> 32;
}

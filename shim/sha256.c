#include <string.h>
#include "hash.h"
#include "sha256_constants.h"

static uint32_t rotate(uint32_t x, unsigned int by)
{
	return x >> by | x << (32 - by);
}

static uint32_t big_endian(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static void add_block(uint32_t state[8], const uint8_t block[64])
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	uint32_t w[64];

	for (int i = 0; i < 16; i++)
		w[i] = big_endian(block + 4 * i);
	for (int i = 16; i < 64; i++) {
		uint32_t x = w[i - 15], y = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] + (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) +
		       (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
	}
	for (int i = 0; i < 64; i++) {
		uint32_t choice = (e & f) ^ (~e & g), majority = (a & b) ^ (a & c) ^ (b & c);
		uint32_t t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice +
			      round_constants[i] + w[i];
		uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;

		h = g, g = f, f = e, e = d + t1;
		d = c, c = b, b = a, a = t1 + t2;
	}
	state[0] += a, state[1] += b, state[2] += c, state[3] += d;
	state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void sha256(const uint8_t *bytes, size_t size, uint8_t digest[32])
{
	uint32_t state[8];
	uint8_t last[128] = {0};
	size_t tail = size % 64, padded = tail < 56 ? 64 : 128;
	uint64_t bits = (uint64_t)size * 8;

	memcpy(state, initial_state, sizeof(state));
	for (size_t at = 0; at + 64 <= size; at += 64)
		add_block(state, bytes + at);
	if (tail != 0)
		memcpy(last, bytes + size - tail, tail);
	last[tail] = 0x80;
	for (unsigned int i = 0; i < 8; i++)
		last[padded - 1 - i] = (uint8_t)(bits >> 8 * i);
	for (size_t at = 0; at < padded; at += 64)
		add_block(state, last + at);
	for (int i = 0; i < 32; i++)
		digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

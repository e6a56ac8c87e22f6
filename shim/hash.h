/* The two digests of a plan: SHA-256 names the frame, XXH64 names a kernel's BTF. */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

/* FIPS 180-4. */
void sha256(const uint8_t *bytes, size_t size, uint8_t digest[32]);

/* XXH64 with seed 0, over bytes that come in pieces. */
struct xxh64 {
	uint64_t lanes[4];
	uint64_t size;	     /* bytes so far */
	uint8_t pending[32]; /* the first size % 32 of them wait to fill a stripe */
};

void xxh64_begin(struct xxh64 *hash);
void xxh64_add(struct xxh64 *hash, const uint8_t *bytes, size_t size);
uint64_t xxh64_end(const struct xxh64 *hash);

#endif

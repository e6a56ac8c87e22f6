#include "fast_sha256.h"

#include <string.h>

#ifdef __x86_64__

#include <cpuid.h>
#include <immintrin.h>

#include "../shim/sha256_constants.h"

#define BLOCK_SIZE 64
#define LEAF_FEATURES 7

bool has_fast_sha256(void)
{
	unsigned int eax, ebx, ecx, edx;

	/* Whatever has these instructions has SSE4.1 as well. */
	return __get_cpuid_count(LEAF_FEATURES, 0, &eax, &ebx, &ecx, &edx) && ebx & bit_SHA;
}

/*
 * The instructions keep the state as the words a, b, e, f and c, d, g, h, from the highest of a
 * register down. Each does two rounds; one makes the other four words of the message.
 */
__attribute__((target("sha,sse4.1"))) static void add_blocks(uint32_t state[8], const uint8_t *at,
							     size_t count)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0x1b);
	__m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
	__m128i abef = _mm_unpackhi_epi64(efgh, abcd), cdgh = _mm_unpacklo_epi64(efgh, abcd);

	for (; count > 0; count--, at += BLOCK_SIZE) {
		__m128i abef_before = abef, cdgh_before = cdgh, w[4];

#pragma GCC unroll 16
		for (int i = 0; i < 16; i++) {
			const uint32_t *constants = round_constants + 4 * i;
			__m128i sum, *now = w + i % 4;

			if (i < 4) {
				*now = _mm_loadu_si128((const __m128i *)(at + 16 * i));
				*now = _mm_shuffle_epi8(*now, swap);
			} else {
				__m128i last = w[(i + 3) % 4];
				__m128i seven_before = _mm_alignr_epi8(last, w[(i + 2) % 4], 4);

				*now = _mm_sha256msg1_epu32(*now, w[(i + 1) % 4]);
				*now = _mm_add_epi32(*now, seven_before);
				*now = _mm_sha256msg2_epu32(*now, last);
			}
			sum = _mm_add_epi32(*now, _mm_loadu_si128((const __m128i *)constants));
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_srli_si128(sum, 8));
		}
		abef = _mm_add_epi32(abef, abef_before);
		cdgh = _mm_add_epi32(cdgh, cdgh_before);
	}
	abcd = _mm_unpackhi_epi64(cdgh, abef);
	efgh = _mm_unpacklo_epi64(cdgh, abef);
	_mm_storeu_si128((__m128i *)state, _mm_shuffle_epi32(abcd, 0x1b));
	_mm_storeu_si128((__m128i *)(state + 4), _mm_shuffle_epi32(efgh, 0x1b));
}

void fast_sha256(const uint8_t *bytes, size_t size, uint8_t digest[32])
{
	uint32_t state[8];
	uint8_t last[2 * BLOCK_SIZE] = {0};
	size_t rest = size % BLOCK_SIZE, blocks = rest < BLOCK_SIZE - 8 ? 1 : 2;
	uint64_t bits = __builtin_bswap64((uint64_t)size * 8);

	memcpy(state, initial_state, sizeof(state));
	add_blocks(state, bytes, size / BLOCK_SIZE);
	if (rest != 0)
		memcpy(last, bytes + size - rest, rest);
	last[rest] = 0x80;
	memcpy(last + blocks * BLOCK_SIZE - sizeof(bits), &bits, sizeof(bits));
	add_blocks(state, last, blocks);
	for (int i = 0; i < 8; i++) {
		uint32_t word = __builtin_bswap32(state[i]);

		memcpy(digest + 4 * i, &word, sizeof(word));
	}
}

#else

/* Elsewhere the core hashes for itself. */
bool has_fast_sha256(void)
{
	return false;
}

void fast_sha256(const uint8_t *bytes, size_t size, uint8_t digest[32])
{
	(void)bytes, (void)size, (void)digest;
}

#endif

#ifndef FAST_SHA256_H
#define FAST_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SHA-256 by the processor's own instructions (x86-64: SHA-NI): for large plans, which
 * are mostly the hashing of them. */

bool has_fast_sha256(void);

/* Only where the processor has it. */
void fast_sha256(const uint8_t *bytes, size_t size, uint8_t digest[32]);

#endif

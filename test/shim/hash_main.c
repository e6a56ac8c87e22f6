/* Digests of standard input: SHA-256 and XXH64, the latter taken in pieces of argv[1] bytes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "../../shim/hash.h"

int main(int argc, char **argv)
{
	static uint8_t bytes[16 << 20];
	size_t size = fread(bytes, 1, sizeof(bytes), stdin);
	size_t piece = argc > 1 ? (size_t)atoi(argv[1]) : sizeof(bytes);
	uint8_t digest[32];
	struct xxh64 hash;

	sha256(bytes, size, digest);
	xxh64_begin(&hash);
	for (size_t at = 0; at < size; at += piece)
		xxh64_add(&hash, bytes + at, size - at < piece ? size - at : piece);
	for (int i = 0; i < 32; i++)
		printf("%02x", digest[i]);
	printf(" %016" PRIx64 "\n", xxh64_end(&hash));
	return 0;
}

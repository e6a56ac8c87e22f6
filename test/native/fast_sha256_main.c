/* fast_sha256() of the first 0 to argv[1] bytes of standard input, a line each; "none" where the
 * processor has none. */
#include <stdio.h>
#include <stdlib.h>
#include "../../native/fast_sha256.h"

int main(int argc, char **argv)
{
	static uint8_t bytes[1 << 20];
	size_t size = fread(bytes, 1, sizeof(bytes), stdin);
	size_t most = argc > 1 ? (size_t)atoi(argv[1]) : 0;
	uint8_t digest[32];

	if (!has_fast_sha256())
		return puts("none") < 0;
	for (size_t length = 0; length <= most && length <= size; length++) {
		fast_sha256(bytes, length, digest);
		for (int i = 0; i < 32; i++)
			printf("%02x", digest[i]);
		putchar('\n');
	}
	return 0;
}

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "json.h"

void put_string(const char *key, const void *bytes, size_t size)
{
	const uint8_t *text = bytes;

	printf(",\"%s\":\"", key);
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '"' || text[i] == '\\')
			printf("\\%c", text[i]);
		else if (text[i] < 0x20)
			printf("\\u%04x", text[i]);
		else
			putchar(text[i]);
	}
	putchar('"');
}

void put_name(const char *key, const char *name)
{
	put_string(key, name, strlen(name));
}

void put_number(const char *key, uint64_t number)
{
	printf(",\"%s\":%" PRIu64, key, number);
}

void put_hex(const char *key, const uint8_t *bytes, size_t size)
{
	printf(",\"%s\":\"", key);
	for (size_t i = 0; i < size; i++)
		printf("%02x", bytes[i]);
	putchar('"');
}

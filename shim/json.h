/* Members of a JSON object, on standard output; each with a comma before it. */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>

/* Names and logs are not ours: bytes that are no UTF-8 go out as they came. */
void put_string(const char *key, const void *bytes, size_t size);
void put_name(const char *key, const char *name);
void put_number(const char *key, uint64_t number);
void put_hex(const char *key, const uint8_t *bytes, size_t size);

#endif

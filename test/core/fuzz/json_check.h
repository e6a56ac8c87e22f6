/* Whether bytes are JSON (RFC 8259) in UTF-8: all that hosts need to read an output. */
#ifndef JSON_CHECK_H
#define JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool is_json(const uint8_t *bytes, size_t size);

#endif

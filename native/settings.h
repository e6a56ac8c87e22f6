#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

/* The settings of the command line as the lines of docs/embedding.md, "Options", in the order in
 * which `structops` writes them. */

/* Whether `flag` is a setting; `takes_value` says whether an argument follows it. */
bool is_setting(const char *flag, bool *takes_value);

/* Keeps one. NULL, or what is wrong with it. */
const char *add_setting(const char *flag, const char *value);

/* All lines, to be freed; their length in `size`. */
char *setting_lines(size_t *size);

#endif

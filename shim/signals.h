/* The three signals that ask the executor to end: it lets go of what it holds first. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>

/* From here on SIGINT, SIGTERM and SIGHUP only wait to be asked for. 0 or a negative errno. */
int signals_block(void);

/*
 * Sleeps until `input_fd` can be read (or is at its end): 0, or until one of the signals has
 * come: its number. With -1 only for a signal. A negative errno if that cannot be done.
 */
int signals_wait(int input_fd);

bool signals_came(void);

#endif

/* The three signals that ask the executor to end: it lets go of what it holds first. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>

/* Beyond all numbers of signals. */
#define WATCH_FIRED 0x100

/* From here on SIGINT, SIGTERM and SIGHUP only wait to be asked for. 0 or a negative errno. */
int signals_block(void);

/*
 * Sleeps until `input_fd` can be read (or is at its end): 0; or until one of the signals has come:
 * its number; or until `watch_fd` can be read: WATCH_FIRED. -1 for an fd: not for that. A negative
 * errno if that cannot be done.
 */
int signals_wait(int input_fd, int watch_fd);

/* Whether a frame should end: one of the signals has come, or nobody reads our results any more. */
bool signals_came(void);

#endif

/* Tells when the kernel drops a link that we hold, as the watchdog of sched_ext does. */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>

struct held;

/* 0 or a negative errno. */
int watch_open(void);

/* Readable when a watched link was dropped. */
int watch_fd(void);

/*
 * Watches a link until its fd is closed. False: this kernel does not tell; struct_ops links do
 * since Linux 6.11.
 */
bool watch_add(struct held *link);

/* A link that was dropped, or NULL. It is told again until its fd is closed. */
struct held *watch_next(void);

#endif

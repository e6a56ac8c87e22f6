/* sd_notify(3), in the few words that are needed; only with --notify. */
#ifndef NOTIFY_H
#define NOTIFY_H

/* Connects to the socket that the service manager named. 0 or a negative errno. */
int notify_open(void);

/* Such as "READY=1". Nothing without notify_open(). */
void notify(const char *state);

#endif

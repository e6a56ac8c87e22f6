/* A clock that nobody sets, for programs of the tests and of bench/ that say how long they took. */
#ifndef CLOCK_H
#define CLOCK_H

#include <time.h>

static inline unsigned long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long long)now.tv_sec * 1000000000ull + (unsigned long long)now.tv_nsec;
}

static inline double now_ms(void)
{
	return (double)now_ns() / 1e6;
}

#endif

#include "../../shim/confine.h"

/* In place of shim/confine.c: sanitizers need more system calls than it leaves. */
int confine(bool privileged, const char **doing)
{
	(void)privileged;
	*doing = "";
	return 0;
}

void privileges_use(uint64_t capabilities)
{
	(void)capabilities;
}

void privileges_limit(uint64_t capabilities)
{
	(void)capabilities;
}

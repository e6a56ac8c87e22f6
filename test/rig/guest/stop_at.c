/*
 * Linked into an executor for tests (-Wl,--wrap=sys_bpf): before its call STOP_AT of bpf(2) it says
 * so, by a `!` on standard error, and waits to be killed, or until its host is gone. The
 * executor that is shipped has no such thing.
 */
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int __real_sys_bpf(uint32_t cmd, void *attr, uint32_t attr_size);
int __wrap_sys_bpf(uint32_t cmd, void *attr, uint32_t attr_size);

int __wrap_sys_bpf(uint32_t cmd, void *attr, uint32_t attr_size)
{
	static int calls;
	const char *stop_at = getenv("STOP_AT");

	if (stop_at != NULL && ++calls == atoi(stop_at)) {
		/* Standard input hangs up when the host dies: then all goes on. */
		struct pollfd host = {.fd = STDIN_FILENO};

		/* If it fails, the host is dead already. */
		if (write(STDERR_FILENO, "!", 1) != 1)
			host.revents = POLLHUP;
		while ((host.revents & POLLHUP) == 0)
			poll(&host, 1, -1);
	}
	return __real_sys_bpf(cmd, attr, attr_size);
}

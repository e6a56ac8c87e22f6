#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "notify.h"

static int socket_fd = -1;

/* The one variable of the environment that is read; not for whom file capabilities raised. */
int notify_open(void)
{
	const char *path = secure_getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t size = path != NULL ? strlen(path) : 0;

	if (size < 2 || size > sizeof(address.sun_path) - 1 || (*path != '/' && *path != '@'))
		return -EINVAL;
	memcpy(address.sun_path, path, size);
	/* An abstract name begins with NUL. */
	if (*path == '@')
		address.sun_path[0] = '\0';
	socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (socket_fd < 0 ||
	    connect(socket_fd, (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)) != 0)
		return -errno;
	return 0;
}

void notify(const char *state)
{
	/* Whether anybody hears it does not change what we do. */
	if (socket_fd >= 0 && write(socket_fd, state, strlen(state)) < 0)
		return;
}

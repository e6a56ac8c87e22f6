#include <errno.h>
#include <sys/epoll.h>
#include "holding.h"
#include "watch.h"

static int epoll_fd = -1;

int watch_open(void)
{
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return epoll_fd < 0 ? -errno : 0;
}

int watch_fd(void)
{
	return epoll_fd;
}

bool watch_add(struct held *link)
{
	/* EPOLLHUP need not be asked for. */
	struct epoll_event event = {.data = {.ptr = link}};

	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, link->fd, &event) == 0;
}

struct held *watch_next(void)
{
	struct epoll_event event;

	return epoll_wait(epoll_fd, &event, 1, 0) == 1 ? event.data.ptr : NULL;
}

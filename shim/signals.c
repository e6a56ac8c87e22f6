#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "signals.h"

static int signal_fd = -1;

int signals_block(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -errno;
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	return signal_fd < 0 ? -errno : 0;
}

int signals_wait(int input_fd, int watch_fd)
{
	struct pollfd fds[] = {{.fd = signal_fd, .events = POLLIN},
			       {.fd = watch_fd, .events = POLLIN},
			       {.fd = input_fd, .events = POLLIN}};
	struct signalfd_siginfo info;

	while (poll(fds, 3, -1) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if ((fds[0].revents & POLLIN) == 0)
		return (fds[1].revents & POLLIN) != 0 ? WATCH_FIRED : 0;
	if (read(signal_fd, &info, sizeof(info)) != sizeof(info))
		return -EIO;
	return (int)info.ssi_signo;
}

bool signals_came(void)
{
	struct pollfd fds[] = {{.fd = signal_fd, .events = POLLIN},
			       {.fd = STDOUT_FILENO, .events = 0}};

	return poll(fds, 2, 0) > 0;
}

/*
 * foreground COMMAND [ARGUMENT...]
 *
 * Runs a command as a terminal would: in a process group of its own, with SIGINT at its default,
 * so that `kill -INT -PID` does what Ctrl-C does. A shell without a terminal starts its
 * background commands with SIGINT ignored.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: foreground COMMAND [ARGUMENT...]\n");
		return 2;
	}
	if (setpgid(0, 0)) {
		perror("foreground: setpgid");
		return 1;
	}
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}

/*
 * count_steps PROGRAM [ARGUMENTS]: prints the instructions that a process executes in user space,
 * which it stops after each of: on this processor, with whatever instructions the program finds
 * that it has. Some microseconds each.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

int main(int argc, char **argv)
{
	unsigned long long steps = 0;
	int status;
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
			execv(argv[1], argv + 1);
		fail(argv[1]);
	}
	for (; waitpid(pid, &status, 0) == pid && WIFSTOPPED(status); steps++) {
		int signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);

		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, signal) != 0)
			fail("PTRACE_SINGLESTEP");
	}
	if (status != 0)
		fail("the program did not end well");
	printf("%llu\n", steps);
	return 0;
}

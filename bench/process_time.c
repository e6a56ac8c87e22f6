/*
 * process_time PROGRAM [ARGUMENTS]: prints the nanoseconds from before the program is started until
 * it has ended. Its standard input is one empty line; what it prints is thrown away.
 *
 * The second of two runs counts, with in the caches what the first has left, as in the bench's
 * other rows. Node is no good judge: it takes longer to start a process than the planner to run.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../test/rig/clock.h"

extern char **environ;

static void fail(const char *what)
{
	fprintf(stderr, "process_time: %s\n", what);
	exit(1);
}

static unsigned long long run(char **command)
{
	posix_spawn_file_actions_t files;
	unsigned long long start;
	int input[2], status;
	pid_t pid;

	if (pipe2(input, O_CLOEXEC) != 0 || write(input[1], "\n", 1) != 1)
		fail("no pipe");
	close(input[1]);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, input[0], STDIN_FILENO);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	start = now_ns();
	if (posix_spawn(&pid, command[0], &files, NULL, command, environ) != 0)
		fail("cannot start the program");
	if (waitpid(pid, &status, 0) != pid || status != 0)
		fail("the program did not end well");
	start = now_ns() - start;
	posix_spawn_file_actions_destroy(&files);
	close(input[0]);
	return start;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		fail("which program?");
	run(&argv[1]);
	printf("%llu\n", run(&argv[1]));
	return 0;
}

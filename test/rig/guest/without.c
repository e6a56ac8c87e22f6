/*
 * without CAPABILITY COMMAND [ARGUMENT...]
 *
 * Runs a command that can have all capabilities but one, by its number.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: without CAPABILITY COMMAND [ARGUMENT...]\n");
		return 2;
	}
	if (prctl(PR_CAPBSET_DROP, strtoul(argv[1], NULL, 10), 0, 0, 0) != 0) {
		perror(argv[1]);
		return 1;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}

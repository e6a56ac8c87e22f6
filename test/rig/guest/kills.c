/*
 * kills EXECUTOR PLAN BEGIN|- [OPTION...]
 *
 * For every call n of bpf(2) that a plan takes: starts the executor, which stop_at.c lets stop
 * before call n, kills it or its host there with SIGKILL, and looks whether the kernel is as it
 * was. At the end once more while the plan is held. The plan BEGIN is carried out first, and again
 * after each change. A JSON line each:
 * {"victim","call","held","left","in_force","before","after","same"}; "call" counts from 1. "left"
 * are legacy struct_ops that stayed in force; they are deleted before "after" is counted.
 * "in_force" is what the only link has: the "same" map as before, an "other" one, or "none".
 * OPTIONs are the executor's. Pins of the plans are in the directory kills.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bpf_counts.h"
#include "registrations.h"

#define PINS "/sys/fs/bpf/kills"

enum victim {
	EXECUTOR,
	HOST
};
static const char *const victims[] = {"executor", "host"};

static pid_t start_executor(char **command, int input, int output, int errors, int stop_at)
{
	char number[16];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	snprintf(number, sizeof(number), "%d", stop_at);
	setenv("STOP_AT", number, 1);
	if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(errors, 2) < 0)
		die("dup2");
	execv(command[0], command);
	die(command[0]);
	return -1;
}

static void send_plan(const char *path, int to)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0)
		die(path);
	while (status.st_size > 0) {
		ssize_t sent = sendfile(to, fd, NULL, (size_t)status.st_size);

		if (sent <= 0)
			die("sendfile");
		status.st_size -= sent;
	}
	close(fd);
}

/*
 * The host: gives the executor its plan, waits until it stops or has answered, and kills it or
 * itself. Ends with 1 if the plan was carried out to its end: then it is held while they die.
 */
static void be_host(char **command, const char *plan, enum victim victim, int stop_at, int report)
{
	int input[2], word[2];
	char first;
	pid_t pid;

	/* An answer or the mark, whatever comes first: both go into one pipe. */
	if (pipe2(input, O_CLOEXEC) != 0 || pipe2(word, O_CLOEXEC) != 0)
		die("pipe2");
	pid = start_executor(command, input[0], word[1], word[1], stop_at);
	close(input[0]);
	close(word[1]);
	send_plan(plan, input[1]);
	if (read(word[0], &first, 1) != 1 || write(report, &first, 1) != 1)
		die("read the executor's word");
	/* What it says after that must not block it. */
	kill(victim == EXECUTOR ? pid : getpid(), SIGKILL);
	waitpid(pid, NULL, 0);
	exit(0);
}

/* Whether the executor had answered already. Waits for both to end: an orphan becomes ours. */
static bool kill_once(char **command, const char *plan, enum victim victim, int stop_at)
{
	int report[2];
	char first = 0;

	if (pipe2(report, O_CLOEXEC) != 0)
		die("pipe2");
	if (fork() == 0)
		be_host(command, plan, victim, stop_at, report[1]);
	close(report[1]);
	if (read(report[0], &first, 1) != 1 || (first != '!' && first != '{'))
		die("the host");
	close(report[0]);
	while (wait(NULL) > 0)
		;
	return first == '{';
}

/* The kernel at some time. */
struct state {
	struct bpf_counts counts;
	uint32_t map_in_force;
};

static int remove_pin(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status, (void)kind;
	return place->level == 0 ? 0 : remove(path);
}

/* Takes away whatever is left, and carries out BEGIN. */
static void begin_again(const char *executor, const char *begin, const struct bpf_counts *empty,
			struct state *before)
{
	struct bpf_counts counts;

	nftw(PINS, remove_pin, 8, FTW_DEPTH | FTW_PHYS);
	delete_registrations();
	if (!bpf_count_until(empty, &counts))
		die("what is left cannot be taken away");
	if (strcmp(begin, "-") != 0 && carry_out(executor, begin) != 0)
		die(begin);
	bpf_count(&before->counts);
	before->map_in_force = map_in_force();
}

/*
 * What there is after a death. Where something has to be there that was not, or is not there that
 * was, nobody waits for it to be as before.
 */
static bool is_as_before(const struct state *before, bool may_change, struct state *after)
{
	after->map_in_force = map_in_force();
	bpf_count(&after->counts);
	if (may_change && (after->map_in_force != before->map_in_force ||
			   after->counts.pins != before->counts.pins))
		return false;
	if (!bpf_count_until(&before->counts, &after->counts))
		return false;
	after->map_in_force = map_in_force();
	return after->map_in_force == before->map_in_force;
}

static void print_row(enum victim victim, int call, bool held, int left, bool same,
		      const struct state *before, const struct state *after)
{
	const char *in_force = after->map_in_force == before->map_in_force ? "same"
			       : after->map_in_force == 0		   ? "none"
									   : "other";

	printf("{\"victim\":\"%s\",\"call\":%d,\"held\":%s,\"left\":%d,\"in_force\":\"%s\","
	       "\"before\":",
	       victims[victim], call, held ? "true" : "false", left, in_force);
	bpf_counts_print(&before->counts);
	printf(",\"after\":");
	bpf_counts_print(&after->counts);
	printf(",\"same\":%s}\n", same ? "true" : "false");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct state before, after;
	struct bpf_counts empty;

	if (argc < 4) {
		fprintf(stderr, "usage: kills EXECUTOR PLAN BEGIN|- [OPTION...]\n");
		return 2;
	}
	/* EXECUTOR [OPTION...] is its command. */
	const char *plan = argv[2], *begin = argv[3];
	argv[3] = argv[1];
	/* Orphans become children of this process. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		die("prctl");
	if (mkdir(PINS, 0700) != 0 && errno != EEXIST)
		die(PINS);
	bpf_count(&empty);
	for (enum victim victim = EXECUTOR; victim <= HOST; victim++) {
		bool held = false, same = false;

		for (int call = 1; !held; call++) {
			if (!same)
				begin_again(argv[1], begin, &empty, &before);
			held = kill_once(argv + 3, plan, victim, call);
			int left = delete_registrations();

			same = is_as_before(&before, victim == EXECUTOR || held, &after);
			print_row(victim, call, held, left, same, &before, &after);
		}
	}
	begin_again(argv[1], "-", &empty, &before);
	rmdir(PINS);
	return 0;
}

/*
 * kills EXECUTOR PLAN [OPTION...]
 *
 * For every call n of bpf(2) that a plan takes: starts the executor, which stop_at.c lets stop
 * before call n, kills it or its host there with SIGKILL, and looks whether the kernel is as it
 * was. At the end once more while the plan is held. A JSON line each:
 * {"victim","call","held","left","before","after","same"}; "call" counts from 1. "left" are
 * legacy struct_ops that stayed in force; they are deleted before "after" is counted. OPTIONs are
 * the executor's.
 */
#define _GNU_SOURCE
#include <fcntl.h>
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

enum victim {
	EXECUTOR,
	HOST
};
static const char *const victims[] = {"executor", "host"};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

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

static int lookup_info(int fd, struct bpf_map_info *info)
{
	union bpf_attr attr = {.info = {.bpf_fd = (uint32_t)fd,
					.info_len = sizeof(*info),
					.info = (uintptr_t)info}};

	memset(info, 0, sizeof(*info));
	return bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

/* What SIGKILL of an executor leaves of legacy struct_ops is taken away, as others would. */
static int delete_registrations(void)
{
	union bpf_attr next = {0};
	struct bpf_map_info info;
	uint32_t key = 0;
	int deleted = 0;

	for (; bpf(BPF_MAP_GET_NEXT_ID, &next) == 0; next.start_id = next.next_id) {
		union bpf_attr by_id = {.map_id = next.next_id};
		int fd = bpf(BPF_MAP_GET_FD_BY_ID, &by_id);

		if (fd < 0)
			continue;
		if (lookup_info(fd, &info) == 0 && info.type == BPF_MAP_TYPE_STRUCT_OPS) {
			union bpf_attr element = {.map_fd = (uint32_t)fd, .key = (uintptr_t)&key};

			/* A map with a link, or that is not in force, has nothing to delete. */
			deleted += bpf(BPF_MAP_DELETE_ELEM, &element) == 0;
		}
		close(fd);
	}
	return deleted;
}

static void print_row(enum victim victim, int call, bool held, int left,
		      const struct bpf_counts *before, const struct bpf_counts *after)
{
	printf("{\"victim\":\"%s\",\"call\":%d,\"held\":%s,\"left\":%d,\"before\":",
	       victims[victim], call, held ? "true" : "false", left);
	bpf_counts_print(before);
	printf(",\"after\":");
	bpf_counts_print(after);
	printf(",\"same\":%s}\n", bpf_counts_equal(before, after) ? "true" : "false");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct bpf_counts before, after;

	if (argc < 3) {
		fprintf(stderr, "usage: kills EXECUTOR PLAN [OPTION...]\n");
		return 2;
	}
	/* EXECUTOR [OPTION...] is its command. */
	const char *plan = argv[2];
	argv[2] = argv[1];
	/* Orphans become children of this process. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		die("prctl");
	bpf_count(&before);
	for (enum victim victim = EXECUTOR; victim <= HOST; victim++) {
		bool held = false;

		for (int call = 1; !held; call++) {
			held = kill_once(argv + 2, plan, victim, call);
			int left = delete_registrations();

			bpf_count_until(&before, &after);
			print_row(victim, call, held, left, &before, &after);
		}
	}
	return 0;
}

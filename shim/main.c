#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include "plan.h"
#include "session.h"
#include "signals.h"

#ifndef SHIM_VERSION
#error "the Makefile gives SHIM_VERSION"
#endif

static const char usage[] =
	"usage: structops-shim [--check | --load-only] [PLAN]\n"
	"\n"
	"Carries out a plan of bpf(2) calls that `structops plan -o PLAN` made, and holds what it\n"
	"made until a signal comes. Without PLAN: plans from standard input, until its end.\n"
	"\n"
	"  --check      only check the plan; needs no privilege\n"
	"  --load-only  load, report, and let go again; attach nothing\n"
	"  --version    print the version\n"
	"  --help       print this\n"
	"\n"
	"exit: 0 done, 1 the kernel refused a step, 2 unusable plan or arguments, 3 our fault\n";

/*
 * One frame at a time. Its pages take no memory before bytes come for them, so a head that lies
 * about the size costs nothing; one byte more shows that a file goes on after its frame.
 */
static _Alignas(4096) uint8_t frame[PLAN_FRAME_SIZE_MAX + 1];

/* What ended the input: 0 its end, a signal's number, or a negative errno. */
static int ended_by;

/* Reads on until frame[] has `size` bytes. False: ended_by says what came first. */
static bool read_until(int fd, uint32_t *have, uint32_t size)
{
	while (*have < size) {
		ssize_t got;

		ended_by = signals_wait(fd);
		if (ended_by != 0)
			return false;
		got = read(fd, frame + *have, size - *have);
		if (got <= 0) {
			ended_by = got < 0 ? -errno : 0;
			return false;
		}
		*have += (uint32_t)got;
	}
	return true;
}

/* The size of the next frame, now in frame[]; 0 if there is none, or none that can be read. */
static uint32_t read_frame(struct session *session, int fd, bool only_one)
{
	const char *wrong = "truncated";
	uint32_t have = 0;

	if (read_until(fd, &have, PLAN_PREFIX_SIZE)) {
		uint32_t size = ((const struct plan_head *)frame)->frame_size;

		wrong = plan_check_prefix(frame);
		if (wrong == NULL && !read_until(fd, &have, size))
			wrong = "truncated";
		else if (wrong == NULL && only_one && read_until(fd, &have, size + 1))
			wrong = "bad_frame_size";
		else if (wrong == NULL && ended_by == 0)
			return size;
	} else if (have == 0 && !only_one) {
		return 0;
	}
	if (ended_by == 0)
		session_refuse(session, wrong);
	return 0;
}

static void take_frames(struct session *session, int fd, bool only_one)
{
	uint32_t size;

	while ((size = read_frame(session, fd, only_one)) != 0) {
		session_frame(session, frame, size);
		madvise(frame, size, MADV_DONTNEED);
		if (only_one)
			break;
	}
	if (only_one && session->holdings != NULL)
		ended_by = signals_wait(-1);
	if (ended_by < 0)
		session_error(session, "read plans", -ended_by);
}

static const char *why_ended(void)
{
	switch (ended_by) {
	case 0:
		return "end_of_input";
	case SIGINT:
		return "SIGINT";
	case SIGTERM:
		return "SIGTERM";
	case SIGHUP:
		return "SIGHUP";
	default:
		return "error";
	}
}

static int prepare_process(enum mode mode)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	int fd;

	/* No fd of a map may become what this process thinks is its standard output. */
	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
	/* A host that has died must not keep us from taking registrations back. */
	signal(SIGPIPE, SIG_IGN);
	/* Kernels before 5.11 count maps against it; the others need no right to do this. */
	if (mode != MODE_CHECK)
		setrlimit(RLIMIT_MEMLOCK, &unlimited);
	return signals_block();
}

/* Whether the arguments are understood. */
static bool read_arguments(char **arguments, enum mode *mode, const char **path)
{
	for (; *arguments != NULL; arguments++) {
		if (strcmp(*arguments, "--check") == 0 && *mode == MODE_APPLY)
			*mode = MODE_CHECK;
		else if (strcmp(*arguments, "--load-only") == 0 && *mode == MODE_APPLY)
			*mode = MODE_LOAD_ONLY;
		else if (**arguments != '-' && *path == NULL)
			*path = *arguments;
		else
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct session session = {.mode = MODE_APPLY};
	const char *path = NULL;
	int fd = STDIN_FILENO, error;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return fputs(usage, stdout) < 0 ? EXIT_OUR_FAULT : EXIT_DONE;
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("structops-shim " SHIM_VERSION) < 0 ? EXIT_OUR_FAULT : EXIT_DONE;
	if (argc == 0 || !read_arguments(argv + 1, &session.mode, &path)) {
		fputs(usage, stderr);
		return EXIT_UNUSABLE;
	}
	error = prepare_process(session.mode);
	if (error < 0) {
		session_error(&session, "block signals", -error);
		return EXIT_OUR_FAULT;
	}
	if (path != NULL)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "structops-shim: %s: %s\n", path, strerror(errno));
		return EXIT_UNUSABLE;
	}
	take_frames(&session, fd, path != NULL);
	session_release(&session, why_ended());
	return (int)session.exit_code;
}

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include "confine.h"
#include "notify.h"
#include "pins.h"
#include "plan.h"
#include "session.h"
#include "signals.h"
#include "watch.h"

#ifndef SHIM_VERSION
#error "the Makefile gives SHIM_VERSION"
#endif

static const char usage[] =
	"usage: structops-shim [OPTION]... [PLAN]\n"
	"\n"
	"Carries out a plan of bpf(2) calls that `structops plan -o PLAN` made, and holds what it\n"
	"made until a signal comes. Without PLAN: plans from standard input, until its end.\n"
	"\n"
	"  --check                 only check the plan; needs no privilege\n"
	"  --load-only             load, report, and let go again; attach nothing\n"
	"  --pin-root DIR          the bpffs below which pins are; default: " PIN_ROOT "\n"
	"  --allow-other-programs  of every type, not only those of struct_ops objects\n"
	"  --notify                tell the service manager when it is in force (sd_notify)\n"
	"  --version               print the version\n"
	"  --help                  print this\n"
	"\n"
	"exit: 0 done, 1 the kernel refused a step or dropped it later, 2 unusable plan or "
	"arguments,\n"
	"3 our fault\n";

struct arguments {
	enum mode mode;
	bool other_programs, notify;
	const char *pin_root; /* NULL: the default, if it is there */
	const char *plan;     /* NULL: standard input */
};

/*
 * One frame at a time. Its pages take no memory before bytes come for them, so a head that lies
 * about the size costs nothing; one byte more shows that a file goes on after its frame.
 */
static _Alignas(4096) uint8_t frame[PLAN_FRAME_SIZE_MAX + 1];

/* Below signals' numbers there is no room, above there is: all that was made is out of force. */
#define NOTHING_LEFT (WATCH_FIRED + 1)

/* What ended the input: 0 its end, a signal's number, NOTHING_LEFT, or a negative errno. */
static int ended_by;

/* As signals_wait(), and meanwhile tells of links that the kernel drops. */
static int wait_for(struct session *session, int fd)
{
	int event;

	while ((event = signals_wait(fd, watch_fd())) == WATCH_FIRED)
		session_dropped(session);
	return event;
}

/* A signal's number, a negative errno, or NOTHING_LEFT. */
static int wait_for_end(struct session *session)
{
	int event;

	while ((event = signals_wait(-1, watch_fd())) == WATCH_FIRED) {
		session_dropped(session);
		if (!session_in_force(session))
			return NOTHING_LEFT;
	}
	return event;
}

/* Reads on until frame[] has `size` bytes. False: ended_by says what came first. */
static bool read_until(struct session *session, int fd, uint32_t *have, uint32_t size)
{
	while (*have < size) {
		ssize_t got;

		ended_by = wait_for(session, fd);
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
static uint32_t read_frame(struct session *session, int fd)
{
	const char *wrong = "truncated";
	uint32_t have = 0;

	if (read_until(session, fd, &have, PLAN_PREFIX_SIZE)) {
		uint32_t size = ((const struct plan_head *)frame)->frame_size;

		wrong = plan_check_prefix(frame);
		if (wrong == NULL && !read_until(session, fd, &have, size))
			wrong = "truncated";
		else if (wrong == NULL && session->only_one &&
			 read_until(session, fd, &have, size + 1))
			wrong = "bad_frame_size";
		else if (wrong == NULL && ended_by == 0)
			return size;
	} else if (have == 0 && !session->only_one) {
		return 0;
	}
	if (ended_by == 0)
		session_refuse(session, wrong);
	return 0;
}

static void take_frames(struct session *session, int fd)
{
	uint32_t size;

	while ((size = read_frame(session, fd)) != 0) {
		session_frame(session, frame, size);
		madvise(frame, size, MADV_DONTNEED);
		if (session->only_one)
			break;
	}
	if (session->only_one && session_holds(session))
		ended_by = wait_for_end(session);
	if (ended_by == NOTHING_LEFT)
		session->exit_code = EXIT_KERNEL_REFUSED;
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
	case NOTHING_LEFT:
		return "detached";
	default:
		return "error";
	}
}

/*
 * No fd of a map may become what this process thinks is its standard output. And there are no fds
 * that its caller forgot: numbers in instructions and values, which the kernel may take for fds,
 * can only be those of what plans made. 0 or a negative errno.
 */
static int arrange_fds(void)
{
	int fd;

	if (close_range(STDERR_FILENO + 1, ~0u, 0) != 0)
		return -errno;
	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* All that takes a path, or more than the calls that are left to us later. 0 or a negative errno.
 */
static int prepare(const struct arguments *arguments, const char **doing)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	static char output[4096];
	int error;

	/* A host that has died must not keep us from taking registrations back. */
	signal(SIGPIPE, SIG_IGN);
	/* So that stdio asks nothing of what standard output is. */
	setvbuf(stdout, output, _IOFBF, sizeof(output));
	/* Kernels before 5.11 count maps against it; the others need no right to do this. */
	if (arguments->mode != MODE_CHECK)
		setrlimit(RLIMIT_MEMLOCK, &unlimited);
	*doing = "block signals";
	error = signals_block();
	if (error == 0)
		error = watch_open();
	if (error < 0)
		return error;
	*doing = "reach the service manager";
	error = arguments->notify ? notify_open() : 0;
	return error < 0 ? error : confine(arguments->mode != MODE_CHECK, doing);
}

static bool read_argument(char ***at, struct arguments *arguments)
{
	const char *argument = **at;

	if (strcmp(argument, "--check") == 0 && arguments->mode == MODE_APPLY)
		arguments->mode = MODE_CHECK;
	else if (strcmp(argument, "--load-only") == 0 && arguments->mode == MODE_APPLY)
		arguments->mode = MODE_LOAD_ONLY;
	else if (strcmp(argument, "--allow-other-programs") == 0)
		arguments->other_programs = true;
	else if (strcmp(argument, "--notify") == 0)
		arguments->notify = true;
	else if (strcmp(argument, "--pin-root") == 0 && (*at)[1] != NULL)
		arguments->pin_root = *++*at;
	else if (*argument != '-' && arguments->plan == NULL)
		arguments->plan = argument;
	else
		return false;
	return true;
}

/* Whether the arguments are understood. */
static bool read_arguments(char **at, struct arguments *arguments)
{
	for (; *at != NULL; at++) {
		if (!read_argument(&at, arguments))
			return false;
	}
	return true;
}

/* Whether the default root is there does not matter before a plan has a pin. */
static bool open_pin_root(const char *directory)
{
	int error = pins_open_root(directory != NULL ? directory : PIN_ROOT);
	const char *why = error == -EMEDIUMTYPE ? "not a bpffs" : strerror(-error);

	if (error == 0 || directory == NULL)
		return true;
	fprintf(stderr, "structops-shim: %s: %s\n", directory, why);
	return false;
}

static int carry_out(const struct arguments *arguments)
{
	struct session session = {.mode = arguments->mode,
				  .other_programs = arguments->other_programs,
				  .only_one = arguments->plan != NULL};
	const char *doing = "";
	int fd = STDIN_FILENO, error = arrange_fds();

	if (error < 0) {
		session_error(&session, "close what was open", -error);
		return EXIT_OUR_FAULT;
	}
	if (arguments->plan != NULL)
		fd = open(arguments->plan, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "structops-shim: %s: %s\n", arguments->plan, strerror(errno));
		return EXIT_UNUSABLE;
	}
	if (!open_pin_root(arguments->pin_root))
		return EXIT_UNUSABLE;
	error = prepare(arguments, &doing);
	if (error < 0) {
		session_error(&session, doing, -error);
		return EXIT_OUR_FAULT;
	}
	take_frames(&session, fd);
	session_release(&session, why_ended());
	return (int)session.exit_code;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.mode = MODE_APPLY};

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return fputs(usage, stdout) < 0 ? EXIT_OUR_FAULT : EXIT_DONE;
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("structops-shim " SHIM_VERSION) < 0 ? EXIT_OUR_FAULT : EXIT_DONE;
	if (argc == 0 || !read_arguments(argv + 1, &arguments)) {
		fputs(usage, stderr);
		return EXIT_UNUSABLE;
	}
	return carry_out(&arguments);
}

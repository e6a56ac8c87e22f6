/*
 * transfer NAME BYTES [OUTAGE_MS]
 *
 * Moves BYTES through a loopback TCP connection whose sender asked for the congestion control
 * NAME, and prints one JSON line: {"asked","used","bytes","ms"}. "used" is what the kernel
 * answered after the transfer, so a silent fall-back shows. Exit code 0 if the name was accepted
 * and exactly BYTES arrived; 1 with a line on standard error otherwise; 2 for wrong usage.
 *
 * With OUTAGE_MS the receiver drops every packet from the middle of the transfer until nothing
 * was left to read for that long. At 1000 the sender's timer fires, so the congestion control is
 * told of a loss, which a loopback otherwise never has.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../clock.h"

#define NAME_BYTES 16 /* TCP_CA_NAME_MAX */
#define PIECE_BYTES 65536
#define SMALL_BUFFER_BYTES 65536

static char piece[PIECE_BYTES];

static void fail(const char *what)
{
	fprintf(stderr, "transfer: %s: %s (errno %d)\n", what, strerror(errno), errno);
	exit(1);
}

static void send_all(int fd, uint64_t bytes)
{
	while (bytes > 0) {
		size_t want = bytes < PIECE_BYTES ? bytes : PIECE_BYTES;
		ssize_t sent = send(fd, piece, want, MSG_NOSIGNAL);

		if (sent < 0)
			fail("send");
		bytes -= sent;
	}
}

static void set_read_timeout(int fd, unsigned int ms)
{
	struct timeval timeout = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		fail("setsockopt SO_RCVTIMEO");
}

static void begin_outage(int fd, unsigned int outage_ms)
{
	struct sock_filter drop_all = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = {.len = 1, .filter = &drop_all};

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)))
		fail("setsockopt SO_ATTACH_FILTER");
	set_read_timeout(fd, outage_ms);
}

static void end_outage(int fd)
{
	int unused = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused)))
		fail("setsockopt SO_DETACH_FILTER");
	set_read_timeout(fd, 0);
}

static uint64_t receive_all(int fd, uint64_t outage_at, unsigned int outage_ms)
{
	bool is_out = false;
	uint64_t total = 0;

	for (;;) {
		ssize_t got = recv(fd, piece, PIECE_BYTES, 0);

		if (got < 0 && is_out && errno == EAGAIN) {
			end_outage(fd);
			is_out = false;
			continue;
		}
		if (got < 0)
			fail("recv");
		if (got == 0)
			return total;
		total += got;
		if (outage_ms > 0 && total >= outage_at) {
			begin_outage(fd, outage_ms);
			is_out = true;
			outage_ms = 0;
		}
	}
}

static int listen_on_loopback(struct sockaddr_in *address, bool small_buffer)
{
	int bytes = SMALL_BUFFER_BYTES;
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("socket");
	/* So that the sender cannot be done before the outage begins. */
	if (small_buffer && setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)))
		fail("setsockopt SO_RCVBUF");
	memset(address, 0, sizeof(*address));
	address->sin_family = AF_INET;
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)address, size) || listen(fd, 1) ||
	    getsockname(fd, (struct sockaddr *)address, &size))
		fail("listen");
	return fd;
}

static void ask_for(int fd, const char *name)
{
	if (setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, strlen(name))) {
		fprintf(stderr, "transfer: setsockopt TCP_CONGESTION %s: %s (errno %d)\n", name,
			strerror(errno), errno);
		exit(1);
	}
}

/* The receiver is a process of its own: one process could fill both buffers and wait for itself. */
static pid_t start_receiver(int listener, int report, uint64_t outage_at, unsigned int outage_ms)
{
	pid_t pid = fork();
	uint64_t total;
	int fd;

	if (pid != 0)
		return pid;
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		fail("accept");
	total = receive_all(fd, outage_at, outage_ms);
	if (write(report, &total, sizeof(total)) != (ssize_t)sizeof(total))
		fail("write");
	_exit(0);
}

int main(int argc, char **argv)
{
	char used[NAME_BYTES + 1] = "";
	socklen_t used_size = NAME_BYTES;
	struct sockaddr_in address;
	uint64_t bytes, received = 0;
	int listener, fd, report[2];
	double started_ms, elapsed_ms;
	unsigned int outage_ms;
	pid_t receiver;

	if (argc < 3 || argc > 4 || (bytes = strtoull(argv[2], NULL, 10)) == 0) {
		fprintf(stderr, "usage: transfer NAME BYTES [OUTAGE_MS]\n");
		return 2;
	}
	outage_ms = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	listener = listen_on_loopback(&address, outage_ms > 0);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fail("socket");
	ask_for(fd, argv[1]);
	if (pipe(report))
		fail("pipe");
	receiver = start_receiver(listener, report[1], bytes / 2, outage_ms);
	if (receiver < 0)
		fail("fork");
	close(report[1]);

	started_ms = now_ms();
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		fail("connect");
	send_all(fd, bytes);
	if (shutdown(fd, SHUT_WR))
		fail("shutdown");
	if (read(report[0], &received, sizeof(received)) != (ssize_t)sizeof(received)) {
		fprintf(stderr, "transfer: the receiver ended without a count\n");
		return 1;
	}
	elapsed_ms = now_ms() - started_ms;
	waitpid(receiver, NULL, 0);
	if (getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, used, &used_size))
		fail("getsockopt TCP_CONGESTION");

	printf("{\"asked\":\"%s\",\"used\":\"%s\",\"bytes\":%" PRIu64 ",\"ms\":%.1f}\n", argv[1],
	       used, received, elapsed_ms);
	if (received != bytes) {
		fprintf(stderr, "transfer: sent %" PRIu64 " bytes, received %" PRIu64 "\n", bytes,
			received);
		return 1;
	}
	return 0;
}

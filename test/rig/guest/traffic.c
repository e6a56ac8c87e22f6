/*
 * traffic NAME CONNECTIONS
 *
 * Moves data through that many loopback TCP connections at once until SIGTERM, then lets them come
 * to their ends. Each asks for the congestion control NAME again every now and then, which gives it
 * the one that is in force under this name by then. Prints "ready" once data moves, and at the
 * end one JSON line: {"connections","broken","damaged","bytes","least","asked","refused"}: "least"
 * are the bytes that the slowest connection moved. Exit code 0 if all that was sent arrived as it
 * was sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1000
/* Prime, so that a lost or doubled packet shifts the pattern. */
#define PERIOD 251
#define PIECE_BYTES (PERIOD * 64)
#define ASK_EVERY 16 /* pieces */

struct connection {
	int sender, receiver;
	uint64_t sent, received;
	bool broken, damaged, ended;
};

static struct connection connections[CONNECTIONS_MAX];
static struct pollfd polled[2 * CONNECTIONS_MAX];
static uint8_t pattern[PIECE_BYTES + PERIOD], piece[PIECE_BYTES];
static uint64_t asked, refused;
static volatile sig_atomic_t ending;

static void on_signal(int signal)
{
	(void)signal;
	ending = 1;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static bool ask_for(int fd, const char *name)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen(name)) == 0;
}

static void open_connection(struct connection *connection, int listener,
			    const struct sockaddr_in *address, const char *name)
{
	connection->sender = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection->sender < 0 || !ask_for(connection->sender, name))
		die(name);
	if (connect(connection->sender, (const struct sockaddr *)address, sizeof(*address)) != 0)
		die("connect");
	connection->receiver = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (connection->receiver < 0)
		die("accept");
}

static void open_all(int count, const char *name)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 ||
	    listen(listener, 8) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) != 0)
		die("listen");
	for (int i = 0; i < count; i++)
		open_connection(&connections[i], listener, &address, name);
	close(listener);
}

static void send_piece(struct connection *connection, const char *name)
{
	const uint8_t *bytes = pattern + connection->sent % PERIOD;
	ssize_t sent = send(connection->sender, bytes, PIECE_BYTES, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0 && errno != EAGAIN)
		connection->broken = true;
	if (sent <= 0)
		return;
	if (connection->sent / PIECE_BYTES % ASK_EVERY == 0) {
		asked++;
		/* In a swap that is not atomic there may be none of this name for a moment. */
		if (!ask_for(connection->sender, name))
			refused++;
	}
	connection->sent += (uint64_t)sent;
}

static void receive_piece(struct connection *connection)
{
	ssize_t got = recv(connection->receiver, piece, sizeof(piece), MSG_DONTWAIT);

	if (got < 0 && errno != EAGAIN)
		connection->broken = true;
	if (got == 0)
		connection->ended = true;
	if (got <= 0)
		return;
	if (memcmp(piece, pattern + connection->received % PERIOD, (size_t)got) != 0)
		connection->damaged = true;
	connection->received += (uint64_t)got;
}

static bool is_open(const struct connection *connection)
{
	return !connection->ended && !connection->broken;
}

/* One round of whatever is ready; false when all have ended. */
static bool move_data(int count, const char *name)
{
	bool open = false;

	for (int i = 0; i < count; i++) {
		struct connection *one = &connections[i];
		bool sends = is_open(one) && !ending;

		polled[2 * i] = (struct pollfd){.fd = sends ? one->sender : -1, .events = POLLOUT};
		polled[2 * i + 1] =
			(struct pollfd){.fd = is_open(one) ? one->receiver : -1, .events = POLLIN};
		open = open || is_open(one);
	}
	if (!open)
		return false;
	if (poll(polled, 2 * (nfds_t)count, 1000) < 0 && errno != EINTR)
		die("poll");
	for (int i = 0; i < count; i++) {
		if (polled[2 * i].revents != 0)
			send_piece(&connections[i], name);
		if (polled[2 * i + 1].revents != 0)
			receive_piece(&connections[i]);
	}
	return true;
}

static int report(int count)
{
	uint64_t bytes = 0, least = UINT64_MAX;
	int broken = 0, damaged = 0;

	for (int i = 0; i < count; i++) {
		const struct connection *one = &connections[i];

		bytes += one->received;
		least = one->received < least ? one->received : least;
		broken += one->broken || one->received != one->sent;
		damaged += one->damaged;
	}
	printf("{\"connections\":%d,\"broken\":%d,\"damaged\":%d,\"bytes\":%" PRIu64
	       ",\"least\":%" PRIu64 ",\"asked\":%" PRIu64 ",\"refused\":%" PRIu64 "}\n",
	       count, broken, damaged, bytes, least, asked, refused);
	return broken != 0 || damaged != 0;
}

int main(int argc, char **argv)
{
	struct sigaction end = {.sa_handler = on_signal};
	bool shut = false;
	int count;

	if (argc != 3 || (count = atoi(argv[2])) < 1 || count > CONNECTIONS_MAX) {
		fprintf(stderr, "usage: traffic NAME CONNECTIONS\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i % PERIOD);
	sigaction(SIGTERM, &end, NULL);
	open_all(count, argv[1]);
	printf("ready\n");
	fflush(stdout);
	while (move_data(count, argv[1])) {
		for (int i = 0; ending && !shut && i < count; i++)
			shutdown(connections[i].sender, SHUT_WR);
		shut = ending;
	}
	return report(count);
}

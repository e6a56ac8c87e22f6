/* What one process does with the frames it is given, one after the other. */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mode {
	MODE_APPLY,
	MODE_LOAD_ONLY, /* phase load, then let go of it: would it load? */
	MODE_CHECK,	/* no system call: would it be acted on? */
};

/* Exit codes: an interface, in docs/executor.md. Of several frames, the largest counts. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_KERNEL_REFUSED = 1, /* or a signal came in between, or the kernel dropped it later */
	EXIT_UNUSABLE = 2,
	EXIT_OUR_FAULT = 3,
};

struct session {
	enum mode mode;
	bool other_programs; /* of every type, not only those of struct_ops objects */
	bool only_one;	     /* there will be no other frame */
	uint32_t frame_count;
	enum exit_code exit_code;
	struct holding *holdings; /* newest first */
};

/* Checks one frame, carries it out and reports. `frame` is 8-byte aligned and written to. */
void session_frame(struct session *session, uint8_t *frame, size_t size);

/* Refuses input that is no frame, for a reason of docs/executor.md. */
void session_refuse(struct session *session, const char *reason);

/* Ends for a reason of our own or of the machine's. */
void session_error(struct session *session, const char *doing, int error);

/* Reports the links that the kernel has dropped, and lets go of them. */
void session_dropped(struct session *session);

/* Whether anything that was made is in force, and would end with this process. */
bool session_in_force(const struct session *session);

/* Whether anything has to be held. */
bool session_holds(const struct session *session);

/* Lets go of everything, newest first, and reports it if there was anything. */
void session_release(struct session *session, const char *why);

#endif

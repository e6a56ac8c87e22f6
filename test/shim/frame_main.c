/*
 * What a frame's checks and undoing promise, in one process and a great many times.
 *
 *   flip FILE...              every byte of every frame changed
 *   fail FILE...              every step of every frame failing, with several errnos
 *   fuzz SEED COUNT FILE...   frames with random changes and a new digest
 *   undo WORLD FILE           every call failing, in a world of fake_make(); pins are in the
 *                             working directory
 *   canary FILE               a range that is too short, past the checks: a sanitizer must abort
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../shim/execute.h"
#include "../../shim/undo.h"
#include "../../shim/hash.h"
#include "../../shim/session.h"
#include "../../shim/pins.h"
#include "../../shim/signals.h"
#include "../../shim/watch.h"
#include "fake_directory.h"
#include "fake_sys_bpf.h"

#define FRAMES_MAX 8
#define REASONS_MAX 128
#define CALLS_MAX 1000

/* Those that bpf(2) gives for some reason or other. */
static const int results[] = {-EPERM,  -EACCES, -EINVAL, -EBUSY,  -ENOMEM, -E2BIG,
			      -EAGAIN, -EEXIST, -ENOENT, -EFAULT, -ENOSPC, -524};
#define ERRNOS (sizeof(results) / sizeof(results[0]))

struct frame {
	uint8_t *bytes;
	uint32_t size;
};

static struct {
	const char *reason;
	uint32_t count;
} reasons[REASONS_MAX];

static struct plan plan;
static char root[4096];

static void require(bool holds, const char *what, uint64_t number)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s (%llu)\n", what, (unsigned long long)number);
	exit(9);
}

static struct frame read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct frame frame = {malloc(1 << 20), 0};

	require(file != NULL && frame.bytes != NULL, path, 0);
	frame.size = (uint32_t)fread(frame.bytes, 1, 1 << 20, file);
	fclose(file);
	return frame;
}

/* In memory of exactly its size, so that a sanitizer sees every step outside. */
static struct frame copy_of(struct frame frame)
{
	struct frame copy = {malloc(frame.size), frame.size};

	require(copy.bytes != NULL, "memory", frame.size);
	memcpy(copy.bytes, frame.bytes, frame.size);
	return copy;
}

static void count_reason(const char *reason)
{
	uint32_t i = 0;

	while (i < REASONS_MAX - 1 && reasons[i].reason != NULL &&
	       strcmp(reasons[i].reason, reason) != 0)
		i++;
	reasons[i].reason = reason;
	reasons[i].count++;
}

static void flip(struct frame frame)
{
	static const uint8_t masks[] = {0x01, 0x80, 0xff};

	for (uint32_t i = 0; i < frame.size * 3; i++) {
		struct session session = {.mode = MODE_APPLY};
		struct frame changed = copy_of(frame);

		changed.bytes[i / 3] ^= masks[i % 3];
		fake_reset();
		session_frame(&session, changed.bytes, changed.size);
		require(session.exit_code == EXIT_UNUSABLE, "a changed byte is refused", i / 3);
		require(fake_state().calls == 0, "nothing is called", i / 3);
		require(!plan_parse(&plan, changed.bytes, changed.size), "refused again", i / 3);
		count_reason(plan.refusal.reason);
		free(changed.bytes);
	}
}

static void fail(struct frame frame)
{
	const struct plan_head *head = (const struct plan_head *)frame.bytes;

	for (uint32_t i = 0; i < head->step_count * ERRNOS; i++) {
		struct frame copy = copy_of(frame);
		struct leftovers left;
		struct outcome outcome;
		struct holding *holding;
		bool tolerated;

		require(plan_parse(&plan, copy.bytes, copy.size) && plan_permit(&plan, false),
			"a plan", i);
		tolerated = (plan.steps[i / ERRNOS].flags & STEP_MAY_FAIL) != 0;
		holding = holding_new(&plan, 0);
		require(holding != NULL, "memory", i);
		fake_reset();
		fake_answer(i / ERRNOS, tolerated ? i / ERRNOS : UINT32_MAX - 1,
			    results[i % ERRNOS]);
		plan_execute(&plan, false, holding, &outcome);
		require(outcome.status == (tolerated ? OUTCOME_DONE : OUTCOME_STEP_FAILED),
			"status", i);
		require(tolerated || (outcome.index == i / ERRNOS &&
				      outcome.result == results[i % ERRNOS]),
			"the failure names its step and errno", i);
		fake_reset_rules();
		undo_steps(&plan, holding, &outcome, &left);
		require(holding_release(holding) + left.registered == 0,
			"every registration is taken back", i);
		require(fake_state().open_fds == 0, "every fd is closed", i);
		require(fake_state().registered == 0, "nothing stays registered", i);
		free(outcome.log);
		holding_free(holding);
		free(copy.bytes);
		count_reason(tolerated ? "tolerated" : "step_failed");
	}
}

/* What is in force, and the pins below the root: the kernel as others see it. */
static void describe_world(char *text, uint32_t size)
{
	uint32_t used = fake_registrations(text, size);

	directory_describe(root, text + used, size - used);
}

/* A link comes back as another object: its pin has another id, but the same path. */
static void make_world(const char *words)
{
	directory_clear(root);
	fake_reset();
	fake_make(words);
	fake_exclusive();
}

/*
 * Every call of the frame fails, one run after the other, and all that come after it; then the
 * kernel works again. What was there before is there again: nothing more, and nothing less, but a
 * legacy registration that the frame had deleted.
 */
static uint32_t undo_at(struct frame frame, const char *world, uint32_t call, int result)
{
	static char before[4096], now[4096];
	struct frame copy = copy_of(frame);
	struct leftovers left;
	struct outcome outcome;
	struct holding *holding;
	bool restored;

	make_world(world);
	describe_world(before, sizeof(before));
	require(plan_parse(&plan, copy.bytes, copy.size) && plan_permit(&plan, false), "a plan",
		call);
	holding = holding_new(&plan, 0);
	require(holding != NULL && chdir(root) == 0, "a start", call);
	fake_answer(call, UINT32_MAX - 1, result);
	plan_execute(&plan, false, holding, &outcome);
	fake_reset_rules();
	free(outcome.log);
	if (outcome.status == OUTCOME_DONE) {
		/* The host has gone without having read the result. */
		outcome.index = plan.head->step_count - 1;
		count_reason("done");
	}
	undo_steps(&plan, holding, &outcome, &left);
	require(chdir(root) == 0, "back", call);
	describe_world(now, sizeof(now));
	require(left.registered == 0 && left.pinned == 0, "all of the frame can be taken back",
		call);
	require(left.not_restored != 0 || strcmp(before, now) == 0, now, call);
	restored = holding_keep_restored(holding);
	require(restored || fake_state().open_fds == 0, "every fd is closed", call);
	require(holding_release(holding) == 0, "the rest is let go", call);
	require(fake_state().open_fds == 0, "every fd is closed at the end", call);
	holding_free(holding);
	free(copy.bytes);
	count_reason(left.not_restored != 0 ? "not_restored" : restored ? "held" : "as_before");
	return outcome.status == OUTCOME_DONE;
}

static void undo(struct frame frame, const char *world)
{
	uint32_t done = 0;

	for (uint32_t call = 0; done < ERRNOS; call++) {
		require(call < CALLS_MAX, "a frame comes to its end when nothing fails", call);
		done = 0;
		for (uint32_t i = 0; i < ERRNOS; i++)
			done += undo_at(frame, world, call, results[i]);
	}
}

static uint64_t random_state;

/* xorshift64*: enough to choose bytes, and the same on every machine. */
static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 0x2545f4914f6cdd1du) >> 32) % limit;
}

static uint32_t random_number(const struct frame *frame)
{
	static const uint32_t edges[] = {0,	  1,	      2,	  3,	     4,	 7,
					 8,	  16,	      24,	  32,	     48, 256,
					 0x10000, 0x7fffffff, 0xfffffff8, 0xffffffff};
	uint32_t word;

	if (random_below(3) != 0)
		return edges[random_below(sizeof(edges) / sizeof(edges[0]))];
	memcpy(&word, frame->bytes + 4 * random_below(frame->size / 4), sizeof(word));
	return word;
}

/* Most changes go to a record or an attr image: bytes of a program mean nothing to the executor. */
static void change(struct frame *frame)
{
	uint32_t at = 4 * random_below(frame->size / 4), word;

	memcpy(&word, frame->bytes + at, sizeof(word));
	switch (random_below(8)) {
	case 0:
		word ^= 1u << random_below(32);
		break;
	case 1:
		word += 4 * random_below(5) - 8;
		break;
	case 2:
		frame->bytes[at + random_below(4)] ^= (uint8_t)random_below(256);
		return;
	case 3: /* cut off, or go on too long */
		if (random_below(8) == 0)
			frame->size =
				PLAN_DIGEST_SIZE + 128 + 8 * random_below(frame->size / 8 - 19);
		return;
	case 4: { /* one record becomes like the next */
		uint32_t size = random_below(2) == 0 ? 24 : 48;

		at -= at % 8;
		if (at + 2 * size <= frame->size)
			memmove(frame->bytes + at, frame->bytes + at + size, size);
		return;
	}
	default:
		word = random_number(frame);
	}
	memcpy(frame->bytes + at, &word, sizeof(word));
}

static void sign(struct frame frame)
{
	struct plan_head *head = (struct plan_head *)frame.bytes;

	memcpy(head->magic, PLAN_MAGIC, sizeof(head->magic));
	head->version = PLAN_VERSION;
	head->frame_size = frame.size;
	sha256(frame.bytes, frame.size - PLAN_DIGEST_SIZE,
	       frame.bytes + frame.size - PLAN_DIGEST_SIZE);
}

static void fuzz(uint32_t count, const struct frame *frames, uint32_t frame_count)
{
	uint32_t accepted = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct session session = {.mode = random_below(8) == 0 ? MODE_LOAD_ONLY
								       : MODE_APPLY};
		struct frame changed = copy_of(frames[random_below(frame_count)]);
		struct frame cut;

		for (uint32_t changes = 1 + random_below(3); changes > 0; changes--)
			change(&changed);
		cut = copy_of(changed);
		free(changed.bytes);
		sign(cut);
		fake_reset();
		if (random_below(4) == 0)
			fake_answer(random_below(12), UINT32_MAX - 1, -EINVAL);
		session_frame(&session, cut.bytes, cut.size);
		if (session.exit_code == EXIT_UNUSABLE && fake_state().step_calls == 0) {
			if (fake_state().calls == 0 && !plan_parse(&plan, cut.bytes, cut.size))
				count_reason(plan.refusal.reason);
			else if (fake_state().calls == 0 && !plan_permit(&plan, false))
				count_reason(plan.refusal.reason);
		} else {
			accepted++;
		}
		fake_reset_rules();
		session_release(&session, "end_of_input");
		require(fake_state().open_fds == 0, "every fd is closed", i);
		require(fake_state().registered <= fake_state().refused_deletes,
			"nothing stays registered that the kernel lets go", i);
		free(cut.bytes);
	}
	fprintf(stderr, "accepted %u\n", accepted);
}

/* Makes the value's range shorter than the map's value_size, and leaves out plan_permit. */
static void canary(struct frame frame)
{
	struct frame copy = copy_of(frame);
	struct outcome outcome;
	struct holding *holding;

	require(plan_parse(&plan, copy.bytes, copy.size) && plan_permit(&plan, false), "a plan", 0);
	for (uint32_t i = 0; i < plan.head->step_count; i++) {
		uint32_t value_size = 1 << 20;

		if (plan.steps[i].cmd == 0)
			memcpy(plan.blob + plan.steps[i].attr + 8, &value_size, sizeof(value_size));
	}
	holding = holding_new(&plan, 0);
	fake_reset();
	plan_execute(&plan, false, holding, &outcome);
}

int main(int argc, char **argv)
{
	struct frame frames[FRAMES_MAX];
	uint32_t frame_count = 0;
	bool has_world = argc > 1 && strcmp(argv[1], "undo") == 0;
	int first = argc > 1 && strcmp(argv[1], "fuzz") == 0 ? 4 : has_world ? 3 : 2;

	if (argc <= first || freopen("/dev/null", "w", stdout) == NULL || signals_block() != 0 ||
	    watch_open() != 0)
		return 8;
	for (int i = first; i < argc && frame_count < FRAMES_MAX; i++)
		frames[frame_count++] = read_file(argv[i]);
	for (uint32_t i = 0; i < frame_count; i++) {
		if (strcmp(argv[1], "flip") == 0)
			flip(frames[i]);
		if (strcmp(argv[1], "fail") == 0)
			fail(frames[i]);
	}
	if (strcmp(argv[1], "undo") == 0) {
		require(pins_open_root(".") == 0 && getcwd(root, sizeof(root)) != NULL, "pins", 0);
		undo(frames[0], argv[2]);
	}
	if (strcmp(argv[1], "canary") == 0)
		canary(frames[0]);
	if (strcmp(argv[1], "fuzz") == 0) {
		random_state = strtoull(argv[2], NULL, 0) | 1;
		fuzz((uint32_t)strtoul(argv[3], NULL, 0), frames, frame_count);
	}
	for (uint32_t i = 0; i < REASONS_MAX && reasons[i].reason != NULL; i++)
		fprintf(stderr, "%s %u\n", reasons[i].reason, reasons[i].count);
	for (uint32_t i = 0; i < frame_count; i++)
		free(frames[i].bytes);
	return 0;
}

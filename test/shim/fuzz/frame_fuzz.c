/*
 * A target for libFuzzer: a frame, whatever its bytes, is refused, or carried out on the fake
 * kernel, which ends the process when a command outside the permit table, an fd that is not open,
 * or an address outside the frame reaches it. The digest is made right, since anybody can.
 *
 * The first byte of an input chooses the mode and what there is before the frame; the second which
 * call fails. The rest is the frame.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../../shim/pins.h"
#include "../../../shim/plan.h"
#include "../../../shim/session.h"
#include "../../../shim/watch.h"
#include "../../core/fuzz/mutate.h"
#include "../../core/fuzz/sign_plan.h"
#include "../fake_directory.h"
#include "../fake_sys_bpf.h"

#define CHOICES 2
#define NO_FAILURE 0xff
#define WORLD_WITH_PIN 3

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);

static char root[] = "/dev/shm/structops-fuzz-XXXXXX";

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void remove_root(void)
{
	directory_clear(root);
	rmdir(root);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	require(mkdtemp(root) != NULL && atexit(remove_root) == 0, "a directory for pins");
	/* Signals stay as they are, so that Ctrl-C ends a long run. */
	require(pins_open_root(root) == 0 && watch_open() == 0, "a start");
	require(freopen("/dev/null", "w", stdout) != NULL, "nobody reads the results");
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
	struct file file = {data, size, most, seed * UINT64_C(2) + 1};

	if (size < CHOICES + sizeof(struct plan_head) || random_below(&file, 4) == 0)
		return LLVMFuzzerMutate(data, size, most);
	for (uint32_t changes = 1 + random_below(&file, 3); changes > 0; changes--)
		mutate_words(&file, (struct range){CHOICES, size - CHOICES});
	if (random_below(&file, 4) == 0)
		data[random_below(&file, CHOICES)] = (uint8_t)random_below(&file, 256);
	return size;
}

static void make_world(uint8_t choice)
{
	static const char *const worlds[] = {"", "link", "legacy", "link pin:old/link"};

	require(chdir(root) == 0, "the directory for pins is there");
	fake_reset();
	fake_make(worlds[choice >> 3 & 3]);
	if ((choice & 32) != 0)
		fake_exclusive();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum mode modes[] = {MODE_APPLY, MODE_APPLY, MODE_APPLY, MODE_LOAD_ONLY};
	struct session session = {.mode = modes[size != 0 ? data[0] & 3 : 0]};
	struct fake_state before, after;
	uint8_t *frame;

	if (size < CHOICES + sizeof(struct plan_head) + PLAN_DIGEST_SIZE)
		return 0;
	session.other_programs = (data[0] & 4) != 0;
	make_world(data[0]);
	before = fake_state();
	if (data[1] != NO_FAILURE)
		fake_answer(data[1], data[1] + 1u, -EINVAL);
	size -= CHOICES;
	/* Of exactly its size: a byte beyond it is a finding. */
	frame = malloc(size);
	require(frame != NULL, "memory");
	memcpy(frame, data + CHOICES, size);
	sign_plan(frame, size);
	fake_frame(frame, size);
	session_frame(&session, frame, size);
	free(frame);
	fake_frame(NULL, 0);
	require(session.exit_code != EXIT_UNUSABLE || fake_state().step_calls == 0 ||
			session.holdings == NULL,
		"a refused frame makes no call");
	fake_reset_rules();
	session_release(&session, "end_of_input");
	after = fake_state();
	require(after.open_fds == 0, "every fd is closed");
	require(after.pins != before.pins ||
			after.registered <= before.registered + after.refused_deletes,
		"nothing of the frame stays in force that is not pinned");
	if (after.pins != 0 || (data[0] >> 3 & 3) == WORLD_WITH_PIN)
		directory_clear(root);
	return 0;
}

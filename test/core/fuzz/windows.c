#include "windows.h"

#include <stdlib.h>
#include <string.h>

#include "ask.h"

#define WINDOW_SIZE 65536u
/* Of a plan; real ones need some hundred. */
#define WINDOWS_MAX 4000u
#define EVENTS 6
/* One time in so many, the core that has seen windows is asked something else. */
#define LATER_EVERY 16

/* As in btf.h of Linux. */
#define HEADER_SIZE 24u
#define TYPE_SIZE 12u
#define BTF_MAGIC 0xeb9fu
#define KIND_CONST 10u

/* As in window_sums.ts. */
#define BLOCK_SIZE 512u
#define PRIME 0x9e3779b185ebca87u

/* What a host does with one window: low bits of an event; the others say how. */
enum action {
	FILL,
	LEAVE,
	FILL_LESS,
	FILL_MORE,
	FILL_FROM_ELSEWHERE,
	FLIP_BITS,
	CHANGE_FILE,
	CALL,
	GIVE_INPUT,
	ANNOUNCE_AGAIN,
	CHANGE_OBJECT,
	RESET,
	ACTION_COUNT,
};

/* Flags of a script: changed blocks keep their sum; SHA-256 is lent. */
#define FORGES 1u
#define LENDS 128u

struct script {
	/* A file of more than one window, out of a small one. */
	uint8_t kib_before_types;
	uint8_t kib_before_strings;
	uint8_t hundred_types;
	uint8_t flags;
	struct {
		uint8_t window;
		uint8_t action;
	} events[EVENTS];
};

/* A host in the middle of a plan. */
struct host {
	struct script script;
	struct bytes file;
	uint8_t *now;	 /* the file, by now */
	uint8_t *object; /* in the core's memory */
	size_t object_size;
	struct file random;
	bool is_over; /* it has begun anew */
};

/* ---- The file. ---- */

static uint32_t word(const uint8_t *at, size_t index)
{
	uint32_t value;

	memcpy(&value, at + 4 * index, sizeof(value));
	return value;
}

static void set_word(uint8_t *at, size_t index, uint32_t value)
{
	memcpy(at + 4 * index, &value, sizeof(value));
}

/* Words of a header behind its length. */
enum {
	TYPE_OFF = 2,
	TYPE_LEN,
	STR_OFF,
	STR_LEN
};

static bool can_be_spread(struct bytes btf)
{
	uint64_t size = btf.size, header;

	if (size < HEADER_SIZE || (word(btf.at, 0) & 0xffff) != BTF_MAGIC)
		return false;
	header = word(btf.at, 1);
	return header >= HEADER_SIZE && header <= size &&
	       header + word(btf.at, TYPE_OFF) + word(btf.at, TYPE_LEN) <= size &&
	       header + word(btf.at, STR_OFF) + word(btf.at, STR_LEN) <= size;
}

/* The BTF with gaps, and with types more at its end, so that windows end within its parts. */
static struct bytes spread(struct bytes btf, const struct script *script)
{
	size_t gap = 1024u * script->kib_before_types, header, types, strings, size;
	uint32_t fillers = 100u * script->hundred_types;
	uint8_t *at, *to;

	if (!can_be_spread(btf))
		return btf;
	header = word(btf.at, 1);
	types = word(btf.at, TYPE_LEN);
	strings = word(btf.at, STR_LEN);
	size = header + gap + types + TYPE_SIZE * fillers + 1024u * script->kib_before_strings +
	       strings;
	at = calloc(1, size);
	require(at != NULL, "memory");
	memcpy(at, btf.at, header);
	to = at + header + gap;
	memcpy(to, btf.at + header + word(btf.at, TYPE_OFF), types);
	to += types;
	for (uint32_t i = 0; i < fillers; i++, to += TYPE_SIZE)
		set_word(to, 1, KIND_CONST << 24);
	memcpy(at + size - strings, btf.at + header + word(btf.at, STR_OFF), strings);
	set_word(at, TYPE_OFF, (uint32_t)gap);
	set_word(at, TYPE_LEN, (uint32_t)(types + TYPE_SIZE * fillers));
	set_word(at, STR_OFF, (uint32_t)(size - strings - header));
	return (struct bytes){at, size};
}

/* ---- Sums that hold although the bytes differ: the core's are no digest. ---- */

static uint64_t sum_of(const uint8_t *block, size_t size)
{
	uint64_t sum = PRIME, value;

	for (size_t at = 0; at < size; at += 8) {
		memcpy(&value, block + at, sizeof(value));
		value ^= sum;
		sum = (value << 29 | value >> 35) * PRIME;
	}
	return sum;
}

static void forge(uint8_t *block, const uint8_t *original)
{
	uint64_t inverse = PRIME, value;

	for (int i = 0; i < 6; i++)
		inverse *= 2 - PRIME * inverse;
	value = sum_of(original, BLOCK_SIZE) * inverse;
	value = (value >> 29 | value << 35) ^ sum_of(block, BLOCK_SIZE - 8);
	memcpy(block + BLOCK_SIZE - 8, &value, sizeof(value));
}

static void forge_window(const struct host *host, const struct window *window)
{
	for (size_t at = 0; at + BLOCK_SIZE <= window->size; at += BLOCK_SIZE) {
		const uint8_t *original = host->file.at + window->offset + at;

		if (memcmp(window->at + at, original, BLOCK_SIZE) != 0)
			forge(window->at + at, original);
	}
}

/* ---- The host. ---- */

static void flip(struct host *host, uint8_t *bytes, size_t size, uint32_t count)
{
	for (; size > 0 && count > 0; count--)
		bytes[random_below(&host->random, (uint32_t)size)] ^=
			(uint8_t)(1u << random_below(&host->random, 8));
}

/* What has nothing to do with the window's bytes. */
static void meddle(struct host *host, enum action action, uint32_t how)
{
	switch (action) {
	case CHANGE_FILE:
		flip(host, host->now, host->file.size, 1 + how * how);
		break;
	case CALL:
		core_call(plain, (enum core_function)(how % FUNCTION_COUNT));
		break;
	case GIVE_INPUT:
		require(core_room(plain, how, 16) == NULL, "no input is taken between windows");
		break;
	case ANNOUNCE_AGAIN:
		require(!core_announce(plain, 4096 * how), "a kernel is announced once");
		break;
	case CHANGE_OBJECT:
		flip(host, host->object, host->object_size, 1 + how);
		break;
	case RESET:
		require(!core_reset(plain, how & 1), "no kernel is kept of windows");
		host->is_over = true;
		break;
	default:
		break;
	}
}

static void fill(struct host *host, uint32_t number)
{
	struct window window = core_window(plain);
	const uint8_t *from = host->now + window.offset;
	size_t rest = host->file.size - window.offset, size = window.size;

	require(window.offset <= host->file.size && size <= rest && size <= WINDOW_SIZE,
		"a window is of the file");
	for (int i = 0; i < EVENTS; i++) {
		uint32_t how = host->script.events[i].action / 16;
		enum action action = host->script.events[i].action % 16;

		if (host->is_over || host->script.events[i].window != number)
			continue;
		if (action == LEAVE)
			return;
		if (action == FILL_LESS)
			size = size * how / 16;
		if (action == FILL_MORE)
			size = rest < WINDOW_SIZE ? rest : WINDOW_SIZE;
		if (action == FILL_FROM_ELSEWHERE)
			from -= window.offset < 4 * how ? window.offset : 4 * how;
		if (action == FLIP_BITS) {
			memcpy(window.at, from, size);
			flip(host, window.at, size, 1 + how);
			size = 0;
		}
		meddle(host, action, how);
	}
	if (host->is_over)
		return;
	memcpy(window.at, from, size);
	if (host->script.flags & FORGES)
		forge_window(host, &window);
}

static enum status plan_in_windows(struct host *host, const struct question *question)
{
	enum status status;

	core_reset(plain, false);
	require(core_announce(plain, (uint32_t)host->file.size), "a kernel is announced");
	give_others(plain, question);
	host->object_size = question->object.size;
	host->object = core_given(plain, INPUT_OBJECT);
	if (host->script.flags & LENDS)
		core_lend(plain, false);
	for (uint32_t number = 0;; number++) {
		status = core_call(plain, MAKE_PLAN);
		if (status != STATUS_MORE)
			return status;
		require(number < WINDOWS_MAX, "windows come to an end");
		fill(host, number);
	}
}

static bool is_honest(const struct script *script)
{
	for (int i = 0; i < EVENTS; i++) {
		if (script->events[i].action % 16 != FILL &&
		    script->events[i].action % 16 < ACTION_COUNT)
			return false;
	}
	return true;
}

static struct bytes copy_of(struct bytes bytes)
{
	uint8_t *at = malloc(bytes.size + 1);

	require(at != NULL, "memory");
	memcpy(at, bytes.at, bytes.size);
	return (struct bytes){at, bytes.size};
}

/* Whichever core is asked, and whatever it has seen. */
static void require_same(struct core *core, const struct question *question, enum status status,
			 struct bytes output)
{
	struct bytes own = copy_of(output), other;

	require(ask(core, question) == status, "the same status as with the whole BTF");
	other = core_output(core);
	require(own.size == other.size && memcmp(own.at, other.at, own.size) == 0,
		"the same output as with the whole BTF");
	free((void *)own.at);
}

void put_windows(uint8_t choice, struct bytes input)
{
	struct question question = {
		.kernel = KERNELS, .object = object_of(choice), .function = MAKE_PLAN};
	struct host host = {.random = {.random = 1 + input.size + choice}};
	enum status status;

	if (input.size < sizeof(host.script))
		return;
	memcpy(&host.script, input.at, sizeof(host.script));
	input.at += sizeof(host.script);
	input.size -= sizeof(host.script);
	host.file = spread(input, &host.script);
	host.now = (uint8_t *)copy_of(host.file).at;
	question.kernel_btf = host.file;
	status = plan_in_windows(&host, &question);
	account(plain, host.file.size, status);
	/* WHOLE: the kernel is not for windows, or the BTF has another fault than the object. */
	if (is_honest(&host.script) && status != STATUS_WHOLE)
		require_same(plain, &question, status, core_output(plain));
	if (random_below(&host.random, LATER_EVERY) == 0) {
		question.kernel = choice & 1;
		status = ask(plain, &question);
		require_same(core_of(question.kernel), &question, status, core_output(plain));
	}
	if (host.file.at != input.at)
		free((void *)host.file.at);
	free(host.now);
}

void mutate_windows(struct file *file, struct range input)
{
	struct range btf = {input.at + sizeof(struct script), input.size - sizeof(struct script)};
	size_t event = input.at + offsetof(struct script, events);

	if (input.size < sizeof(struct script) + HEADER_SIZE)
		return;
	switch (random_below(file, 8)) {
	case 0:
		file->data[input.at + random_below(file, 3)] = (uint8_t)random_below(file, 64);
		break;
	case 1:
		memset(file->data + event, 0, 2 * EVENTS);
		break;
	case 2:
	case 3:
		event += 2 * random_below(file, EVENTS);
		file->data[event] = (uint8_t)random_below(file, 1u << random_below(file, 8));
		file->data[event + 1] = (uint8_t)random_below(file, 256);
		file->data[input.at + offsetof(struct script, flags)] =
			file->data[event] & (FORGES | LENDS);
		break;
	default:
		mutate_btf(file, btf);
	}
}

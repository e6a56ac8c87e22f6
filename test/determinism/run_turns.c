/* What run_turns.ts does, with the core as C: run_turns DIRECTORY < TURNS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../shim/hash.h"
#include "../core/fuzz/the_core.h"

#define FILES_MAX 1024
#define MEMORY_NEW 0
#define MEMORY_KEEP 2
#define MEMORY_WINDOWS 3

struct turn {
	unsigned int index, memory, object, kernel, options_at, options_size;
};

static struct bytes objects[FILES_MAX], kernels[FILES_MAX], options;
static struct core *core;
static unsigned int has = FILES_MAX; /* the kernel that the core has */

static struct bytes read_file(const char *directory, const char *name)
{
	char path[4096];
	uint8_t *at = NULL;
	long size = -1;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "rb");
	require(file != NULL, path);
	if (fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	require(size >= 0, path);
	rewind(file);
	at = malloc((size_t)size + 1);
	require(at && fread(at, 1, (size_t)size, file) == (size_t)size, path);
	fclose(file);
	return (struct bytes){at, (size_t)size};
}

static struct bytes numbered(struct bytes files[], const char *directory, const char *kind,
			     unsigned int number)
{
	char name[32];

	require(number < FILES_MAX, "there are not so many files");
	if (!files[number].at) {
		snprintf(name, sizeof(name), "%s-%u", kind, number);
		files[number] = read_file(directory, name);
	}
	return files[number];
}

static void prepare(const char *directory, const struct turn *turn)
{
	if (turn->memory == MEMORY_NEW) {
		core_free(core);
		core = core_new();
	} else if (core_reset(core, turn->memory == MEMORY_KEEP && has == turn->kernel)) {
		return;
	}
	core_give(core, INPUT_KERNEL_BTF, numbered(kernels, directory, "kernel", turn->kernel));
	has = turn->kernel;
}

static enum status plan_once(const char *directory, const struct turn *turn, bool whole)
{
	struct bytes btf = numbered(kernels, directory, "kernel", turn->kernel);
	enum status status;

	if (whole) {
		prepare(directory, turn);
	} else {
		has = FILES_MAX;
		core_reset(core, false);
		require(core_announce(core, (uint32_t)btf.size), "windows are taken");
	}
	core_give(core, INPUT_OBJECT, numbered(objects, directory, "object", turn->object));
	if (turn->options_size > 0)
		core_give(core, INPUT_OPTIONS,
			  (struct bytes){options.at + turn->options_at, turn->options_size});
	/* Whoever hashes. */
	if (turn->index % 2 == 1)
		core_lend(core, false);
	while ((status = core_call(core, MAKE_PLAN)) == STATUS_MORE) {
		struct window window = core_window(core);

		memcpy(window.at, btf.at + window.offset, window.size);
	}
	return status == STATUS_WHOLE ? plan_once(directory, turn, true) : status;
}

static void run(const char *directory, const struct turn *turn)
{
	uint8_t digest[32];
	enum status status;
	struct bytes output;

	require(turn->options_at <= options.size &&
			turn->options_size <= options.size - turn->options_at,
		"the lines are in the file");
	status = plan_once(directory, turn, turn->memory != MEMORY_WINDOWS);
	output = core_output(core);
	sha256(output.at, output.size, digest);
	printf("%u %d ", turn->index, status);
	for (size_t i = 0; i < sizeof(digest); i++)
		printf("%02x", digest[i]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	struct turn turn;

	require(argc == 2, "a directory is wanted");
	options = read_file(argv[1], "options");
	core = core_new();
	while (scanf("%u %u %u %u %u %u", &turn.index, &turn.memory, &turn.object, &turn.kernel,
		     &turn.options_at, &turn.options_size) == 6)
		run(argv[1], &turn);
	return 0;
}

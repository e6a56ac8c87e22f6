/*
 * Executions by the million, in the place of libFuzzer: the targets of core_fuzz.c without
 * coverage, which takes more than half of the time. Inputs that libFuzzer has learned are changed
 * at random, and none is kept but one that breaks what must hold. All of it follows from the seed,
 * the number of executions and the learned inputs:
 *
 *	core_bulk SEED EXECUTIONS FINDING DIRECTORY...
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mutate.h"
#include "the_core.h"

#define SIZE_MAX_OF_INPUT 32768u
#define SECONDS_MAX 60u
#define INPUTS_MAX 100000u

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);

static struct bytes inputs[INPUTS_MAX];
static uint32_t input_count;
/* What is tried now. */
static struct file now;
static const char *finding;

/* By a signal, so that it takes care: open, write. */
static void keep_finding(int signal)
{
	int file = open(finding, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (file < 0 || write(file, now.data, now.size) != (ssize_t)now.size)
		_exit(3);
	_exit(signal == SIGALRM ? 4 : 2);
}

static void read_input(int directory, const char *name)
{
	int file = openat(directory, name, O_RDONLY);
	uint8_t *at = malloc(SIZE_MAX_OF_INPUT);
	ssize_t size;

	require(file >= 0 && at != NULL && input_count < INPUTS_MAX, "an input is opened");
	size = read(file, at, SIZE_MAX_OF_INPUT);
	require(size >= 0, "an input is read");
	close(file);
	at = realloc(at, (size_t)size + 1);
	inputs[input_count++] = (struct bytes){at, (size_t)size};
}

static void read_inputs(const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, NULL, alphasort);
	int directory = open(path, O_RDONLY | O_DIRECTORY);

	require(count >= 0 && directory >= 0, "there is each directory");
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.')
			read_input(directory, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	close(directory);
}

/* A piece of another input, or of this one, over what is there. */
static void copy_piece(struct file *file)
{
	struct bytes other = inputs[random_below(file, input_count)];
	size_t size = 1 + random_below(file, 64), from, to;

	if (other.size < size || file->size < size)
		return;
	from = random_below(file, (uint32_t)(other.size - size) + 1);
	to = random_below(file, (uint32_t)(file->size - size) + 1);
	memcpy(file->data + to, other.at + from, size);
}

static void change_bytes(struct file *file)
{
	size_t at = random_below(file, (uint32_t)file->size + 1), size = 1 + random_below(file, 16);

	switch (random_below(file, 8)) {
	case 0:
		remove_bytes(file, at, size);
		break;
	case 1:
		if (insert_bytes(file, at, size))
			file->data[at] = (uint8_t)random_below(file, 256);
		break;
	case 2:
		if (at > 0)
			file->size = at;
		break;
	case 3:
	case 4:
		copy_piece(file);
		break;
	default:
		change_field(file, at, 1u << random_below(file, 4),
			     random_below(file, (uint32_t)file->size + 1));
	}
}

/* What core_fuzz.c leaves to libFuzzer. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most)
{
	struct file file = {data, size, most, now.random};

	for (uint32_t changes = 1 + random_below(&file, 4); changes > 0; changes--)
		change_bytes(&file);
	now.random = file.random;
	return file.size;
}

static void try_one(void)
{
	struct bytes input = inputs[random_below(&now, input_count)],
		     other = inputs[random_below(&now, input_count)];

	/* What is small is tried in less time, and says as much. */
	if (other.size < input.size)
		input = other;
	memcpy(now.data, input.at, input.size);
	now.size = input.size;
	for (uint32_t rounds = 1 + random_below(&now, 2); rounds > 0; rounds--)
		now.size = LLVMFuzzerCustomMutator(now.data, now.size, now.most,
						   random_below(&now, UINT32_MAX));
	LLVMFuzzerTestOneInput(now.data, now.size);
}

int main(int argc, char **argv)
{
	static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM};
	uint64_t executions;

	require(argc >= 5, "core_bulk SEED EXECUTIONS FINDING DIRECTORY...");
	LLVMFuzzerInitialize(&argc, &argv);
	executions = strtoull(argv[2], NULL, 10);
	finding = argv[3];
	for (int i = 4; i < argc; i++)
		read_inputs(argv[i]);
	require(input_count > 0, "there are inputs");
	now = (struct file){malloc(SIZE_MAX_OF_INPUT), 0, SIZE_MAX_OF_INPUT,
			    strtoull(argv[1], NULL, 10) * 2 + 1};
	require(now.data != NULL, "memory");
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], keep_finding);
	for (uint64_t i = 0; i < executions; i++) {
		if (i % 256 == 0)
			alarm(SECONDS_MAX);
		try_one();
	}
	alarm(0);
	printf("Done %llu runs of %u inputs\n", (unsigned long long)executions, input_count);
	return 0;
}

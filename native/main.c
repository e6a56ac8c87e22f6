/*
 * structops-plan OBJECT [OPTIONS]: plans as `structops plan` does, without Node: for an initramfs,
 * a container, a node of a cluster. With structops-shim it is a whole loader.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core_host.h"
#include "fault_text.h"
#include "settings.h"

#define RUNNING_BTF "/sys/kernel/btf/"
#define MODULES_MAX 64

static const char USAGE[] =
	"usage: structops-plan OBJECT -o PLAN [OPTIONS]\n"
	"\n"
	"Plans the load of a BPF object into a kernel; structops-shim PLAN carries it out.\n"
	"\n"
	"  -o, --output FILE          keep the plan in a file; - is standard output\n"
	"      --json                 print every byte, as `structops plan --json` does\n"
	"      --btf FILE             the kernel's raw BTF; by default /sys/kernel/btf/vmlinux\n"
	"      --module-btf NAME[=FILE]\n"
	"                             that of a module, or this machine's; repeatable\n"
	"      --kconfig FILE         the kernel's configuration, as text\n"
	"      --kernel-version V     such as 6.12.107\n"
	"      --set NAME=VALUE, --map NAME.max_entries=N, --autoload PROG=yes|no,\n"
	"      --create VAR=yes|no, --null-unknown-callbacks, --enum-constants PREFIX,\n"
	"      --resize VAR=BYTES, --associate VAR, --hotplug-seq VAR.MEMBER\n"
	"                             settings, as those of `structops plan`\n"
	"      --version, --help\n"
	"\n"
	"Exit codes: 0 done, 2 it cannot be done, 3 a fault of structops itself\n";

struct arguments {
	const char *object;
	const char *output;
	const char *btf;
	const char *kconfig;
	const char *modules[MODULES_MAX];
	size_t module_count;
	int json;
};

static _Noreturn void misused(const char *what, const char *argument)
{
	fprintf(stderr, "error: %s: %s\n  try: structops-plan --help\n", argument, what);
	exit(EXIT_CANNOT);
}

static void parse_flag(struct arguments *given, const char *flag, const char *value)
{
	if (strcmp(flag, "-o") == 0 || strcmp(flag, "--output") == 0) {
		given->output = value;
	} else if (strcmp(flag, "--btf") == 0) {
		given->btf = value;
	} else if (strcmp(flag, "--kconfig") == 0) {
		given->kconfig = value;
	} else if (strcmp(flag, "--module-btf") == 0) {
		if (given->module_count == MODULES_MAX)
			misused("there are too many modules", flag);
		given->modules[given->module_count++] = value;
	} else {
		misused("no such option", flag);
	}
}

static void parse(struct arguments *given, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *argument = argv[i];
		bool takes_value;

		if (argument[0] != '-' || strcmp(argument, "-") == 0) {
			if (given->object)
				misused("one object at a time", argument);
			given->object = argument;
		} else if (strcmp(argument, "--json") == 0) {
			given->json = 1;
		} else if (is_setting(argument, &takes_value)) {
			const char *value = takes_value ? argv[++i] : NULL;
			const char *wrong;

			if (takes_value && !value)
				misused("its value is missing", argument);
			wrong = add_setting(argument, value);
			if (wrong)
				misused(wrong, argument);
		} else if (argv[++i]) {
			parse_flag(given, argument, argv[i]);
		} else {
			misused("no such option, or its value is missing", argument);
		}
	}
	if (!given->object || (!given->output && !given->json))
		misused("OBJECT, and -o PLAN or --json, are needed", "structops-plan");
}

/* NAME=FILE; NAME alone means the running kernel's. */
static void give_module(const char *argument)
{
	const char *equals = strchr(argument, '=');
	size_t size = equals ? (size_t)(equals - argument) : strlen(argument);
	char path[sizeof(RUNNING_BTF) + 256];

	if (size == 0 || size > 255)
		misused("--module-btf NAME=FILE, or NAME for the running kernel's", argument);
	core_give(INPUT_MODULE_NAME, argument, size);
	snprintf(path, sizeof(path), "%s%s", RUNNING_BTF, argument);
	core_give_file(INPUT_MODULE_BTF, equals ? equals + 1 : path);
}

static void give_inputs(const struct arguments *given)
{
	const char *name = strcmp(given->object, "-") == 0 ? "stdin.bpf.o" : given->object;
	char *path = strdup(name);
	size_t size = 0;
	char *lines = setting_lines(&size);

	if (!path || !lines)
		misused("no memory", name);
	core_give_file(INPUT_KERNEL_BTF, given->btf ? given->btf : RUNNING_BTF "vmlinux");
	core_give_file(INPUT_OBJECT, given->object);
	core_give(INPUT_OBJECT_NAME, basename(path), strlen(basename(path)));
	for (size_t i = 0; i < given->module_count; i++)
		give_module(given->modules[i]);
	if (given->kconfig)
		core_give_file(INPUT_KCONFIG, given->kconfig);
	if (size > 0)
		core_give(INPUT_OPTIONS, lines, size);
	free(lines);
	free(path);
}

static int write_output(const char *path, struct bytes bytes)
{
	int fd = strcmp(path, "-") == 0
			 ? STDOUT_FILENO
			 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	while (fd >= 0 && bytes.size > 0) {
		ssize_t written = write(fd, bytes.at, bytes.size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			break;
		bytes.at += written;
		bytes.size -= (size_t)written;
	}
	/* Some file systems tell only now that there was no room. */
	if (fd >= 0 && bytes.size == 0 && (fd == STDOUT_FILENO || close(fd) == 0))
		return EXIT_DONE;
	fprintf(stderr, "error: cannot write %s\n  %s\n", path, strerror(errno));
	return EXIT_CANNOT;
}

/* The exit code of a call that did not end well; EXIT_DONE of one that did. */
static int judge(enum status status)
{
	switch (status) {
	case STATUS_DONE:
		return EXIT_DONE;
	case STATUS_FAULTS:
		print_faults(core_output());
		return EXIT_CANNOT;
	case STATUS_MISUSE:
		print_faults(core_output());
		return EXIT_OURS;
	case STATUS_TRAP:
		break;
	}
	return EXIT_OURS;
}

int main(int argc, char **argv)
{
	struct arguments given = {0};
	int code;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return fputs(USAGE, stdout) < 0 ? EXIT_CANNOT : EXIT_DONE;
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts(PLAN_VERSION) < 0 ? EXIT_CANNOT : EXIT_DONE;
	parse(&given, argc, argv);
	core_start();
	give_inputs(&given);
	code = judge(core_make_plan());
	if (code == EXIT_DONE && given.output)
		code = write_output(given.output, core_output());
	if (code != EXIT_DONE || !given.json)
		return code;
	code = judge(core_describe_plan());
	return code == EXIT_DONE ? write_output("-", core_output()) : code;
}

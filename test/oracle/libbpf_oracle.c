/*
 * libbpf_oracle --btf FILE --release R [--kconfig FILE] [--module NAME=FILE]... [--settings FILE]
 *               OBJECT
 *
 * What libbpf does with an object on a kernel, without a kernel: see run_libbpf.h. Exit code 2 for
 * wrong usage or a machine that this cannot run on, with a line on standard error.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include "fake_kernel.h"
#include "run_libbpf.h"
#include "settings.h"
#include "target.h"

static int wrong_usage(void)
{
	fputs("usage: libbpf_oracle --btf FILE --release R [--kconfig FILE] "
	      "[--module NAME=FILE]... [--settings FILE] OBJECT\n",
	      stderr);
	return 2;
}

static bool add_module(char *argument)
{
	char *equals = strchr(argument, '=');

	if (!equals)
		return false;
	*equals = 0;
	return fake_kernel_add_module(argument, equals + 1);
}

static bool read_arguments(int argc, char **argv, struct run_options *run)
{
	static const struct option options[] = {
		{"btf", required_argument, NULL, 'b'},
		{"release", required_argument, NULL, 'r'},
		{"kconfig", required_argument, NULL, 'k'},
		{"module", required_argument, NULL, 'm'},
		{"settings", required_argument, NULL, 's'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'b')
			target.btf = optarg;
		else if (option == 'r')
			target.release = optarg;
		else if (option == 'k')
			target.kconfig = optarg;
		else if (option == 's' ? !read_settings(optarg)
				       : option != 'm' || !add_module(optarg))
			return false;
	}
	if (!target.btf || !target.release || !target_version() || optind != argc - 1)
		return false;
	run->path = argv[optind];
	return true;
}

int main(int argc, char **argv)
{
	struct run_options run = {0};

	if (!read_arguments(argc, argv, &run))
		return wrong_usage();
	if (!fake_kernel_start()) {
		fputs("libbpf_oracle: too few open files are allowed\n", stderr);
		return 2;
	}
	return run_libbpf(&run) ? 0 : 2;
}

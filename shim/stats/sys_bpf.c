/*
 * The door to bpf(2) of structops-shim-stats, which a VM runs to try a plan: it asks the verifier
 * to count, and writes what that says of each program that it takes to standard error.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include "sys_bpf.h"

/* BPF_LOG_STATS of the kernel's include/linux/bpf_verifier.h */
#define LOG_STATS 4u

/* The door itself, by the name that it is compiled with for this program. */
int sys_bpf_plain(uint32_t cmd, void *attr, uint32_t attr_size);

static char text[1 << 16];

int sys_bpf(uint32_t cmd, void *attr, uint32_t attr_size)
{
	union bpf_attr *load = attr;
	int result;

	/* With a level already: it was refused, and is asked why. */
	if (cmd != BPF_PROG_LOAD || load->log_level != 0)
		return sys_bpf_plain(cmd, attr, attr_size);
	memset(text, 0, sizeof(text));
	load->log_level = LOG_STATS;
	load->log_size = sizeof(text);
	load->log_buf = (uintptr_t)text;
	result = sys_bpf_plain(cmd, attr, attr_size);
	load->log_level = 0;
	load->log_size = 0;
	load->log_buf = 0;
	if (result >= 0)
		fprintf(stderr, "structops: verified\n%s", text);
	return result;
}

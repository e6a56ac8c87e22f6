/*
 * settle MAPS PROGS LINKS BTFS PINS CONGESTION_CONTROLS
 *
 * Waits until that is what the kernel has, a minute at most: it frees after grace periods, and
 * later on a busy machine. Prints what it has by then as one JSON line, and as "kib" the memory
 * that it has taken for itself.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bpf_counts.h"

/* What the kernel has taken for itself and cannot give back at will. */
static long kernel_memory_kib(void)
{
	static const char *const names[] = {"SUnreclaim:", "Percpu:", "VmallocUsed:"};
	FILE *file = fopen("/proc/meminfo", "r");
	char name[64];
	long sum = 0, kib;

	if (file == NULL) {
		perror("/proc/meminfo");
		exit(1);
	}
	while (fscanf(file, "%63s %ld%*[^\n]", name, &kib) == 2) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			sum += strcmp(name, names[i]) == 0 ? kib : 0;
	}
	fclose(file);
	return sum;
}

int main(int argc, char **argv)
{
	struct bpf_counts wanted, now;

	if (argc != 7) {
		fprintf(stderr, "usage: settle MAPS PROGS LINKS BTFS PINS CONGESTION_CONTROLS\n");
		return 2;
	}
	wanted = (struct bpf_counts){
		.maps = (uint32_t)atoi(argv[1]),
		.progs = (uint32_t)atoi(argv[2]),
		.links = (uint32_t)atoi(argv[3]),
		.btfs = (uint32_t)atoi(argv[4]),
		.pins = (uint32_t)atoi(argv[5]),
		.congestion_controls = (uint32_t)atoi(argv[6]),
	};
	bpf_count_until(&wanted, &now);
	printf("{\"counts\":");
	bpf_counts_print(&now);
	printf(",\"kib\":%ld}\n", kernel_memory_kib());
	return 0;
}

/* What is in the kernel, counted without a library and without a process for it. */
#ifndef BPF_COUNTS_H
#define BPF_COUNTS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

struct bpf_counts {
	uint32_t maps, progs, links, btfs;
	/* Files below /sys/fs/bpf, directories included. */
	uint32_t pins;
	/* Names in tcp_available_congestion_control. */
	uint32_t congestion_controls;
};

void bpf_count(struct bpf_counts *counts);
bool bpf_counts_equal(const struct bpf_counts *one, const struct bpf_counts *other);
/* Counts again until it is as wanted, a minute at most: the kernel frees after grace periods. */
bool bpf_count_until(const struct bpf_counts *wanted, struct bpf_counts *now);
/* {"maps":1,...}, without a line feed. */
void bpf_counts_print(const struct bpf_counts *counts);
/* bpf(2): what it returns, or a negative errno. */
int bpf(uint32_t cmd, union bpf_attr *attr);

#endif

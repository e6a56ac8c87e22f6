#define _GNU_SOURCE
#include "bpf_counts.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_MS 5
#define WAIT_MS 60000

int bpf(uint32_t cmd, union bpf_attr *attr)
{
	long result = syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	return result < 0 ? -errno : (int)result;
}

static uint32_t count_ids(uint32_t next_id_cmd)
{
	union bpf_attr attr = {0};
	uint32_t count = 0;

	while (bpf(next_id_cmd, &attr) == 0) {
		attr.start_id = attr.next_id;
		count++;
	}
	return count;
}

static uint32_t pins;

static int count_pin(const char *path, const struct stat *status, int kind, struct FTW *position)
{
	(void)path, (void)status, (void)kind;
	/* "maps.debug" and "progs.debug" are the kernel's own. */
	if (position->level > 0 && strstr(path, ".debug") == NULL)
		pins++;
	return 0;
}

static uint32_t count_words(const char *path)
{
	FILE *file = fopen(path, "r");
	uint32_t count = 0;
	char word[17];

	if (file == NULL)
		return 0;
	while (fscanf(file, "%16s", word) == 1)
		count++;
	fclose(file);
	return count;
}

void bpf_count(struct bpf_counts *counts)
{
	pins = 0;
	nftw("/sys/fs/bpf", count_pin, 8, FTW_PHYS);
	*counts = (struct bpf_counts){
		.maps = count_ids(BPF_MAP_GET_NEXT_ID),
		.progs = count_ids(BPF_PROG_GET_NEXT_ID),
		.links = count_ids(BPF_LINK_GET_NEXT_ID),
		.btfs = count_ids(BPF_BTF_GET_NEXT_ID),
		.pins = pins,
		.congestion_controls =
			count_words("/proc/sys/net/ipv4/tcp_available_congestion_control"),
	};
}

bool bpf_counts_equal(const struct bpf_counts *one, const struct bpf_counts *other)
{
	return memcmp(one, other, sizeof(*one)) == 0;
}

bool bpf_count_until(const struct bpf_counts *wanted, struct bpf_counts *now)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000};

	for (unsigned int waited_ms = 0;; waited_ms += PAUSE_MS) {
		bpf_count(now);
		if (bpf_counts_equal(now, wanted))
			return true;
		if (waited_ms >= WAIT_MS)
			return false;
		nanosleep(&pause, NULL);
	}
}

void bpf_counts_print(const struct bpf_counts *counts)
{
	printf("{\"maps\":%u,\"progs\":%u,\"links\":%u,\"btfs\":%u,\"pins\":%u,"
	       "\"congestion_controls\":%u}",
	       counts->maps, counts->progs, counts->links, counts->btfs, counts->pins,
	       counts->congestion_controls);
}

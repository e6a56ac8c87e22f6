/*
 * swaps EXECUTOR COUNT FAILURES PLAN_A PLAN_B [BAD_PLAN...]
 *
 * Has the executor carry out A and B in turns, COUNT times in all, and after every so many of them
 * a bad plan, FAILURES times in all. Each plan puts another map into the only struct_ops link.
 * Prints one JSON line: how many swaps did not change the map of the link, or ended with another
 * exit code than 0; how many bad plans changed it, or ended with another one than 1; and the
 * milliseconds of a swap.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include "../clock.h"
#include "registrations.h"

int main(int argc, char **argv)
{
	int count, failures, failed = 0, wrong = 0, bad_plans = argc - 6, injected = 0;
	double spent_ms = 0;

	if (argc < 6) {
		fprintf(stderr, "usage: swaps EXECUTOR COUNT FAILURES A B [BAD]...\n");
		return 2;
	}
	count = atoi(argv[2]);
	failures = bad_plans > 0 ? atoi(argv[3]) : 0;
	for (int i = 0; i < count; i++) {
		uint32_t map = map_in_force();
		double started_ms = now_ms();

		failed += carry_out(argv[1], argv[4 + i % 2]) != 0 || map_in_force() == map;
		spent_ms += now_ms() - started_ms;
		for (map = map_in_force(); injected * count < failures * (i + 1); injected++) {
			const char *bad = argv[6 + injected % bad_plans];

			wrong += carry_out(argv[1], bad) != 1 || map_in_force() != map;
		}
	}
	printf("{\"swaps\":%d,\"failed\":%d,\"injected\":%d,\"changed\":%d,\"ms\":%.1f}\n", count,
	       failed, injected, wrong, spent_ms / count);
	return 0;
}

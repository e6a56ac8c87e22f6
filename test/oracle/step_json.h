/* Writes bpf(2) calls as the steps of docs/plan-json.md, so that a plan can be compared. */
#ifndef STEP_JSON_H
#define STEP_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "calls.h"

struct step_writer {
	FILE *out;
	const char *phase; /* "load" or "attach" */
	unsigned int step_count;
	int slot_count;
};

/*
 * Writes one step, gives a slot to what it made and names other objects by theirs. Addresses and
 * fds become patches; their bytes are zero in attr_hex and in the blobs.
 */
void write_step(struct step_writer *writer, const struct bpf_call *call);

/* Begins a step with what all have; "slot" comes next, and the caller counts it. */
void begin_step(struct step_writer *writer, const char *cmd, const char *name);

/* A JSON string of two digits a byte. */
void write_hex(FILE *out, const uint8_t *bytes, size_t size);

/* A JSON string; bytes above 0x7f go out as they came. */
void write_text(FILE *out, const char *text, size_t size);

#endif

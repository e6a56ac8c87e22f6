/*
 * A kernel made of a table of fds, linked in place of shim/sys_bpf.c. It reads every byte that
 * the real one would, so that a sanitizer sees a range that is too short, and aborts where the
 * executor breaks a promise: a command outside the permit table, an fd closed twice.
 */
#ifndef FAKE_SYS_BPF_H
#define FAKE_SYS_BPF_H

#include <stddef.h>
#include <stdint.h>

struct fake_state {
	uint32_t calls;		  /* of any command */
	uint32_t step_calls;	  /* of those that a plan's step can be, mmap of an arena too */
	uint32_t open_fds;	  /* and arenas that are mapped */
	uint32_t registered;	  /* struct_ops maps in force, with or without a link */
	uint32_t refused_deletes; /* MAP_DELETE_ELEMs that a rule answered */
	uint32_t pins;
};

/* Forgets every fd and every rule. */
void fake_reset(void);

/* Calls number `from` to `to` of fake_state.step_calls (the first is 0) return `result`. */
void fake_answer(uint32_t from, uint32_t to, int result);

/* Forgets the rules only: the kernel works again. */
void fake_reset_rules(void);

/* What a failing PROG_LOAD or BTF_LOAD writes to its log; ENOSPC if the buffer is smaller. */
void fake_log(const char *text, uint32_t buffer_size_needed);

struct fake_state fake_state(void);

/*
 * What others have done before, as words: "legacy": a struct_ops map that is registered; "link":
 * one with a link; each held by somebody; "data": a hash; "program"; "pin:NAME": a pin of the last
 * of them in the working directory. Ids count up from 1; a link has the one after its map.
 */
void fake_make(const char *words);

/* From here on only one may be in force at a time, as with sched_ext. */
void fake_exclusive(void);

/* Writes "map ID " for each map in force; how many bytes that are. */
uint32_t fake_registrations(char *text, uint32_t size);

/* From here on addresses that a step gives the kernel must lie there. */
void fake_frame(const void *frame, size_t size);

/* Writes to FAKE_RECORD. */
void fake_record(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

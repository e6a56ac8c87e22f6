/* What libbpf does with one object, as JSON, whatever kernel it is on. */
#ifndef RUN_LIBBPF_H
#define RUN_LIBBPF_H

#include <stdbool.h>

struct run_options {
	const char *path; /* of the object */
	bool detach;	  /* let everything go at the end; no part of the steps */
};

/*
 * Opens an object, does what settings.h was told, loads it, attaches each of its struct_ops maps,
 *and prints the bpf(2) calls to standard output:
 *
 *	{"libbpf": "1.7", "probes": 20, "steps": [...], "error": null, "log": "..."}
 *
 * `steps` are those of docs/plan-json.md, without "may_fail"; a slot that holds a module's BTF
 * carries its name as "module", and a call that failed its "errno", positive; a value of more than
 * 1 MiB of zeros is an empty one. If libbpf fails, `error` is {"doing", "errno"}, and `steps` ends
 *where it did. `log` holds its warnings and notices. False: nothing whole was printed.
 */
bool run_libbpf(const struct run_options *options);

#endif

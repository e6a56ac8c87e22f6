/* What the user side of a sched_ext scheduler does between opening its object and loading it. */
#ifndef SCHED_EXT_USER_H
#define SCHED_EXT_USER_H

struct bpf_object;

/*
 * Gives read-only variables that begin with `__SCX_` the values of the kernel's enumerators, sets
 * members to null that the kernel's struct has not, and `hotplug_seq` to what the kernel says.
 * Returns 0, or a negative errno if the kernel's BTF cannot be read.
 */
int prepare_scheduler(struct bpf_object *object);

#endif

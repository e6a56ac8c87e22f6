/*
 * What the user side of a sched_ext scheduler takes from the kernel between opening its object and
 * loading it. Each returns 0, or a negative errno.
 */
#ifndef KERNEL_SETTINGS_H
#define KERNEL_SETTINGS_H

struct bpf_object;

/* Gives read-only variables that begin with `prefix` the values of the kernel's enumerators. */
int set_constants(struct bpf_object *object, const char *prefix);

/* Sets members to null that the kernel's struct has not. */
int set_unknown_to_null(struct bpf_object *object);

/* Gives `VARIABLE.member`, if the kernel has it, the number of hotplug events. */
int set_hotplug_seq(struct bpf_object *object, const char *member);

#endif

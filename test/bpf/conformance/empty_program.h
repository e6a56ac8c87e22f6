/* SPDX-License-Identifier: MIT */
/* A program of a section, for objects that are about sections. Include bpf_helpers.h before it. */
#ifndef EMPTY_PROGRAM_H
#define EMPTY_PROGRAM_H

#define PROGRAM(section, name)                                                                     \
	SEC(section)                                                                               \
	int name(void *ctx)                                                                        \
	{                                                                                          \
		return 0;                                                                          \
	}

#endif /* EMPTY_PROGRAM_H */

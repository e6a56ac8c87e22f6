#ifndef FAULT_TEXT_H
#define FAULT_TEXT_H

#include "core_host.h"

/* Writes `structops.faults/1` to standard error as the command `structops` shows it. */
void print_faults(struct bytes json);

#endif

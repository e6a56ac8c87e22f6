/* A target: the kernel's BTF in windows, of a host that is honest, or careless, or hostile. */
#ifndef WINDOWS_H
#define WINDOWS_H

#include "mutate.h"
#include "the_core.h"

/* `input`: what the host does, in 16 bytes, then the BTF. `choice`: an object. */
void put_windows(uint8_t choice, struct bytes input);

void mutate_windows(struct file *file, struct range input);

#endif

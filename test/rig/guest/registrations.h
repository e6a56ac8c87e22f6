/* What the tools do with registrations, and with the executor that makes them. */
#ifndef REGISTRATIONS_H
#define REGISTRATIONS_H

#include <stdint.h>

/* Says what could not be done, and ends. */
void die(const char *what);

/* Has an executor carry out a plan, and waits for its end. Its exit code. */
int carry_out(const char *executor, const char *plan);

/* That of the only struct_ops link, by its id; 0 if there is none. */
uint32_t map_in_force(void);

/* Takes legacy struct_ops away, as others would. How many there were. */
int delete_registrations(void);

#endif

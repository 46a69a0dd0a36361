/* memory.h - allocation that cannot fail: a simulator out of memory says so and ends. */
#ifndef SIM_DEVICE_MEMORY_H
#define SIM_DEVICE_MEMORY_H

#include <stddef.h>

/* Gives size zeroed bytes. */
void *sim_allocate(size_t size);

/* As realloc; the new part is not zeroed. */
void *sim_reallocate(void *memory, size_t size);

/* Gives a copy of a string. */
char *sim_duplicate(const char *text);

/* Replaces a string that *place owns by a copy of text. */
void sim_replace(char **place, const char *text);

/* Ends the program unless memory, which a library allocated, is there; returns it. */
void *sim_require(void *memory);

#endif

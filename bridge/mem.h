/* mem.h - memory on the loop thread: it is there, or the program ends with a message.
 *
 * A bridge that lost half a message is worse than one that the service manager starts again:
 * start-up reads every device before anything is written to one. */
#ifndef PLUG_BRIDGE_MEM_H
#define PLUG_BRIDGE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed; the caller frees. */
void *mem_new(size_t size);
void *mem_array(size_t count, size_t size);
void *mem_resize(void *memory, size_t count, size_t size);

/* A copy the caller frees; NULL gives NULL. */
char *mem_copy(const char *text);
void *mem_copy_bytes(const void *bytes, size_t size);

/* A formatted text the caller frees. */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Replaces *slot by a copy of text when they differ; true when they did. NULL counts as "". */
bool mem_replace(char **slot, const char *text);
/* The same with the first max_bytes of text: for what devices say of themselves. */
bool mem_replace_start(char **slot, const char *text, size_t max_bytes);

#endif

/* memory.h - memory that is there, or the program has ended with a message.
 *
 * plugctl holds nothing that a later run would miss, so running out of memory ends it. */
#ifndef PLUG_PLUGCTL_MEMORY_H
#define PLUG_PLUGCTL_MEMORY_H

#include <stddef.h>

struct json_object;

/* Zeroed; free with free. count 0 gives memory all the same. */
void *memory_new(size_t count, size_t size);

/* A copy, and a text made as printf makes it; free with free. */
char *memory_copy(const char *text);
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Returns value when it is there. */
struct json_object *memory_json(struct json_object *value);

_Noreturn void memory_is_out(void);

#endif

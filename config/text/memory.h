/* memory.h - allocation for config/. Nothing here fails: running out of memory ends the program
 * with a message, because half a configuration must never be used. */
#ifndef PLUG_CONFIG_TEXT_MEMORY_H
#define PLUG_CONFIG_TEXT_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

/* Gives count zeroed items (free with free). */
void *config_alloc(size_t count, size_t item_bytes);

/* Returns items with room for one more than count; *capacity is kept by this function and starts
 * at 0 with items NULL. Room is doubled, so that adding n items costs O(n). */
void *config_grow(void *items, size_t count, size_t *capacity, size_t item_bytes);

/* Gives a copy of text (free with free). */
char *config_copy(const char *text);

/* Gives the formatted text (free with free). */
char *config_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *config_format_list(const char *format, va_list arguments)
	__attribute__((format(printf, 1, 0)));

#endif

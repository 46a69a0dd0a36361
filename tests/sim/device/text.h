/* text.h - writes JSON text, with the commas where they belong.
 *
 *     sim_text_open(text, '{'); sim_text_int(text, "state", 1); sim_text_close(text, '}');
 *
 * Replies are written straight from a device's state, a thousand times a second and more: no tree
 * of objects is built for them. Growable, always NUL-terminated once something was written. */
#ifndef SIM_DEVICE_TEXT_H
#define SIM_DEVICE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed memory is an empty text. */
struct sim_text {
	char *bytes;
	size_t size; /* without the NUL */
	size_t capacity;
};

/* Frees it and leaves an empty text. */
void sim_text_free(struct sim_text *text);

/* Forgets what lies behind size bytes and keeps the memory. */
void sim_text_cut(struct sim_text *text, size_t size);

void sim_text_add(struct sim_text *text, const char *string);
void sim_text_add_bytes(struct sim_text *text, const void *bytes, size_t size);

/* As it is, without key or comma. */
void sim_text_add_int(struct sim_text *text, int64_t value);

/* With quotes and escapes; text that is not UTF-8 goes through as it is. */
void sim_text_add_quoted(struct sim_text *text, const char *string);

/* Begins an element of an array: a comma, unless it is the first. */
void sim_text_next(struct sim_text *text);

/* Begins a member of an object: a comma, unless it is the first, and the key. */
void sim_text_key(struct sim_text *text, const char *key);

/* bracket is one of { [ for open, one of } ] for close. */
void sim_text_open(struct sim_text *text, char bracket);
void sim_text_close(struct sim_text *text, char bracket);

/* Whole members. */
void sim_text_int(struct sim_text *text, const char *key, int64_t value);
void sim_text_bool(struct sim_text *text, const char *key, bool value);
void sim_text_string(struct sim_text *text, const char *key, const char *string);

/* Millionths as a decimal number with six places, as the first hardware prints them: 231.067823 */
void sim_text_micro(struct sim_text *text, const char *key, int64_t millionths);

#endif

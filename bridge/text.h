/* text.h - a text written piece by piece into memory of the caller's, and its JSON forms.
 *
 * Topics and payloads are made at the moment they are sent, thousands a second: nothing here
 * allocates. What does not fit is noticed, never cut silently. */
#ifndef PLUG_BRIDGE_TEXT_H
#define PLUG_BRIDGE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *bytes;	 /* always NUL-terminated */
	size_t capacity; /* with the NUL */
	size_t size;
	bool is_cut; /* something did not fit: do not use it */
	bool needs_comma;
};

/* Borrows bytes for the life of the text. */
void text_init(struct text *text, char *bytes, size_t capacity);

void text_put(struct text *text, const char *piece);
void text_put_bytes(struct text *text, const char *bytes, size_t size);
void text_put_integer(struct text *text, int64_t value);

/* A value counted in thousandths as a bare decimal number: 61753 gives 61.753, 2000 gives 2. */
void text_put_thousandths(struct text *text, int64_t value);

/* JSON: opens and closes an object or array ('{', '}', '[', ']'); commas come by themselves.
 * key NULL inside an array. Strings are quoted as JSON needs it; NULL is written as null. */
void text_open(struct text *text, const char *key, char bracket);
void text_close(struct text *text, char bracket);
void text_member_string(struct text *text, const char *key, const char *value);
void text_member_integer(struct text *text, const char *key, int64_t value);
void text_member_flag(struct text *text, const char *key, bool value);
void text_member_null(struct text *text, const char *key);
/* value is JSON already. */
void text_member_json(struct text *text, const char *key, const char *value);

/* null unless has_value. */
void text_member_thousandths(struct text *text, const char *key, bool has_value, int64_t value);

/* Wall clock in ms since 1970 as "2026-11-21T09:30:00.123Z"; null for 0. */
void text_member_time(struct text *text, const char *key, int64_t wall_ms);

#endif

#include "bridge/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void text_init(struct text *text, char *bytes, size_t capacity)
{
	*text = (struct text) { .bytes = bytes, .capacity = capacity };
	text->bytes[0] = '\0';
}

void text_put_bytes(struct text *text, const char *bytes, size_t size)
{
	if (size >= text->capacity - text->size) {
		text->is_cut = true;
		return;
	}
	memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
	text->bytes[text->size] = '\0';
}

void text_put(struct text *text, const char *piece)
{
	text_put_bytes(text, piece, strlen(piece));
}

/* Digits from the end of a buffer that holds any 64-bit number. */
void text_put_integer(struct text *text, int64_t value)
{
	char digits[24];
	size_t at = sizeof digits;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0) {
		digits[--at] = '-';
	}
	text_put_bytes(text, digits + at, sizeof digits - at);
}

void text_put_thousandths(struct text *text, int64_t value)
{
	const int64_t whole = value / 1000;
	int64_t rest = value % 1000;
	char decimals[4] = { '.' };
	size_t size = sizeof decimals;

	if (value < 0) {
		text_put(text, "-");
		rest = -rest;
	}
	text_put_integer(text, whole < 0 ? -whole : whole);
	if (rest == 0) {
		return;
	}
	decimals[1] = (char)('0' + rest / 100);
	decimals[2] = (char)('0' + rest / 10 % 10);
	decimals[3] = (char)('0' + rest % 10);
	while (decimals[size - 1] == '0') {
		size--;
	}
	text_put_bytes(text, decimals, size);
}

static void put_escape(struct text *text, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";
	const char escape[] = { '\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15] };

	text_put_bytes(text, escape, sizeof escape);
}

/* Bytes of the UTF-8 character at value when it is well-formed (RFC 3629), else 0. */
static size_t utf8_size(const unsigned char *value)
{
	const unsigned char lead = value[0];
	const size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	const bool is_second_bad =
		(lead == 0xe0 && value[1] < 0xa0) || (lead == 0xed && value[1] > 0x9f) ||
		(lead == 0xf0 && value[1] < 0x90) || (lead == 0xf4 && value[1] > 0x8f);

	if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || (size > 1 && is_second_bad)) {
		return 0;
	}
	for (size_t i = 1; i < size; i++) {
		if ((value[i] & 0xc0) != 0x80) {
			return 0;
		}
	}
	return size;
}

static bool is_plain(unsigned char byte)
{
	return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
}

/* Labels are the user's own text: what is not UTF-8 in them would spoil the whole payload. */
static size_t put_special(struct text *text, const char *value)
{
	const size_t size = utf8_size((const unsigned char *)value);
	const char escape[] = { '\\', *value };

	if (size > 1) {
		text_put_bytes(text, value, size);
	} else if (size == 0) {
		text_put(text, "\xef\xbf\xbd");
	} else if (*value == '"' || *value == '\\') {
		text_put_bytes(text, escape, sizeof escape);
	} else {
		put_escape(text, (unsigned char)*value);
	}
	return size > 0 ? size : 1;
}

static void put_quoted(struct text *text, const char *value)
{
	text_put(text, "\"");
	while (*value != '\0') {
		size_t plain = 0;

		while (is_plain((unsigned char)value[plain])) {
			plain++;
		}
		text_put_bytes(text, value, plain);
		value += plain;
		if (*value != '\0') {
			value += put_special(text, value);
		}
	}
	text_put(text, "\"");
}

static void put_key(struct text *text, const char *key)
{
	if (text->needs_comma) {
		text_put(text, ",");
	}
	text->needs_comma = true;
	/* Keys are ours: none needs an escape. */
	if (key) {
		text_put(text, "\"");
		text_put(text, key);
		text_put(text, "\":");
	}
}

void text_open(struct text *text, const char *key, char bracket)
{
	put_key(text, key);
	text_put_bytes(text, &bracket, 1);
	text->needs_comma = false;
}

void text_close(struct text *text, char bracket)
{
	text_put_bytes(text, &bracket, 1);
	text->needs_comma = true;
}

void text_member_string(struct text *text, const char *key, const char *value)
{
	put_key(text, key);
	if (value) {
		put_quoted(text, value);
	} else {
		text_put(text, "null");
	}
}

void text_member_integer(struct text *text, const char *key, int64_t value)
{
	put_key(text, key);
	text_put_integer(text, value);
}

void text_member_flag(struct text *text, const char *key, bool value)
{
	put_key(text, key);
	text_put(text, value ? "true" : "false");
}

void text_member_null(struct text *text, const char *key)
{
	put_key(text, key);
	text_put(text, "null");
}

void text_member_json(struct text *text, const char *key, const char *value)
{
	put_key(text, key);
	text_put(text, value);
}

void text_member_thousandths(struct text *text, const char *key, bool has_value, int64_t value)
{
	put_key(text, key);
	if (has_value) {
		text_put_thousandths(text, value);
	} else {
		text_put(text, "null");
	}
}

void text_member_time(struct text *text, const char *key, int64_t wall_ms)
{
	const time_t seconds = (time_t)(wall_ms / 1000);
	struct tm utc;
	char value[40];
	size_t size = 0;

	if (wall_ms <= 0 || !gmtime_r(&seconds, &utc)) {
		text_member_null(text, key);
		return;
	}
	size = strftime(value, sizeof value, "%Y-%m-%dT%H:%M:%S", &utc);
	(void)snprintf(value + size, sizeof value - size, ".%03dZ", (int)(wall_ms % 1000));
	text_member_string(text, key, value);
}

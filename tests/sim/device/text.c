#include "tests/sim/device/text.h"

#include "tests/sim/device/memory.h"

#include <stdlib.h>
#include <string.h>

/* A plug's sysinfo and reading fit without growing. */
enum { FIRST_CAPACITY_BYTES = 1024 };

enum { DIGITS_MAX = 20, MICRO_DIGITS = 6 };

void sim_text_free(struct sim_text *text)
{
	free(text->bytes);
	*text = (struct sim_text) { 0 };
}

void sim_text_cut(struct sim_text *text, size_t size)
{
	if (size < text->size) {
		text->size = size;
		text->bytes[size] = '\0';
	}
}

/* Room for size more bytes and the NUL. */
static char *reserve(struct sim_text *text, size_t size)
{
	size_t capacity = text->capacity > 0 ? text->capacity : FIRST_CAPACITY_BYTES;

	if (text->size + size + 1 > text->capacity) {
		while (capacity < text->size + size + 1) {
			capacity *= 2;
		}
		text->bytes = sim_reallocate(text->bytes, capacity);
		text->capacity = capacity;
	}
	return text->bytes + text->size;
}

void sim_text_add_bytes(struct sim_text *text, const void *bytes, size_t size)
{
	char *end = reserve(text, size);

	if (size > 0) {
		memcpy(end, bytes, size);
	}
	end[size] = '\0';
	text->size += size;
}

void sim_text_add(struct sim_text *text, const char *string)
{
	sim_text_add_bytes(text, string, strlen(string));
}

static void add_char(struct sim_text *text, char character)
{
	char *end = reserve(text, 1);

	end[0] = character;
	end[1] = '\0';
	text->size++;
}

/* Adds value in decimal, at least min_digits long. */
static void add_digits(struct sim_text *text, uint64_t value, size_t min_digits)
{
	char digits[DIGITS_MAX];
	size_t first = sizeof digits;

	while (value > 0 || sizeof digits - first < min_digits) {
		first--;
		digits[first] = (char)('0' + value % 10);
		value /= 10;
	}
	sim_text_add_bytes(text, digits + first, sizeof digits - first);
}

static uint64_t magnitude(int64_t value)
{
	return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

void sim_text_add_int(struct sim_text *text, int64_t value)
{
	if (value < 0) {
		add_char(text, '-');
	}
	add_digits(text, magnitude(value), 1);
}

static void add_escaped(struct sim_text *text, unsigned char character)
{
	static const char hex[] = "0123456789abcdef";
	const char escape[] = { '\\', 'u', '0', '0', hex[character >> 4], hex[character & 15] };

	if (character == '"' || character == '\\') {
		add_char(text, '\\');
		add_char(text, (char)character);
	} else {
		sim_text_add_bytes(text, escape, sizeof escape);
	}
}

void sim_text_add_quoted(struct sim_text *text, const char *string)
{
	const char *plain = string;
	const char *c = string;

	add_char(text, '"');
	for (; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == '"' || *c == '\\') {
			sim_text_add_bytes(text, plain, (size_t)(c - plain));
			add_escaped(text, (unsigned char)*c);
			plain = c + 1;
		}
	}
	sim_text_add_bytes(text, plain, (size_t)(c - plain));
	add_char(text, '"');
}

void sim_text_next(struct sim_text *text)
{
	const char last = text->size > 0 ? text->bytes[text->size - 1] : '{';

	if (last != '{' && last != '[') {
		add_char(text, ',');
	}
}

void sim_text_key(struct sim_text *text, const char *key)
{
	sim_text_next(text);
	sim_text_add_quoted(text, key);
	add_char(text, ':');
}

void sim_text_open(struct sim_text *text, char bracket)
{
	add_char(text, bracket);
}

void sim_text_close(struct sim_text *text, char bracket)
{
	add_char(text, bracket);
}

void sim_text_int(struct sim_text *text, const char *key, int64_t value)
{
	sim_text_key(text, key);
	sim_text_add_int(text, value);
}

void sim_text_bool(struct sim_text *text, const char *key, bool value)
{
	sim_text_key(text, key);
	sim_text_add(text, value ? "true" : "false");
}

void sim_text_string(struct sim_text *text, const char *key, const char *string)
{
	sim_text_key(text, key);
	sim_text_add_quoted(text, string);
}

void sim_text_micro(struct sim_text *text, const char *key, int64_t millionths)
{
	const uint64_t value = magnitude(millionths);

	sim_text_key(text, key);
	if (millionths < 0) {
		add_char(text, '-');
	}
	add_digits(text, value / 1000000, 1);
	add_char(text, '.');
	add_digits(text, value % 1000000, MICRO_DIGITS);
}

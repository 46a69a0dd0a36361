#include "protocol/plugctl/find/cfg_name.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/plugctl/terminal/memory.h"

enum { LETTERS_BYTES = 8 };

/* What the letters from first on are written as, with a space between; "~" is a letter that leaves
 * nothing, "-" is no letter. */
static const struct block {
	uint32_t first;
	const char *letters;
} blocks[] = {
	{ 0xb2, "2 3 - u - - - 1 o" },
	{ 0xc0, "a a a a ae a ae c e e e e i i i i d n o o o o oe - o u u u ue y th ss" },
	{ 0xe0, "a a a a ae a ae c e e e e i i i i d n o o o o oe - o u u u ue y th y" },
	{ 0x100,
		"a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g g g g g h h h h "
		"i i i i i i i i i i ij ij j j k k k l l l l l l l l l l n n n n n n n n n o o o o "
		"o o oe oe r r r r r r s s s s s s s s t t t t t t u u u u u u u u u u u u w w y y "
		"y z z z z z z s" },
	{ 0x218, "s s t t" },
	{ 0x386, "a - e i i - o - y o i a v g d e z i th i k l m n x o p r - s t y f ch ps o i y a "
		 "e i i y a v g d e z i th i k l m n x o p r s s t y f ch ps o i y o y o" },
	{ 0x401,
		"yo dj g ye dz i yi j lj nj ts k i u dz a b v g d e zh z i y k l m n o p r s t u "
		"f kh ts ch sh shch ~ y ~ e yu ya a b v g d e zh z i y k l m n o p r s t u f kh ts "
		"ch sh shch ~ y ~ e yu ya e yo dj g ye dz i yi j lj nj ts k i u dz" },
	{ 0x490, "g g" },
	{ 0x1e9e, "ss" },
};

/* Reads one character of UTF-8, or one byte that is none of it. */
static uint32_t read_character(const unsigned char **text)
{
	static const struct {
		unsigned char mask, lead;
		int more;
	} forms[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 1 }, { 0xf0, 0xe0, 2 }, { 0xf8, 0xf0, 3 } };
	const unsigned char first = *(*text)++;

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		uint32_t code = first & (unsigned char)~forms[i].mask;
		int more = forms[i].more;

		if ((first & forms[i].mask) != forms[i].lead) {
			continue;
		}
		for (; more > 0 && (**text & 0xc0) == 0x80; more--) {
			code = code << 6 | (*(*text)++ & 0x3f);
		}
		return more == 0 ? code : UINT32_MAX;
	}
	return UINT32_MAX;
}

/* The part of the block for a letter, or NULL. */
static const char *find_letters(const struct block *block, uint32_t code)
{
	const char *at = block->letters;

	if (code < block->first) {
		return NULL;
	}
	for (uint32_t left = code - block->first; at && left > 0; left--) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at;
}

/* Accents that stand behind their letter, and apostrophes, leave nothing. */
static bool is_passed_over(uint32_t code)
{
	return (code >= 0x300 && code < 0x370) || code == '\'' || code == 0x2bc || code == 0x2019;
}

/* One character as a name has it: "-" for what it cannot have. */
static void transliterate(uint32_t code, char letters[static LETTERS_BYTES])
{
	const char *found = NULL;

	letters[0] = code < 0x80 ? (char)code : '-';
	letters[is_passed_over(code) ? 0 : 1] = '\0';
	if (code >= 'A' && code <= 'Z') {
		letters[0] = (char)(code + 'a' - 'A');
	}
	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0] && !found; i++) {
		found = find_letters(&blocks[i], code);
	}
	if (found) {
		(void)snprintf(letters, LETTERS_BYTES, "%.*s", (int)strcspn(found, " "),
			*found == '~' ? "" : found);
	}
}

static bool is_kept(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* One dash for any number of them, none at the ends. */
static void make_name(const char *alias, char name[static CONFIG_NAME_MAX_BYTES + 1])
{
	const unsigned char *at = (const unsigned char *)alias;
	size_t size = 0;

	while (*at != '\0') {
		char letters[LETTERS_BYTES];

		transliterate(read_character(&at), letters);
		for (const char *letter = letters; *letter != '\0'; letter++) {
			const bool is_dash = !is_kept(*letter);

			if (size < CONFIG_NAME_MAX_BYTES &&
				!(is_dash && (size == 0 || name[size - 1] == '-'))) {
				name[size++] = is_dash ? '-' : *letter;
			}
		}
	}
	while (size > 0 && name[size - 1] == '-') {
		size--;
	}
	name[size] = '\0';
}

static bool is_taken(const struct cfg_names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->items[i], name) == 0) {
			return true;
		}
	}
	return false;
}

static void make_room(struct cfg_names *names)
{
	const size_t capacity = names->capacity == 0 ? 64 : 2 * names->capacity;
	char(*items)[CONFIG_NAME_MAX_BYTES + 1];

	if (names->count < names->capacity) {
		return;
	}
	items = memory_new(capacity, sizeof *items);
	if (names->count > 0) {
		memcpy(items, names->items, names->count * sizeof *items);
	}
	free(names->items);
	names->items = items;
	names->capacity = capacity;
}

const char *cfg_name_new(struct cfg_names *names, const char *alias, const char *fallback)
{
	char first[CONFIG_NAME_MAX_BYTES + 1];
	char *name;

	make_room(names);
	name = names->items[names->count];
	make_name(alias, first);
	(void)snprintf(name, sizeof first, "%s", first[0] != '\0' ? first : fallback);
	memcpy(first, name, sizeof first);
	for (size_t number = 2; is_taken(names, name); number++) {
		char end[24];
		const int size = snprintf(end, sizeof end, "-%zu", number);

		(void)snprintf(
			name, sizeof first, "%.*s%s", CONFIG_NAME_MAX_BYTES - size, first, end);
	}
	names->count++;
	return name;
}

void cfg_names_clear(struct cfg_names *names)
{
	free(names->items);
	*names = (struct cfg_names) { 0 };
}

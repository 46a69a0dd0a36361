#include "protocol/json_scan.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "protocol/json.h"

enum byte_class {
	BYTE_REFUSED, /* control characters, single quotes, N(aN), I(nfinity), all that is not ASCII
		       */
	BYTE_PLAIN,   /* white space, commas, the letters of true, false and null: json-c's business
		       */
	BYTE_QUOTE,
	BYTE_NUMBER,
	BYTE_COLON,
	BYTE_OPEN,
	BYTE_CLOSE,
};

/* What a byte may begin outside of strings. */
static const uint8_t byte_classes[UCHAR_MAX + 1] = {
	[' '] = BYTE_PLAIN,
	['\t'] = BYTE_PLAIN,
	['\n'] = BYTE_PLAIN,
	['\r'] = BYTE_PLAIN,
	[','] = BYTE_PLAIN,
	['a'] = BYTE_PLAIN,
	['e'] = BYTE_PLAIN,
	['f'] = BYTE_PLAIN,
	['l'] = BYTE_PLAIN,
	['n'] = BYTE_PLAIN,
	['r'] = BYTE_PLAIN,
	['s'] = BYTE_PLAIN,
	['t'] = BYTE_PLAIN,
	['u'] = BYTE_PLAIN,
	['"'] = BYTE_QUOTE,
	['-'] = BYTE_NUMBER,
	['0'] = BYTE_NUMBER,
	['1'] = BYTE_NUMBER,
	['2'] = BYTE_NUMBER,
	['3'] = BYTE_NUMBER,
	['4'] = BYTE_NUMBER,
	['5'] = BYTE_NUMBER,
	['6'] = BYTE_NUMBER,
	['7'] = BYTE_NUMBER,
	['8'] = BYTE_NUMBER,
	['9'] = BYTE_NUMBER,
	[':'] = BYTE_COLON,
	['{'] = BYTE_OPEN,
	['['] = BYTE_OPEN,
	['}'] = BYTE_CLOSE,
	[']'] = BYTE_CLOSE,
};

struct scan {
	const unsigned char *at;
	const unsigned char *end;
	size_t depth;
	size_t containers;
	size_t colons;
};

static bool is_digit(const unsigned char *at, const unsigned char *end)
{
	return at < end && *at >= '0' && *at <= '9';
}

/* Skips one digit or more; NULL when there is none. */
static const unsigned char *skip_digits(const unsigned char *at, const unsigned char *end)
{
	if (!is_digit(at, end)) {
		return NULL;
	}
	while (is_digit(at, end)) {
		at++;
	}
	return at;
}

/* json-c takes 007.5, -01, 1. and -.5 for numbers. */
static bool scan_number(struct scan *scan)
{
	const unsigned char *at = scan->at + (*scan->at == '-' ? 1 : 0);
	const bool is_zero = at < scan->end && *at == '0';

	at = is_zero ? at + 1 : skip_digits(at, scan->end);
	if (!at || (is_zero && is_digit(at, scan->end))) {
		return false;
	}
	if (at < scan->end && *at == '.') {
		at = skip_digits(at + 1, scan->end);
	}
	if (at && at < scan->end && (*at == 'e' || *at == 'E')) {
		at++;
		at += at < scan->end && (*at == '+' || *at == '-') ? 1 : 0;
		at = skip_digits(at, scan->end);
	}
	scan->at = at;
	return at;
}

static bool is_between(unsigned char byte, unsigned char first, unsigned char last)
{
	return byte >= first && byte <= last;
}

/* Bytes of the UTF-8 sequence of two to four bytes at at; 0 when it is none (RFC 3629). */
static size_t utf8_size(const unsigned char *at, size_t available)
{
	static const struct sequence {
		unsigned char lead_first, lead_last, second_first, second_last;
		size_t size;
	} sequences[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	const struct sequence *sequence = sequences;
	const struct sequence *const end = sequences + sizeof sequences / sizeof sequences[0];

	while (sequence < end && !is_between(*at, sequence->lead_first, sequence->lead_last)) {
		sequence++;
	}
	if (sequence == end || sequence->size > available ||
		!is_between(at[1], sequence->second_first, sequence->second_last)) {
		return 0;
	}
	for (size_t i = 2; i < sequence->size; i++) {
		if (!is_between(at[i], 0x80, 0xbf)) {
			return 0;
		}
	}
	return sequence->size;
}

/* Bytes of the escape at at that must be skipped before looking for the end of the string; json-c
 * checks the rest. 0 for an escaped NUL: json-c cuts keys there, so that "state\u0000x" would be
 * read as "state". */
static size_t escape_size(const unsigned char *at, size_t available)
{
	return available >= 6 && memcmp(at, "\\u0000", 6) == 0 ? 0 : 2;
}

static bool scan_string(struct scan *scan)
{
	const unsigned char *at = scan->at + 1;

	while (at < scan->end && *at != '"') {
		const size_t available = (size_t)(scan->end - at);
		size_t size = 1;

		if (*at == '\\') {
			size = escape_size(at, available);
		} else if (*at >= 0x80) {
			size = utf8_size(at, available);
		} else if (*at < ' ') {
			size = 0;
		}
		if (size == 0 || size > available) {
			return false;
		}
		at += size;
	}
	scan->at = at + 1;
	return at < scan->end;
}

static bool scan_token(struct scan *scan)
{
	switch (byte_classes[*scan->at]) {
	case BYTE_QUOTE:
		return scan_string(scan);
	case BYTE_NUMBER:
		return scan_number(scan);
	case BYTE_COLON:
		scan->colons++;
		break;
	case BYTE_OPEN:
		if (++scan->depth > PLUG_JSON_DEPTH_MAX ||
			++scan->containers > PLUG_JSON_CONTAINERS_MAX) {
			return false;
		}
		break;
	case BYTE_CLOSE:
		if (scan->depth-- == 0) {
			return false;
		}
		break;
	case BYTE_PLAIN:
		break;
	default:
		return false;
	}
	scan->at++;
	return true;
}

bool plug_json_scan(const char *text, size_t size, size_t *member_count)
{
	struct scan scan = { .at = (const unsigned char *)text };

	*member_count = 0;
	scan.end = scan.at + size;
	while (scan.at < scan.end) {
		if (!scan_token(&scan)) {
			return false;
		}
	}
	*member_count = scan.colons;
	return size > 0 && scan.depth == 0;
}

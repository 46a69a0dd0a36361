#include "protocol/mac.h"

#include <stddef.h>
#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	if (c >= 'A' && c <= 'F') {
		return c - 'A' + 10;
	}
	return -1;
}

/* Six pairs of hexadecimal digits, stride characters apart, with the same separator between all. */
static bool read_pairs(const char *text, size_t stride, uint8_t mac[static PLUG_MAC_BYTES])
{
	for (size_t i = 0; i < PLUG_MAC_BYTES; i++) {
		const char *pair = text + i * stride;
		const int high = hex_digit(pair[0]);
		const int low = hex_digit(pair[1]);
		const bool has_separator = stride == 3 && i + 1 < PLUG_MAC_BYTES;

		if (high < 0 || low < 0 || (has_separator && pair[2] != text[2])) {
			return false;
		}
		mac[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool plug_mac_parse(const char *text, uint8_t mac[static PLUG_MAC_BYTES])
{
	enum { PLAIN_SIZE = 2 * PLUG_MAC_BYTES, SEPARATED_SIZE = 3 * PLUG_MAC_BYTES - 1 };
	const size_t size = strlen(text);
	const bool is_separated = size == SEPARATED_SIZE && (text[2] == ':' || text[2] == '-');

	if ((is_separated || size == PLAIN_SIZE) && read_pairs(text, is_separated ? 3 : 2, mac)) {
		return true;
	}
	memset(mac, 0, PLUG_MAC_BYTES);
	return false;
}

void plug_mac_format(
	const uint8_t mac[static PLUG_MAC_BYTES], char text[static PLUG_MAC_TEXT_BYTES])
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < PLUG_MAC_BYTES; i++) {
		text[3 * i] = digits[mac[i] >> 4];
		text[3 * i + 1] = digits[mac[i] & 0x0f];
		text[3 * i + 2] = ':';
	}
	text[PLUG_MAC_TEXT_BYTES - 1] = '\0';
}

#include "protocol/plugctl/terminal/bytes.h"

#include <string.h>

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at ? (int)((at - digits) & 15) : -1;
}

static bool read_hex(const char *text, uint8_t *out, size_t *size)
{
	*size = 0;
	while (*text != '\0') {
		const int high = hex_value(text[0]);
		const int low = high < 0 ? -1 : hex_value(text[1]);

		if (*text == ' ' || *text == ':') {
			text++;
			continue;
		}
		if (high < 0 || low < 0) {
			return false;
		}
		out[(*size)++] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
		text += 2;
	}
	return *size > 0;
}

static bool read_base64(const char *text, uint8_t *out, size_t *size)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const size_t length = strcspn(text, "=");
	uint32_t group = 0;

	*size = 0;
	if (length == 0 || (strlen(text) & 3) != 0 || strlen(text) - length > 2 ||
		strspn(text + length, "=") != strlen(text) - length) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		const char *at = strchr(digits, text[i]);

		if (!at) {
			return false;
		}
		group = group << 6 | (uint32_t)(at - digits);
		/* Each character after the first of four completes a byte. */
		if ((i & 3) != 0) {
			out[(*size)++] = (uint8_t)(group >> (6 - 2 * (i & 3)));
		}
	}
	return true;
}

bool bytes_read(const char *text, uint8_t *out, size_t *size)
{
	if (read_hex(text, out, size) || read_base64(text, out, size)) {
		return true;
	}
	*size = 0;
	return false;
}

#include "protocol/plugctl/terminal/dump.h"

#include <stdint.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#include "protocol/frame.h"
#include "protocol/plugctl/terminal/memory.h"

enum { LINE_BYTES = 16, HALF_BYTES = LINE_BYTES / 2 };

static void print_hex(FILE *file, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < LINE_BYTES; i++) {
		fputs(i == HALF_BYTES ? "  " : " ", file);
		if (i < count) {
			fprintf(file, "%02x", bytes[i]);
		} else {
			fputs("  ", file);
		}
	}
}

/* The length in front has no text. */
static char letter_at(const struct dump *dump, size_t offset)
{
	const char c = offset < PLUG_FRAME_HEADER_BYTES
			       ? '\0'
			       : dump->text[offset - PLUG_FRAME_HEADER_BYTES];

	return c >= ' ' && c <= '~' ? c : '.';
}

static size_t shown_size(const struct dump *dump)
{
	return PLUG_FRAME_HEADER_BYTES + dump->open_size;
}

static void print_line(FILE *file, const struct dump *dump, const uint8_t *frame, size_t offset)
{
	const size_t rest = shown_size(dump) - offset;
	const size_t count = rest < LINE_BYTES ? rest : LINE_BYTES;

	fprintf(file, "%s %c %04zx ", dump->name, dump->mark, offset);
	print_hex(file, frame + offset, count);
	fputs("  ", file);
	for (size_t i = 0; i < count; i++) {
		fputc(letter_at(dump, offset + i), file);
	}
	fputc('\n', file);
}

void dump_print(FILE *file, const struct dump *dump)
{
	uint8_t *frame = memory_new(PLUG_FRAME_HEADER_BYTES + dump->size, 1);
	const size_t frame_size = plug_frame_encode(dump->text, dump->size, frame);

	for (size_t offset = 0; offset < shown_size(dump); offset += LINE_BYTES) {
		print_line(file, dump, frame, offset);
	}
	if (dump->open_size < dump->size) {
		fprintf(file, "%s %c (%zu bytes hidden)\n", dump->name, dump->mark,
			dump->size - dump->open_size);
	}
	OPENSSL_cleanse(frame, frame_size); /* it may hold a password */
	free(frame);
}

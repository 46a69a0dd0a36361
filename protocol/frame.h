/* frame.h - the length-prefixed, obfuscated frame a device speaks on TCP port 9999.
 *
 *     offset  size  field
 *     0       4     n, the length of what follows in bytes, big-endian, in clear
 *     4       n     JSON text, obfuscated (cipher.h)
 *
 * On UDP the same text travels without the header.
 * Source: vectors in tests/unit/wire_vectors.h; HS300 fw 1.0.6 sends the header in a
 * segment of its own, so the reader takes any segmentation. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_FRAME_H
#define PLUG_PROTOCOL_FRAME_H

#include "protocol/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PLUG_PORT = 9999,
	PLUG_FRAME_HEADER_BYTES = 4,
	/* Devices build replies of at most 16 KiB; four times that is certainly not a reply. */
	PLUG_FRAME_REPLY_MAX_BYTES = 64 * 1024,
};

/* Writes header and obfuscated text to out.
 *   text       text_size bytes of JSON, not NUL-terminated
 *   out        room for PLUG_FRAME_HEADER_BYTES + text_size bytes
 * Returns the bytes written; cannot fail. */
size_t plug_frame_encode(const char *text, size_t text_size, uint8_t *out);

/* Collects one frame after the other from bytes in any segmentation. Zeroed memory after
 * plug_frame_reader_init; the buffer grows with what really arrived, never with what a header
 * promises. */
struct plug_frame_reader {
	size_t max_bytes; /* a longer promise is PLUG_EPROTO */
	uint8_t header[PLUG_FRAME_HEADER_BYTES];
	uint8_t header_bytes;
	uint8_t key;
	bool is_complete;
	char *text;	   /* NUL-terminated once complete, owned by the reader */
	size_t text_size;  /* bytes of text so far */
	size_t frame_size; /* bytes promised by the header */
	size_t capacity;
};

void plug_frame_reader_init(struct plug_frame_reader *reader, size_t max_bytes);

/* Takes bytes until one frame is complete and sets *used to how many were taken; the rest belongs
 * to the next frame.
 * Returns PLUG_OK while all is well (look at is_complete), PLUG_EPROTO for a length of 0 or above
 * max_bytes, PLUG_ENOMEM. After an error, or before the next frame, call plug_frame_reader_reset.
 */
enum plug_error plug_frame_reader_feed(
	struct plug_frame_reader *reader, const uint8_t *bytes, size_t size, size_t *used);

/* True when no byte of a frame was taken since the last reset: only then is the end of the stream
 * not a cut frame. */
bool plug_frame_reader_is_empty(const struct plug_frame_reader *reader);

/* Gives the text of a complete frame (caller frees) and makes the reader ready for the next;
 * NULL and *size 0 when no frame is complete. */
char *plug_frame_reader_take(struct plug_frame_reader *reader, size_t *size);

/* Forgets a half-read frame and frees its text. */
void plug_frame_reader_reset(struct plug_frame_reader *reader);

#endif

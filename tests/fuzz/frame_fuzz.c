/* Any bytes in any segmentation: the reader finds the frames that a plain look at the whole stream
 * finds, stops where that stops, and never holds more than twice what arrived. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/cipher.h"
#include "protocol/frame.h"

enum { STREAM_MAX_BYTES = 2048, FIRST_CAPACITY_BYTES = 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool is_true)
{
	if (!is_true) {
		abort();
	}
}

/* A frame as the whole stream shows it. */
struct sight {
	bool is_bad;
	bool is_whole;
	size_t text_size;
};

static struct sight look(const uint8_t *stream, size_t size)
{
	struct sight sight = { 0 };

	if (size < PLUG_FRAME_HEADER_BYTES) {
		return sight;
	}
	for (size_t i = 0; i < PLUG_FRAME_HEADER_BYTES; i++) {
		sight.text_size = sight.text_size * 256 + stream[i];
	}
	sight.is_bad = sight.text_size == 0 || sight.text_size > STREAM_MAX_BYTES;
	sight.is_whole = !sight.is_bad && sight.text_size <= size - PLUG_FRAME_HEADER_BYTES;
	return sight;
}

static void check_text(const char *text, size_t text_size, const uint8_t *cipher)
{
	uint8_t previous = PLUG_CIPHER_KEY;

	for (size_t i = 0; i < text_size; i++) {
		require((uint8_t)text[i] == (uint8_t)(cipher[i] ^ previous));
		previous = cipher[i];
	}
	require(text[text_size] == '\0');
}

/* Feeds one frame in pieces. Returns the bytes taken; 0 at the end of the stream or of the frame
 * sequence. */
static size_t feed_frame(
	struct plug_frame_reader *reader, const uint8_t *stream, size_t size, size_t piece)
{
	const struct sight sight = look(stream, size);
	enum plug_error error = PLUG_OK;
	size_t at = 0;
	char *text;

	while (error == PLUG_OK && at < size && !reader->is_complete) {
		const size_t left = size - at;
		size_t used;

		error = plug_frame_reader_feed(
			reader, stream + at, piece < left ? piece : left, &used);
		at += used;
		require(used > 0 || error != PLUG_OK);
		require(reader->capacity <= FIRST_CAPACITY_BYTES || reader->capacity <= 2 * at);
	}
	require((error == PLUG_EPROTO) == sight.is_bad);
	require(reader->is_complete == sight.is_whole);
	if (!sight.is_whole) {
		return 0;
	}
	require(at == PLUG_FRAME_HEADER_BYTES + sight.text_size);
	text = plug_frame_reader_take(reader, &size);
	require(text && size == sight.text_size);
	check_text(text, size, stream + PLUG_FRAME_HEADER_BYTES);
	free(text);
	return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plug_frame_reader reader;
	size_t piece;
	size_t used;

	if (size == 0) {
		return 0;
	}
	piece = (size_t)data[0] + 1;
	data++;
	size--;
	plug_frame_reader_init(&reader, STREAM_MAX_BYTES);
	while ((used = feed_frame(&reader, data, size, piece)) > 0) {
		data += used;
		size -= used;
	}
	plug_frame_reader_reset(&reader);
	return 0;
}

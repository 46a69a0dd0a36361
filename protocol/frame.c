#include "protocol/frame.h"

#include "protocol/cipher.h"

#include <stdlib.h>
#include <string.h>

/* The first allocation for a text: room for the usual sysinfo and reading of a plug. */
enum { FIRST_CAPACITY_BYTES = 1024 };

size_t plug_frame_encode(const char *text, size_t text_size, uint8_t *out)
{
	out[0] = (uint8_t)(text_size >> 24);
	out[1] = (uint8_t)(text_size >> 16);
	out[2] = (uint8_t)(text_size >> 8);
	out[3] = (uint8_t)text_size;
	plug_cipher_encrypt(text, text_size, out + PLUG_FRAME_HEADER_BYTES);
	return PLUG_FRAME_HEADER_BYTES + text_size;
}

void plug_frame_reader_init(struct plug_frame_reader *reader, size_t max_bytes)
{
	*reader = (struct plug_frame_reader) { .max_bytes = max_bytes, .key = PLUG_CIPHER_KEY };
}

void plug_frame_reader_reset(struct plug_frame_reader *reader)
{
	free(reader->text);
	plug_frame_reader_init(reader, reader->max_bytes);
}

bool plug_frame_reader_is_empty(const struct plug_frame_reader *reader)
{
	return reader->header_bytes == 0;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static uint32_t big_endian_32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       (uint32_t)bytes[3];
}

static enum plug_error check_promise(const struct plug_frame_reader *reader)
{
	return reader->frame_size == 0 || reader->frame_size > reader->max_bytes ? PLUG_EPROTO
										 : PLUG_OK;
}

/* Takes header bytes; once all are there, checks the promise before anything is allocated. */
static enum plug_error feed_header(
	struct plug_frame_reader *reader, const uint8_t *bytes, size_t size, size_t *used)
{
	*used = smaller(size, (size_t)(PLUG_FRAME_HEADER_BYTES - reader->header_bytes));
	memcpy(reader->header + reader->header_bytes, bytes, *used);
	reader->header_bytes = (uint8_t)(reader->header_bytes + *used);
	if (reader->header_bytes < PLUG_FRAME_HEADER_BYTES) {
		return PLUG_OK;
	}
	reader->frame_size = big_endian_32(reader->header);
	return check_promise(reader);
}

/* Room for bytes that have arrived and a NUL, doubling up to what the header promised. */
static enum plug_error reserve(struct plug_frame_reader *reader, size_t text_bytes)
{
	size_t capacity = reader->capacity > 0 ? reader->capacity : FIRST_CAPACITY_BYTES;
	char *text;

	if (text_bytes + 1 <= reader->capacity) {
		return PLUG_OK;
	}
	while (capacity < text_bytes + 1) {
		capacity *= 2;
	}
	capacity = smaller(capacity, reader->frame_size + 1);
	text = realloc(reader->text, capacity);
	if (!text) {
		return PLUG_ENOMEM;
	}
	reader->text = text;
	reader->capacity = capacity;
	return PLUG_OK;
}

static enum plug_error feed_text(
	struct plug_frame_reader *reader, const uint8_t *bytes, size_t size, size_t *used)
{
	const size_t take = smaller(size, reader->frame_size - reader->text_size);
	enum plug_error error = check_promise(reader);

	*used = 0;
	if (error == PLUG_OK) {
		error = reserve(reader, reader->text_size + take);
	}
	if (error != PLUG_OK) {
		return error;
	}
	plug_cipher_decrypt(bytes, take, reader->text + reader->text_size, &reader->key);
	reader->text_size += take;
	*used = take;
	if (reader->text_size == reader->frame_size) {
		reader->text[reader->text_size] = '\0';
		reader->is_complete = true;
	}
	return PLUG_OK;
}

enum plug_error plug_frame_reader_feed(
	struct plug_frame_reader *reader, const uint8_t *bytes, size_t size, size_t *used)
{
	enum plug_error error = PLUG_OK;

	*used = 0;
	while (error == PLUG_OK && *used < size && !reader->is_complete) {
		size_t taken = 0;

		error = reader->header_bytes < PLUG_FRAME_HEADER_BYTES
				? feed_header(reader, bytes + *used, size - *used, &taken)
				: feed_text(reader, bytes + *used, size - *used, &taken);
		*used += taken;
	}
	return error;
}

char *plug_frame_reader_take(struct plug_frame_reader *reader, size_t *size)
{
	char *text = NULL;

	*size = 0;
	if (reader->is_complete) {
		text = reader->text;
		*size = reader->text_size;
		reader->text = NULL;
		plug_frame_reader_reset(reader);
	}
	return text;
}

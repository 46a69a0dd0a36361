#include "tests/bench/frames.h"

#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/cipher.h"
#include "protocol/frame.h"

bool frames_fill(struct frames *frames, int fd)
{
	ssize_t got = read(fd, frames->bytes + frames->size, FRAMES_BYTES - frames->size);

	if (got > 0) {
		frames->size += (size_t)got;
	} else if (got < 0 && errno != EAGAIN && errno != EINTR) {
		return false;
	}
	return got != 0;
}

/* The size of the frame that starts at offset, with its header; 0 while it is not whole. */
static size_t whole_frame(const struct frames *frames, size_t offset)
{
	const uint8_t *at = frames->bytes + offset;
	size_t text_size;

	if (frames->size - offset < PLUG_FRAME_HEADER_BYTES) {
		return 0;
	}
	text_size = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
	if (text_size == 0 || text_size > FRAMES_BYTES - PLUG_FRAME_HEADER_BYTES) {
		errx(1, "a frame of %zu bytes", text_size);
	}
	return frames->size - offset < PLUG_FRAME_HEADER_BYTES + text_size
		       ? 0
		       : PLUG_FRAME_HEADER_BYTES + text_size;
}

size_t frames_count(const struct frames *frames)
{
	size_t count = 0, offset = 0, size;

	while ((size = whole_frame(frames, offset)) > 0) {
		offset += size;
		count++;
	}
	return count;
}

bool frames_next(struct frames *frames, char text[static FRAMES_BYTES])
{
	size_t size = whole_frame(frames, 0), text_size = size - PLUG_FRAME_HEADER_BYTES;
	uint8_t key = PLUG_CIPHER_KEY;

	if (size == 0) {
		return false;
	}
	plug_cipher_decrypt(frames->bytes + PLUG_FRAME_HEADER_BYTES, text_size, text, &key);
	text[text_size] = '\0';
	frames->size -= size;
	memmove(frames->bytes, frames->bytes + size, frames->size);
	return true;
}

void frames_send(int fd, const char *text, size_t text_size)
{
	uint8_t frame[FRAMES_BYTES];
	size_t size;

	if (text_size > FRAMES_BYTES - PLUG_FRAME_HEADER_BYTES) {
		errx(1, "a text of %zu bytes is too long for a frame", text_size);
	}
	size = plug_frame_encode(text, text_size, frame);
	if (send(fd, frame, size, MSG_NOSIGNAL) != (ssize_t)size && errno != EPIPE) {
		err(1, "writing %zu bytes", size);
	}
}

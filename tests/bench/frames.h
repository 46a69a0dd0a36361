/* frames.h - Smart Home frames in and out of one non-blocking socket, in a fixed buffer.
 *
 * For both ends of the bench: requests are below 512 bytes, replies about 720. Whatever is longer
 * ends the program with a message. */
#ifndef PLUG_TESTS_BENCH_FRAMES_H
#define PLUG_TESTS_BENCH_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAMES_BYTES = 1536 };

/* Starts zeroed. */
struct frames {
	size_t size;
	uint8_t bytes[FRAMES_BYTES];
};

/* Reads once, without waiting; false at the end of the stream. */
bool frames_fill(struct frames *frames, int fd);

/* How many whole frames wait to be taken. */
size_t frames_count(const struct frames *frames);

/* Takes the next whole frame and decodes it into text, NUL-terminated; false when more bytes are
 * needed. */
bool frames_next(struct frames *frames, char text[static FRAMES_BYTES]);

/* One frame, one write; text_size leaves room for the header in FRAMES_BYTES. */
void frames_send(int fd, const char *text, size_t text_size);

#endif

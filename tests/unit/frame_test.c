#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/frame.h"
#include "tests/unit/wire_vectors.h"

enum { MAX_BYTES = PLUG_FRAME_REPLY_MAX_BYTES };

/* What the reader asked of realloc since the last reset of the spy. */
static struct {
	size_t calls;
	size_t largest_bytes;
	bool refuses;
} spy;

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_realloc(void *memory, size_t size)
{
	spy.calls++;
	spy.largest_bytes = size > spy.largest_bytes ? size : spy.largest_bytes;
	return spy.refuses ? NULL : __real_realloc(memory, size);
}

static int setup(void **state)
{
	static struct plug_frame_reader reader;

	memset(&spy, 0, sizeof spy);
	plug_frame_reader_init(&reader, MAX_BYTES);
	*state = &reader;
	return 0;
}

static int teardown(void **state)
{
	plug_frame_reader_reset(*state);
	return 0;
}

/* Feeds everything and expects all of it to be taken. */
static void feed(struct plug_frame_reader *reader, const uint8_t *bytes, size_t size)
{
	size_t used;

	assert_int_equal(plug_frame_reader_feed(reader, bytes, size, &used), PLUG_OK);
	assert_int_equal(used, size);
}

static void expect_text(struct plug_frame_reader *reader, const char *text)
{
	size_t size;
	char *taken;

	assert_true(reader->is_complete);
	taken = plug_frame_reader_take(reader, &size);
	assert_non_null(taken);
	assert_string_equal(taken, text);
	assert_int_equal(size, strlen(text));
	free(taken);
	assert_true(plug_frame_reader_is_empty(reader));
	assert_null(reader->text);
}

static void frame_encode_writes_every_vector(void **state)
{
	(void)state;
	for (size_t i = 0; i < WIRE_VECTOR_COUNT; i++) {
		const char *text = wire_vectors[i].text;
		uint8_t expected[VECTOR_FRAME_MAX_BYTES];
		uint8_t frame[VECTOR_FRAME_MAX_BYTES];
		const size_t size = vector_frame(&wire_vectors[i], expected);

		assert_int_equal(plug_frame_encode(text, strlen(text), frame), size);
		assert_memory_equal(frame, expected, size);
	}
}

static void frame_encode_writes_an_empty_frame(void **state)
{
	static const uint8_t expected[PLUG_FRAME_HEADER_BYTES] = { 0, 0, 0, 0 };
	uint8_t frame[PLUG_FRAME_HEADER_BYTES] = { 1, 1, 1, 1 };

	(void)state;
	assert_int_equal(plug_frame_encode("", 0, frame), sizeof expected);
	assert_memory_equal(frame, expected, sizeof expected);
}

static void frame_reader_reads_every_vector_in_one_piece(void **state)
{
	for (size_t i = 0; i < WIRE_VECTOR_COUNT; i++) {
		uint8_t frame[VECTOR_FRAME_MAX_BYTES];

		feed(*state, frame, vector_frame(&wire_vectors[i], frame));
		expect_text(*state, wire_vectors[i].text);
	}
}

static void frame_reader_reads_every_vector_byte_by_byte(void **state)
{
	struct plug_frame_reader *reader = *state;

	for (size_t i = 0; i < WIRE_VECTOR_COUNT; i++) {
		uint8_t frame[VECTOR_FRAME_MAX_BYTES];
		const size_t size = vector_frame(&wire_vectors[i], frame);

		for (size_t at = 0; at < size; at++) {
			assert_false(reader->is_complete);
			feed(reader, frame + at, 1);
		}
		expect_text(reader, wire_vectors[i].text);
	}
}

static void frame_reader_reads_every_vector_cut_at_every_offset(void **state)
{
	struct plug_frame_reader *reader = *state;

	for (size_t i = 0; i < WIRE_VECTOR_COUNT; i++) {
		uint8_t frame[VECTOR_FRAME_MAX_BYTES];
		const size_t size = vector_frame(&wire_vectors[i], frame);

		for (size_t cut = 1; cut < size; cut++) {
			feed(reader, frame, cut);
			assert_false(reader->is_complete);
			assert_false(plug_frame_reader_is_empty(reader));
			feed(reader, frame + cut, size - cut);
			expect_text(reader, wire_vectors[i].text);
		}
	}
}

static void frame_reader_waits_for_what_was_promised(void **state)
{
	struct plug_frame_reader *reader = *state;

	for (size_t i = 0; i < WIRE_VECTOR_COUNT; i++) {
		uint8_t frame[VECTOR_FRAME_MAX_BYTES];
		const size_t size = vector_frame(&wire_vectors[i], frame);

		for (size_t delivered = 1; delivered < size; delivered++) {
			size_t taken_bytes = 1;

			feed(reader, frame, delivered);
			assert_false(reader->is_complete);
			assert_false(plug_frame_reader_is_empty(reader));
			assert_null(plug_frame_reader_take(reader, &taken_bytes));
			assert_int_equal(taken_bytes, 0);
			plug_frame_reader_reset(reader);
			assert_true(plug_frame_reader_is_empty(reader));
		}
	}
}

static void frame_reader_leaves_the_next_frame_to_the_caller(void **state)
{
	uint8_t bytes[2 * VECTOR_FRAME_MAX_BYTES];
	const size_t first = vector_frame(&wire_vectors[0], bytes);
	const size_t second = vector_frame(&wire_vectors[3], bytes + first);
	size_t used;

	assert_int_equal(plug_frame_reader_feed(*state, bytes, first + second, &used), PLUG_OK);
	assert_int_equal(used, first);
	assert_int_equal(plug_frame_reader_feed(*state, bytes + used, second, &used), PLUG_OK);
	assert_int_equal(used, 0);
	expect_text(*state, wire_vectors[0].text);
	feed(*state, bytes + first, second);
	expect_text(*state, wire_vectors[3].text);
}

static void frame_reader_forgets_a_half_read_frame(void **state)
{
	uint8_t frame[VECTOR_FRAME_MAX_BYTES];
	const size_t size = vector_frame(&wire_vectors[0], frame);

	feed(*state, frame, size - 1);
	plug_frame_reader_reset(*state);
	feed(*state, frame, size);
	expect_text(*state, wire_vectors[0].text);
}

static void frame_reader_takes_nothing_from_nothing(void **state)
{
	size_t used = 1;
	uint8_t byte = 0;

	assert_int_equal(plug_frame_reader_feed(*state, &byte, 0, &used), PLUG_OK);
	assert_int_equal(used, 0);
	assert_true(plug_frame_reader_is_empty(*state));
}

/* A header, followed by ten bytes that must not be looked at when the header is refused. */
struct promise {
	const char *name;
	uint8_t bytes[PLUG_FRAME_HEADER_BYTES + 10];
};

static void frame_reader_refuses_bad_lengths_before_any_allocation(void **state)
{
	static const struct promise promises[] = {
		{ "nothing", { 0, 0, 0, 0 } },
		{ "one above the limit", { 0, 1, 0, 1 } },
		{ "sign bit", { 0x80, 0, 0, 5 } },
		{ "highest byte", { 1, 0, 0, 5 } },
		{ "everything", { 0xff, 0xff, 0xff, 0xff } },
		{ "length in the wrong byte order", { 0x1d, 0, 0, 0 } },
	};
	struct plug_frame_reader *reader = *state;

	for (size_t i = 0; i < sizeof promises / sizeof promises[0]; i++) {
		size_t used;

		assert_int_equal(plug_frame_reader_feed(reader, promises[i].bytes,
					 sizeof promises[i].bytes, &used),
			PLUG_EPROTO);
		assert_int_equal(used, PLUG_FRAME_HEADER_BYTES);
		assert_null(reader->text);
		assert_int_equal(reader->capacity, 0);
		assert_false(reader->is_complete);
		plug_frame_reader_reset(reader);
	}
	assert_int_equal(spy.calls, 0);
}

static void frame_reader_goes_on_refusing_until_it_is_reset(void **state)
{
	static const uint8_t nothing[] = { 0, 0, 0, 0, 'x' };
	uint8_t frame[VECTOR_FRAME_MAX_BYTES];
	const size_t size = vector_frame(&wire_vectors[0], frame);
	struct plug_frame_reader *reader = *state;
	size_t used;

	assert_int_equal(
		plug_frame_reader_feed(reader, nothing, sizeof nothing, &used), PLUG_EPROTO);
	assert_int_equal(plug_frame_reader_feed(reader, frame, size, &used), PLUG_EPROTO);
	assert_false(reader->is_complete);
	assert_int_equal(spy.calls, 0);
	plug_frame_reader_reset(reader);
	feed(reader, frame, size);
	expect_text(reader, wire_vectors[0].text);
}

static void frame_reader_allocates_what_arrived_not_what_was_promised(void **state)
{
	static const uint8_t header[] = { 0, 1, 0, 0 };
	static const uint8_t chunk[1000];
	struct plug_frame_reader *reader = *state;
	size_t arrived = 10;

	feed(reader, header, sizeof header);
	assert_int_equal(spy.calls, 0);
	feed(reader, chunk, arrived);
	assert_int_equal(reader->capacity, 1024);
	while (arrived + sizeof chunk <= MAX_BYTES) {
		feed(reader, chunk, sizeof chunk);
		arrived += sizeof chunk;
		assert_true(spy.largest_bytes <= 2 * (arrived + 1));
	}
	feed(reader, chunk, MAX_BYTES - arrived);
	assert_true(reader->is_complete);
	assert_int_equal(spy.largest_bytes, MAX_BYTES + 1);
}

static void frame_reader_takes_a_short_frame_with_no_room_to_spare(void **state)
{
	static const uint8_t frame[] = { 0, 0, 0, 2, 0xd0, 0xad };

	feed(*state, frame, sizeof frame);
	assert_int_equal(spy.largest_bytes, sizeof "{}");
	expect_text(*state, "{}");
}

static void frame_reader_reports_that_memory_ran_out(void **state)
{
	uint8_t frame[VECTOR_FRAME_MAX_BYTES];
	const size_t size = vector_frame(&wire_vectors[0], frame);
	size_t used;

	spy.refuses = true;
	assert_int_equal(plug_frame_reader_feed(*state, frame, size, &used), PLUG_ENOMEM);
	assert_int_equal(used, PLUG_FRAME_HEADER_BYTES);
	spy.refuses = false;
	plug_frame_reader_reset(*state);
	feed(*state, frame, size);
	expect_text(*state, wire_vectors[0].text);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void frame_reader_gives_back_what_was_encoded(void **state)
{
	static char text[MAX_BYTES];
	static uint8_t frame[PLUG_FRAME_HEADER_BYTES + MAX_BYTES];
	uint32_t seed = 9999;

	for (int round = 0; round < 300; round++) {
		const size_t limit = round % 10 == 0 ? MAX_BYTES : 2000;
		const size_t text_size = round == 0 ? MAX_BYTES : 1 + next_random(&seed) % limit;
		const size_t size = PLUG_FRAME_HEADER_BYTES + text_size;
		size_t taken_size;
		char *taken;

		for (size_t i = 0; i < text_size; i++) {
			text[i] = (char)next_random(&seed);
		}
		assert_int_equal(plug_frame_encode(text, text_size, frame), size);
		for (size_t at = 0; at < size;) {
			const size_t piece = 1 + next_random(&seed) % 1460;
			const size_t bytes = piece < size - at ? piece : size - at;

			feed(*state, frame + at, bytes);
			at += bytes;
		}
		taken = plug_frame_reader_take(*state, &taken_size);
		assert_non_null(taken);
		assert_int_equal(taken_size, text_size);
		assert_memory_equal(taken, text, text_size);
		free(taken);
	}
}

#define READER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_encode_writes_every_vector),
		cmocka_unit_test(frame_encode_writes_an_empty_frame),
		READER_TEST(frame_reader_reads_every_vector_in_one_piece),
		READER_TEST(frame_reader_reads_every_vector_byte_by_byte),
		READER_TEST(frame_reader_reads_every_vector_cut_at_every_offset),
		READER_TEST(frame_reader_waits_for_what_was_promised),
		READER_TEST(frame_reader_leaves_the_next_frame_to_the_caller),
		READER_TEST(frame_reader_forgets_a_half_read_frame),
		READER_TEST(frame_reader_takes_nothing_from_nothing),
		READER_TEST(frame_reader_refuses_bad_lengths_before_any_allocation),
		READER_TEST(frame_reader_goes_on_refusing_until_it_is_reset),
		READER_TEST(frame_reader_allocates_what_arrived_not_what_was_promised),
		READER_TEST(frame_reader_takes_a_short_frame_with_no_room_to_spare),
		READER_TEST(frame_reader_reports_that_memory_ran_out),
		READER_TEST(frame_reader_gives_back_what_was_encoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/cipher.h"
#include "protocol/frame.h"
#include "tests/sim/faults/wire.h"

enum { SEED = 5, HEADER = PLUG_FRAME_HEADER_BYTES };

static const char answer_text[] = "{\"system\":{\"set_relay_state\":{\"err_code\":0}}}";
enum { ANSWER_BYTES = sizeof answer_text - 1 };

struct wire_row {
	const char *name;
	struct sim_plan plan;
	size_t size;	 /* of the frame */
	uint32_t length; /* in the header */
};

static const struct wire_row rows[] = {
	{ "healthy", { 0 }, HEADER + ANSWER_BYTES, ANSWER_BYTES },
	{ "promises more", { .length = SIM_LENGTH_OFF, .length_error = 7 }, HEADER + ANSWER_BYTES,
		ANSWER_BYTES + 7 },
	{ "promises less", { .length = SIM_LENGTH_OFF, .length_error = -7 }, HEADER + ANSWER_BYTES,
		ANSWER_BYTES - 7 },
	{ "promises less than nothing", { .length = SIM_LENGTH_OFF, .length_error = -1000 },
		HEADER + ANSWER_BYTES, 0 },
	{ "promises nothing", { .length = SIM_LENGTH_ZERO }, HEADER + ANSWER_BYTES, 0 },
	{ "promises everything", { .length = SIM_LENGTH_HUGE }, HEADER + ANSWER_BYTES, 0xFFFFFFFF },
	{ "cut in half", { .is_cut = true }, (HEADER + ANSWER_BYTES) / 2, ANSWER_BYTES },
	{ "cut after ten", { .is_cut = true, .cut_bytes = 10 }, 10, ANSWER_BYTES },
	{ "cut behind its end", { .is_cut = true, .cut_bytes = 1000 }, HEADER + ANSWER_BYTES,
		ANSWER_BYTES },
	{ "no JSON", { .body = SIM_BODY_BAD_JSON }, HEADER + ANSWER_BYTES - 5, ANSWER_BYTES - 5 },
};

static struct sim_text answer(void)
{
	struct sim_text text = { 0 };

	sim_text_add(&text, answer_text);
	return text;
}

static uint32_t promised(const struct sim_wire *wire)
{
	return (uint32_t)wire->bytes[0] << 24 | (uint32_t)wire->bytes[1] << 16 |
	       (uint32_t)wire->bytes[2] << 8 | wire->bytes[3];
}

static void wire_frames_as_planned(void **state)
{
	struct sim_text text = answer();
	struct sim_wire wire = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t key = PLUG_CIPHER_KEY;
		char clear[ANSWER_BYTES];

		print_message("%s\n", rows[i].name);
		sim_wire_frame(&wire, &text, &rows[i].plan, SEED);
		assert_int_equal(wire.size, rows[i].size);
		assert_int_equal(promised(&wire), rows[i].length);
		plug_cipher_decrypt(wire.bytes + HEADER, wire.size - HEADER, clear, &key);
		assert_memory_equal(clear, answer_text, wire.size - HEADER);
	}
	sim_wire_free(&wire);
	sim_text_free(&text);
}

static void wire_datagram_has_no_header(void **state)
{
	const struct sim_plan healthy = { 0 };
	const struct sim_plan cut = { .is_cut = true, .cut_bytes = 7 };
	struct sim_text text = answer();
	struct sim_wire wire = { 0 };
	uint8_t key = PLUG_CIPHER_KEY;
	char clear[ANSWER_BYTES];

	(void)state;
	sim_wire_datagram(&wire, &text, &healthy, SEED);
	assert_int_equal(wire.size, ANSWER_BYTES);
	plug_cipher_decrypt(wire.bytes, wire.size, clear, &key);
	assert_memory_equal(clear, answer_text, ANSWER_BYTES);
	sim_wire_datagram(&wire, &text, &cut, SEED);
	assert_int_equal(wire.size, 7);
	sim_wire_free(&wire);
	sim_text_free(&text);
}

static void wire_garbage_is_the_same_for_the_same_seed(void **state)
{
	const struct sim_plan plan = { .body = SIM_BODY_GARBAGE, .garbage_bytes = 100 };
	struct sim_text text = answer();
	struct sim_wire one = { 0 };
	struct sim_wire other = { 0 };

	(void)state;
	sim_wire_frame(&one, &text, &plan, SEED);
	sim_wire_datagram(&other, &text, &plan, SEED);
	assert_int_equal(one.size, 100);
	assert_int_equal(other.size, 100);
	assert_memory_equal(one.bytes, other.bytes, 100);
	sim_wire_frame(&other, &text, &plan, SEED + 1);
	assert_memory_not_equal(one.bytes, other.bytes, 100);
	sim_wire_free(&one);
	sim_wire_free(&other);
	sim_text_free(&text);
}

static void wire_goes_out_in_the_pieces_planned(void **state)
{
	static const struct {
		const char *name;
		struct sim_plan plan;
		size_t pieces[5];
	} splits[] = {
		{ "whole", { 0 }, { 10 } },
		{ "header alone", { .first_bytes = 4 }, { 4, 6 } },
		{ "header of all", { .first_bytes = 10 }, { 10 } },
		{ "drip", { .piece_bytes = 3 }, { 3, 3, 3, 1 } },
		{ "header, then drip", { .first_bytes = 1, .piece_bytes = 4 }, { 1, 4, 4, 1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) {
		size_t sent = 0;

		print_message("%s\n", splits[i].name);
		for (size_t n = 0; sent < 10; n++) {
			const size_t piece = sim_wire_piece(&splits[i].plan, 10, sent);

			assert_int_equal(piece, splits[i].pieces[n]);
			sent += piece;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wire_frames_as_planned),
		cmocka_unit_test(wire_datagram_has_no_header),
		cmocka_unit_test(wire_garbage_is_the_same_for_the_same_seed),
		cmocka_unit_test(wire_goes_out_in_the_pieces_planned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

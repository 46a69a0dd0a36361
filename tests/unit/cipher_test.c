#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/cipher.h"
#include "tests/unit/wire_vectors.h"

enum { HEADER_BYTES = 4 };

static void cipher_encrypts_every_vector(void **state)
{
	(void)state;
	for (size_t i = 0; i < WIRE_VECTOR_COUNT; i++) {
		const char *text = wire_vectors[i].text;
		uint8_t frame[VECTOR_FRAME_MAX_BYTES];
		uint8_t out[VECTOR_FRAME_MAX_BYTES];
		const size_t size = vector_frame(&wire_vectors[i], frame) - HEADER_BYTES;

		assert_int_equal(strlen(text), size);
		plug_cipher_encrypt(text, size, out);
		assert_memory_equal(out, frame + HEADER_BYTES, size);
	}
}

static void cipher_decrypts_every_vector(void **state)
{
	(void)state;
	for (size_t i = 0; i < WIRE_VECTOR_COUNT; i++) {
		uint8_t frame[VECTOR_FRAME_MAX_BYTES];
		char out[VECTOR_FRAME_MAX_BYTES];
		const size_t size = vector_frame(&wire_vectors[i], frame) - HEADER_BYTES;
		uint8_t key = PLUG_CIPHER_KEY;

		plug_cipher_decrypt(frame + HEADER_BYTES, size, out, &key);
		assert_memory_equal(out, wire_vectors[i].text, size);
		assert_int_equal(key, frame[HEADER_BYTES + size - 1]);
	}
}

static void cipher_decrypts_in_two_pieces_cut_anywhere(void **state)
{
	uint8_t frame[VECTOR_FRAME_MAX_BYTES];
	const struct wire_vector *vector = &wire_vectors[WIRE_VECTOR_COUNT - 1];
	const size_t size = vector_frame(vector, frame) - HEADER_BYTES;

	(void)state;
	for (size_t cut = 0; cut <= size; cut++) {
		char out[VECTOR_FRAME_MAX_BYTES];
		uint8_t key = PLUG_CIPHER_KEY;

		plug_cipher_decrypt(frame + HEADER_BYTES, cut, out, &key);
		plug_cipher_decrypt(frame + HEADER_BYTES + cut, size - cut, out + cut, &key);
		assert_memory_equal(out, vector->text, size);
	}
}

static void cipher_works_in_place_on_every_byte_value(void **state)
{
	uint8_t bytes[256];
	uint8_t key = PLUG_CIPHER_KEY;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++) {
		bytes[i] = (uint8_t)(i * 37 + 11);
	}
	plug_cipher_encrypt(bytes, sizeof bytes, bytes);
	assert_int_equal(bytes[0], 11 ^ PLUG_CIPHER_KEY);
	plug_cipher_decrypt(bytes, sizeof bytes, bytes, &key);
	for (size_t i = 0; i < sizeof bytes; i++) {
		assert_int_equal(bytes[i], (uint8_t)(i * 37 + 11));
	}
}

static void cipher_leaves_the_key_alone_when_there_is_nothing(void **state)
{
	uint8_t byte = 0;
	uint8_t key = 0x5c;

	(void)state;
	plug_cipher_decrypt(&byte, 0, &byte, &key);
	assert_int_equal(key, 0x5c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cipher_encrypts_every_vector),
		cmocka_unit_test(cipher_decrypts_every_vector),
		cmocka_unit_test(cipher_decrypts_in_two_pieces_cut_anywhere),
		cmocka_unit_test(cipher_works_in_place_on_every_byte_value),
		cmocka_unit_test(cipher_leaves_the_key_alone_when_there_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

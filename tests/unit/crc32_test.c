#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/crc32.h"

/* Computed with zlib; the first two are the ones every description of CRC-32 gives. */
static const struct vector {
	const char *bytes;
	size_t size;
	uint32_t crc;
} vectors[] = {
	{ "123456789", 9, 0xcbf43926 },
	{ "", 0, 0 },
	{ "\0", 1, 0xd202ef8d },
	{ "\xff\xff\xff\xff", 4, 0xffffffff },
	{ "The quick brown fox jumps over the lazy dog", 43, 0x414fa339 },
	{ "\x02\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x5a\x6b\x7c\x8d", 16, 0x463cb5d3 },
};

static void crc32_agrees_with_zlib(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		assert_int_equal(plug_crc32(vectors[i].bytes, vectors[i].size), vectors[i].crc);
	}
}

static void crc32_notices_every_changed_bit(void **state)
{
	uint8_t bytes[64];
	uint32_t crc;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++) {
		bytes[i] = (uint8_t)(37 * i);
	}
	crc = plug_crc32(bytes, sizeof bytes);
	for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_int_not_equal(plug_crc32(bytes, sizeof bytes), crc);
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc32_agrees_with_zlib),
		cmocka_unit_test(crc32_notices_every_changed_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

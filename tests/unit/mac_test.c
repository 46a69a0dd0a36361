#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/mac.h"

static void mac_reads_every_way_devices_write_it(void **state)
{
	static const uint8_t expected[PLUG_MAC_BYTES] = { 0x50, 0xc7, 0xbf, 0x0a, 0xf9, 0x1e };
	static const char *const texts[] = { "50:C7:BF:0A:F9:1E", "50:c7:bf:0a:f9:1e",
		"50-C7-BF-0A-F9-1E", "50-c7-bF-0A-f9-1e", "50C7BF0AF91E", "50c7bf0af91e" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		uint8_t mac[PLUG_MAC_BYTES] = { 0 };

		assert_true(plug_mac_parse(texts[i], mac));
		assert_memory_equal(mac, expected, sizeof mac);
	}
}

static void mac_refuses_everything_else_and_zeroes(void **state)
{
	static const uint8_t zeroes[PLUG_MAC_BYTES];
	static const char *const texts[] = { "", "50", "50:C7:BF:0A:F9", "50:C7:BF:0A:F9:1",
		"50:C7:BF:0A:F9:1E:", "50:C7:BF:0A:F9:1E:00", "50:C7:BF:0A:F9:1G",
		"G0:C7:BF:0A:F9:1E", "50:C7-BF:0A:F9:1E", "50-C7-BF-0A-F9:1E", "50.C7.BF.0A.F9.1E",
		"50 C7 BF 0A F9 1E", "50C7BF0AF91", "50C7BF0AF91E0", "50C7BF0AF9:E",
		"5:0C:7B:F0:AF:91E", ":50:C7:BF:0A:F9:1", "50C7.BF0A.F91E",
		"\xff\xff\xff\xff\xff\xff", "50:C7:BF:0A:F9:1\xff", "+5:C7:BF:0A:F9:1E",
		" 50C7BF0AF91" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		uint8_t mac[PLUG_MAC_BYTES] = { 1, 2, 3, 4, 5, 6 };

		assert_false(plug_mac_parse(texts[i], mac));
		assert_memory_equal(mac, zeroes, sizeof mac);
	}
}

static void mac_is_written_with_colons_and_capitals(void **state)
{
	static const uint8_t mac[PLUG_MAC_BYTES] = { 0x00, 0xff, 0xbf, 0x0a, 0xa0, 0x1e };
	char text[PLUG_MAC_TEXT_BYTES];
	uint8_t back[PLUG_MAC_BYTES];

	(void)state;
	plug_mac_format(mac, text);
	assert_string_equal(text, "00:FF:BF:0A:A0:1E");
	assert_true(plug_mac_parse(text, back));
	assert_memory_equal(back, mac, sizeof mac);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mac_reads_every_way_devices_write_it),
		cmocka_unit_test(mac_refuses_everything_else_and_zeroes),
		cmocka_unit_test(mac_is_written_with_colons_and_capitals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

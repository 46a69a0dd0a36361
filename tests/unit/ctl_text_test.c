#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/plugctl/terminal/bytes.h"
#include "protocol/plugctl/terminal/dump.h"
#include "protocol/plugctl/terminal/output.h"
#include "protocol/plugctl/terminal/redact.h"
#include "protocol/plugctl/terminal/words.h"

static void distance_counts_single_mistakes(void **state)
{
	static const struct row {
		const char *a, *b;
		size_t distance;
	} rows[] = { { "on", "on", 0 }, { "toggle", "toogle", 1 }, { "state", "sttae", 1 },
		{ "led", "leds", 1 }, { "led", "ld", 1 }, { "", "abc", 3 }, { "info", "", 4 },
		{ "energy", "usage", 5 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(words_distance(rows[i].a, rows[i].b), rows[i].distance);
		assert_int_equal(words_distance(rows[i].b, rows[i].a), rows[i].distance);
	}
}

static void nearest_word_is_near_enough_or_none(void **state)
{
	static const char *const words[] = { "on", "off", "toggle", "state" };

	(void)state;
	assert_string_equal(words_nearest("toogle", words, 4), "toggle");
	assert_string_equal(words_nearest("of", words, 4), "off");
	assert_string_equal(words_nearest("stat", words, 4), "state");
	assert_null(words_nearest("reboot", words, 4));
	assert_null(words_nearest("", words, 4));
	assert_null(words_nearest("on", words, 0));
}

static void secrets_are_hidden_at_every_depth(void **state)
{
	static const char text[] =
		"{\"context\":{\"child_ids\":[\"800600112233445566778899AABBCCDDEEFF001101\"]},"
		"\"system\":{\"get_sysinfo\":{\"deviceId\":\"SECRET1\",\"hwId\":\"SECRET2\","
		"\"latitude_i\":523702,\"longitude\":4.89,\"alias\":\"Engine\","
		"\"children\":[{\"id\":\"800600112233445566778899AABBCCDDEEFF001102\"}]}},"
		"\"netif\":{\"get_scaninfo\":{\"ap_list\":[{\"ssid\":\"SECRET3\"}]}},"
		"\"cnCloud\":{\"get_info\":{\"username\":\"SECRET4\",\"password\":\"SECRET5\"}},"
		"\"schedule\":{\"add_rule\":{\"id\":\"D95D73C635F20E9BB0152D7FFFFF3FC0\"}}}";
	char *shown = redact_text(text, strlen(text), REDACT_ALL);

	(void)state;
	assert_null(strstr(shown, "SECRET"));
	assert_null(strstr(shown, "523702"));
	assert_null(strstr(shown, "4.89"));
	assert_null(strstr(shown, "8006"));
	assert_non_null(strstr(shown, "\"child_ids\":[\"...01\"]"));
	assert_non_null(strstr(shown, "\"id\":\"...02\""));
	assert_non_null(strstr(shown, "\"alias\":\"Engine\""));
	assert_non_null(strstr(shown, "D95D73C635F20E9BB0152D7FFFFF3FC0"));
	free(shown);
}

static void what_is_no_json_is_not_shown(void **state)
{
	static const char text[] = "{\"ssid\":\"SECRET";
	char *shown = redact_text(text, strlen(text), REDACT_ALL);

	(void)state;
	assert_string_equal(shown, "(15 bytes that are no JSON)");
	free(shown);
}

static void passwords_are_hidden_also_unredacted(void **state)
{
	static const char text[] = "{\"netif\":{\"set_stainfo\":{\"ssid\":\"Museum\","
				   "\"password\":\"SEC\\u0022RET\",\"key_type\":3}}}";
	char *shown = redact_text(text, strlen(text), REDACT_PASSWORDS);

	(void)state;
	assert_string_equal(shown, "{\"netif\":{\"set_stainfo\":{\"ssid\":\"Museum\","
				   "\"password\":\"...\",\"key_type\":3}}}");
	free(shown);
	shown = redact_text(text, strlen(text), REDACT_ALL);
	assert_string_equal(shown, "{\"netif\":{\"set_stainfo\":{\"ssid\":\"...\","
				   "\"password\":\"...\",\"key_type\":3}}}");
	free(shown);
	shown = redact_text(text, strlen(text), REDACT_NOTHING);
	assert_string_equal(shown, text);
	free(shown);
}

/* Every key that hides, at the end of the text, without a value, and twice. */
static void odd_passwords_are_hidden_too(void **state)
{
	static const struct row {
		const char *text, *shown;
	} rows[] = {
		{ "{\"password\":\"\"}", "{\"password\":\"...\"}" },
		{ "{\"PassWord\" : \"x\",\"password\":\"y\"}",
			"{\"PassWord\" : \"...\",\"password\":\"...\"}" },
		{ "{\"pass\\u0077ord\":\"x\"}", "{\"pass\\u0077ord\":\"...\"}" },
		{ "{\"password\":\"x", "{\"password\":\"...\"" },
		{ "{\"password\":", "{\"password\":" },
		{ "{\"password\":\"x\\", "{\"password\":\"...\"" },
		{ "[\"password\",\"x\"]", "[\"password\",\"x\"]" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *shown = redact_text(rows[i].text, strlen(rows[i].text), REDACT_PASSWORDS);

		assert_string_equal(shown, rows[i].shown);
		free(shown);
	}
}

static void bytes_are_open_up_to_the_first_hidden_value(void **state)
{
	static const char text[] = "{\"a\":{\"alias\":\"x\",\"ssid\":\"y\",\"password\":\"z\"}}";
	static const char open[] = "{\"system\":{\"get_sysinfo\":{}}}";

	(void)state;
	assert_int_equal(redact_open_size(text, strlen(text), REDACT_ALL),
		strlen("{\"a\":{\"alias\":\"x\",\"ssid\":"));
	assert_int_equal(redact_open_size(text, strlen(text), REDACT_PASSWORDS),
		strlen("{\"a\":{\"alias\":\"x\",\"ssid\":\"y\",\"password\":"));
	assert_int_equal(redact_open_size(text, strlen(text), REDACT_NOTHING), strlen(text));
	assert_int_equal(redact_open_size(open, strlen(open), REDACT_ALL), strlen(open));
}

static char *dump_of(const char *text, size_t open_size)
{
	char *shown = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&shown, &size);

	assert_non_null(file);
	dump_print(file, &(struct dump) { .name = "cases",
				 .mark = '>',
				 .text = text,
				 .size = strlen(text),
				 .open_size = open_size });
	(void)fclose(file);
	return shown;
}

static void dump_shows_the_bytes_of_the_wire_beside_the_text(void **state)
{
	static const char text[] = "{\"system\":{\"get_sysinfo\":{}}}";
	char *shown = dump_of(text, strlen(text));

	(void)state;
	assert_string_equal(shown,
		"cases > 0000  00 00 00 1d d0 f2 81 f8  8b ff 9a f7 d5 ef 94 b6  "
		"....{\"system\":{\"\n"
		"cases > 0010  d1 b4 c0 9f ec 95 e6 8f  e1 87 e8 ca f0 8b f6 8b  "
		"get_sysinfo\":{}}\n"
		"cases > 0020  f6                                                }\n");
	free(shown);
}

static void dump_tells_only_the_size_of_what_is_hidden(void **state)
{
	char *shown = dump_of("{\"ssid\":\"Museum\"}", strlen("{\"ssid\":"));

	(void)state;
	assert_string_equal(shown,
		"cases > 0000  00 00 00 11 d0 f2 81 f2  9b ff dd e7              ....{\"ssid\":\n"
		"cases > (9 bytes hidden)\n");
	free(shown);
}

static void harmless_text_keeps_what_is_readable(void **state)
{
	static const struct row {
		const char *text, *harmless;
	} rows[] = { { "Caf\xc3\xa9", "Caf\xc3\xa9" }, { "\x1b[31m", "?[31m" },
		{ "a\nb\tc", "a?b?c" }, { "\x7f", "?" },
		{ "\xc2\x9b"
		  "31m",
			"?31m" },
		{ "\xc2\xa0", "\xc2\xa0" }, { "", "" }, { "\xc2", "\xc2" } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *harmless = output_harmless(rows[i].text);

		assert_string_equal(harmless, rows[i].harmless);
		free(harmless);
	}
}

static void thousandths_are_written_exactly(void **state)
{
	static const struct row {
		int64_t value;
		const char *text;
	} rows[] = { { 0, "{\"w\":0.000}" }, { 5, "{\"w\":0.005}" }, { 61753, "{\"w\":61.753}" },
		{ -5, "{\"w\":-0.005}" }, { -61753, "{\"w\":-61.753}" } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct json_object *data = json_object_new_object();

		output_milli(data, "w", rows[i].value);
		assert_string_equal(
			json_object_to_json_string_ext(data, JSON_C_TO_STRING_PLAIN), rows[i].text);
		json_object_put(data);
	}
}

static void bytes_are_read_from_hex_and_base64(void **state)
{
	static const struct row {
		const char *text;
		const char *bytes;
		size_t size; /* 0: refused */
	} rows[] = {
		{ "00ffA5", "\x00\xff\xa5", 3 },
		{ "00 ff:A5", "\x00\xff\xa5", 3 },
		{ "TWFu", "Man", 3 },
		{ "TWE=", "Ma", 2 },
		{ "TQ==", "M", 1 },
		{ "AAAAI9Dy", "\x00\x00\x00\x23\xd0\xf2", 6 },
		{ "", "", 0 },
		{ "0", "", 0 },
		{ "0g", "", 0 },
		{ "TWE", "", 0 },
		{ "T===", "", 0 },
		{ "TW=E", "", 0 },
		{ "====", "", 0 },
		{ "TW-u", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t bytes[32];
		size_t size = 99;

		assert_int_equal(bytes_read(rows[i].text, bytes, &size), rows[i].size > 0);
		assert_int_equal(size, rows[i].size);
		assert_memory_equal(bytes, rows[i].bytes, size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distance_counts_single_mistakes),
		cmocka_unit_test(nearest_word_is_near_enough_or_none),
		cmocka_unit_test(secrets_are_hidden_at_every_depth),
		cmocka_unit_test(what_is_no_json_is_not_shown),
		cmocka_unit_test(passwords_are_hidden_also_unredacted),
		cmocka_unit_test(odd_passwords_are_hidden_too),
		cmocka_unit_test(bytes_are_open_up_to_the_first_hidden_value),
		cmocka_unit_test(dump_shows_the_bytes_of_the_wire_beside_the_text),
		cmocka_unit_test(dump_tells_only_the_size_of_what_is_hidden),
		cmocka_unit_test(harmless_text_keeps_what_is_readable),
		cmocka_unit_test(thousandths_are_written_exactly),
		cmocka_unit_test(bytes_are_read_from_hex_and_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

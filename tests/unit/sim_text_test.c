#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/device/text.h"

static void text_puts_commas_where_they_belong(void **state)
{
	struct sim_text text = { 0 };

	(void)state;
	sim_text_open(&text, '{');
	sim_text_int(&text, "a", 1);
	sim_text_key(&text, "b");
	sim_text_open(&text, '[');
	for (int i = 0; i < 3; i++) {
		sim_text_next(&text);
		sim_text_add_int(&text, i);
	}
	sim_text_close(&text, ']');
	sim_text_key(&text, "c");
	sim_text_open(&text, '{');
	sim_text_close(&text, '}');
	sim_text_bool(&text, "d", true);
	sim_text_string(&text, "e", "");
	sim_text_close(&text, '}');
	assert_string_equal(text.bytes, "{\"a\":1,\"b\":[0,1,2],\"c\":{},\"d\":true,\"e\":\"\"}");
	assert_int_equal(text.size, strlen(text.bytes));
	sim_text_free(&text);
}

static void text_writes_every_integer(void **state)
{
	static const struct {
		int64_t value;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ -1, "-1" },
		{ 1234567890, "1234567890" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sim_text text = { 0 };

		sim_text_add_int(&text, rows[i].value);
		assert_string_equal(text.bytes, rows[i].text);
		sim_text_free(&text);
	}
}

static void text_writes_millionths_with_six_places(void **state)
{
	static const struct {
		int64_t value;
		const char *text;
	} rows[] = {
		{ 0, "\"x\":0.000000" },
		{ 1, "\"x\":0.000001" },
		{ 231067823, "\"x\":231.067823" },
		{ 55139000, "\"x\":55.139000" },
		{ -1500000, "\"x\":-1.500000" },
		{ -1, "\"x\":-0.000001" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sim_text text = { 0 };

		sim_text_open(&text, '{');
		sim_text_micro(&text, "x", rows[i].value);
		assert_string_equal(text.bytes + 1, rows[i].text);
		sim_text_free(&text);
	}
}

static void text_escapes_what_json_needs(void **state)
{
	static const struct {
		const char *string;
		const char *text;
	} rows[] = {
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"" },
		{ "\n\x01\x1f", "\"\\u000a\\u0001\\u001f\"" },
		{ "Caf\xC3\xA9/", "\"Caf\xC3\xA9/\"" },
		{ "\"", "\"\\\"\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sim_text text = { 0 };

		sim_text_add_quoted(&text, rows[i].string);
		assert_string_equal(text.bytes, rows[i].text);
		sim_text_free(&text);
	}
}

static void text_grows_and_is_cut(void **state)
{
	struct sim_text text = { 0 };

	(void)state;
	for (int i = 0; i < 10000; i++) {
		sim_text_add(&text, "0123456789");
	}
	assert_int_equal(text.size, 100000);
	assert_int_equal(text.bytes[99999], '9');
	sim_text_cut(&text, 3);
	assert_string_equal(text.bytes, "012");
	sim_text_cut(&text, 5);
	assert_int_equal(text.size, 3);
	sim_text_free(&text);
	assert_int_equal(text.size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_puts_commas_where_they_belong),
		cmocka_unit_test(text_writes_every_integer),
		cmocka_unit_test(text_writes_millionths_with_six_places),
		cmocka_unit_test(text_escapes_what_json_needs),
		cmocka_unit_test(text_grows_and_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "bridge/text.h"
#include "protocol/json.h"

static void text_writes_integers(void **state)
{
	static const struct {
		int64_t value;
		const char *expected;
	} rows[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ -7, "-7" },
		{ 10, "10" },
		{ 1234567890123, "1234567890123" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char bytes[32];
		struct text text;

		text_init(&text, bytes, sizeof bytes);
		text_put_integer(&text, rows[i].value);
		assert_string_equal(bytes, rows[i].expected);
		assert_int_equal(text.size, strlen(rows[i].expected));
		assert_false(text.is_cut);
	}
}

static void text_writes_thousandths_as_bare_decimals(void **state)
{
	static const struct {
		int64_t value;
		const char *expected;
	} rows[] = {
		{ 0, "0" },
		{ 1, "0.001" },
		{ 10, "0.01" },
		{ 100, "0.1" },
		{ 999, "0.999" },
		{ 1000, "1" },
		{ 2000, "2" },
		{ 61753, "61.753" },
		{ 61750, "61.75" },
		{ 61700, "61.7" },
		{ 61003, "61.003" },
		{ 230837, "230.837" },
		{ -1, "-0.001" },
		{ -500, "-0.5" },
		{ -1000, "-1" },
		{ -61753, "-61.753" },
		{ INT64_MAX, "9223372036854775.807" },
		{ INT64_MIN, "-9223372036854775.808" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char bytes[32];
		struct text text;

		text_init(&text, bytes, sizeof bytes);
		text_put_thousandths(&text, rows[i].value);
		assert_string_equal(bytes, rows[i].expected);
	}
}

static void put_everything(struct text *text)
{
	text_open(text, NULL, '{');
	text_member_string(text, "label", "caf\xc3\xa9 \"7\"\x01\xff");
	text_member_string(text, "none", NULL);
	text_member_integer(text, "count", -12);
	text_member_flag(text, "yes", true);
	text_member_flag(text, "no", false);
	text_member_null(text, "nothing");
	text_member_thousandths(text, "power", true, 61753);
	text_member_thousandths(text, "voltage", false, 61753);
	text_open(text, "list", '[');
	text_member_integer(text, NULL, 1);
	text_member_integer(text, NULL, 2);
	text_open(text, NULL, '{');
	text_close(text, '}');
	text_close(text, ']');
	text_member_time(text, "time", 1732181400123);
	text_close(text, '}');
}

static const char everything[] =
	"{\"label\":\"caf\xc3\xa9 \\\"7\\\"\\u0001\xef\xbf\xbd\",\"none\":null,\"count\":-12,"
	"\"yes\":true,\"no\":false,\"nothing\":null,\"power\":61.753,\"voltage\":null,"
	"\"list\":[1,2,{}],\"time\":\"2024-11-21T09:30:00.123Z\"}";

static void text_puts_commas_where_json_needs_them(void **state)
{
	char bytes[512];
	struct text text;

	(void)state;
	text_init(&text, bytes, sizeof bytes);
	put_everything(&text);
	assert_false(text.is_cut);
	assert_string_equal(bytes, everything);
	assert_int_equal(text.size, strlen(everything));
}

/* The memory is exactly as large as said: a byte too many would be found. */
static void text_notices_what_does_not_fit_at_every_size(void **state)
{
	(void)state;
	for (size_t capacity = 1; capacity <= sizeof everything; capacity++) {
		char *bytes = malloc(capacity);
		struct text text;

		assert_non_null(bytes);
		text_init(&text, bytes, capacity);
		put_everything(&text);
		assert_int_equal(text.is_cut, capacity < sizeof everything);
		assert_true(text.size < capacity);
		assert_int_equal(strlen(bytes), text.size);
		free(bytes);
	}
}

static const struct {
	const char *name, *value, *expected;
} quotes[] = {
	{ "plain", "Steam engine", "Steam engine" },
	{ "empty", "", "" },
	{ "quote", "a\"b", "a\\\"b" },
	{ "backslash", "a\\b", "a\\\\b" },
	{ "slash", "a/b", "a/b" },
	{ "newline", "a\nb", "a\\u000ab" },
	{ "first control", "\x01", "\\u0001" },
	{ "last control", "\x1f", "\\u001f" },
	{ "delete", "\x7f", "\\u007f" },
	{ "two bytes", "\xc2\xa2", "\xc2\xa2" },
	{ "three bytes", "\xe2\x82\xac", "\xe2\x82\xac" },
	{ "four bytes", "\xf0\x9f\x94\x8c", "\xf0\x9f\x94\x8c" },
	{ "first of three bytes", "\xe0\xa0\x80", "\xe0\xa0\x80" },
	{ "last before the surrogates", "\xed\x9f\xbf", "\xed\x9f\xbf" },
	{ "last character", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
	{ "lone continuation", "a\x80z", "a\xef\xbf\xbdz" },
	{ "Latin-1", "caf\xe9", "caf\xef\xbf\xbd" },
	{ "overlong NUL", "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "overlong slash", "\xe0\x80\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "surrogate", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "beyond Unicode", "\xf4\x90\x80\x80",
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "never a byte of UTF-8", "\xfe\xff", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "two bytes cut", "\xc3", "\xef\xbf\xbd" },
	{ "three bytes cut", "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "four bytes cut", "\xf0\x9f\x94", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "cut by a quote", "\xe2\"", "\xef\xbf\xbd\\\"" },
};

static void text_quotes_strings_so_that_they_stay_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++) {
		/* The value alone in its memory: nothing behind its NUL may be looked at. */
		char *value = strdup(quotes[i].value);
		struct json_object *root = NULL;
		char bytes[128];
		struct text text;

		assert_non_null(value);
		text_init(&text, bytes, sizeof bytes);
		text_open(&text, NULL, '[');
		text_member_string(&text, NULL, value);
		text_close(&text, ']');
		free(value);
		if (strncmp(bytes + 2, quotes[i].expected, strlen(quotes[i].expected)) != 0 ||
			text.size != strlen(quotes[i].expected) + 4) {
			fail_msg("%s: %s", quotes[i].name, bytes);
		}
		assert_int_equal(
			plug_json_parse(bytes, text.size, PLUG_JSON_DISTINCT_KEYS, &root), PLUG_OK);
		json_object_put(root);
	}
}

static void text_writes_times_in_utc(void **state)
{
	static const struct {
		int64_t wall_ms;
		const char *expected;
	} rows[] = {
		{ 1, "{\"t\":\"1970-01-01T00:00:00.001Z\"}" },
		{ 951782400000, "{\"t\":\"2000-02-29T00:00:00.000Z\"}" },
		{ 1732181400099, "{\"t\":\"2024-11-21T09:30:00.099Z\"}" },
		{ 4102444799999, "{\"t\":\"2099-12-31T23:59:59.999Z\"}" },
		{ 0, "{\"t\":null}" },
		{ -1, "{\"t\":null}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char bytes[64];
		struct text text;

		text_init(&text, bytes, sizeof bytes);
		text_open(&text, NULL, '{');
		text_member_time(&text, "t", rows[i].wall_ms);
		text_close(&text, '}');
		assert_string_equal(bytes, rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_writes_integers),
		cmocka_unit_test(text_writes_thousandths_as_bare_decimals),
		cmocka_unit_test(text_puts_commas_where_json_needs_them),
		cmocka_unit_test(text_notices_what_does_not_fit_at_every_size),
		cmocka_unit_test(text_quotes_strings_so_that_they_stay_json),
		cmocka_unit_test(text_writes_times_in_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/call.h"

static const struct plug_call_name name = { NULL, "module", "method" };

static void call_writes_every_kind_of_argument(void **state)
{
	static const bool flags[] = { true, false, true };
	struct plug_request request;
	struct plug_call call;

	(void)state;
	plug_call_begin(&call, &request, &name);
	plug_call_int(&call, "int", INT64_MIN);
	plug_call_flag(&call, "flag", true);
	plug_call_decimal(&call, "decimal", -5);
	plug_call_text(&call, "text", "a\"b\\c\nd\xc3\xa9");
	plug_call_flags(&call, "flags", flags, 3);
	assert_int_equal(plug_call_end(&call), PLUG_OK);
	assert_string_equal(request.text,
		"{\"module\":{\"method\":{\"int\":-9223372036854775808,\"flag\":1,"
		"\"decimal\":-0.0005,\"text\":\"a\\u0022b\\u005cc\\u000ad\xc3\xa9\","
		"\"flags\":[1,0,1]}}}");
	assert_int_equal(request.size, strlen(request.text));
}

static void call_without_arguments_has_an_empty_object(void **state)
{
	const struct plug_call_name child = { "id\"1", "module", "method" };
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_call_plain(&request, &name), PLUG_OK);
	assert_string_equal(request.text, "{\"module\":{\"method\":{}}}");
	assert_int_equal(plug_call_plain(&request, &child), PLUG_OK);
	assert_string_equal(request.text, "{\"context\":{\"child_ids\":[\"id\\u00221\"]},"
					  "\"module\":{\"method\":{}}}");
}

static void call_goes_on_in_another_module(void **state)
{
	const struct plug_method first = { "system", "get_sysinfo" };
	const struct plug_method second = { "emeter", "get_daystat" };
	struct plug_request request;
	struct plug_call call;

	(void)state;
	plug_call_start(&call, &request, first);
	plug_call_int(&call, "a", 1);
	plug_call_next(&call, second);
	plug_call_int(&call, "b", 2);
	assert_int_equal(plug_call_end(&call), PLUG_OK);
	assert_string_equal(request.text,
		"{\"system\":{\"get_sysinfo\":{\"a\":1}},\"emeter\":{\"get_daystat\":{\"b\":2}}}");
}

static void call_writes_decimals_of_both_signs(void **state)
{
	static const struct row {
		int64_t value;
		const char *text;
	} rows[] = {
		{ 0, "0.0000" },
		{ 10000, "1.0000" },
		{ 1234567, "123.4567" },
		{ -1234567, "-123.4567" },
		{ -1, "-0.0001" },
		{ INT64_MIN, "-922337203685477.5808" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_request request;
		struct plug_call call;

		plug_call_begin(&call, &request, &name);
		plug_call_decimal(&call, "d", rows[i].value);
		assert_int_equal(plug_call_end(&call), PLUG_OK);
		assert_non_null(strstr(request.text, rows[i].text));
		assert_int_equal(strlen(strstr(request.text, "\"d\":")),
			strlen("\"d\":}}}") + strlen(rows[i].text));
	}
}

/* Every length around the limit: whole or nothing. */
static void call_that_does_not_fit_is_empty(void **state)
{
	char text[PLUG_REQUEST_MAX_BYTES + 2];
	const size_t frame = strlen("{\"module\":{\"method\":{\"t\":\"\"}}}");

	(void)state;
	for (size_t size = 1; size < sizeof text; size++) {
		struct plug_request request;
		struct plug_call call;
		const bool fits = frame + size < PLUG_REQUEST_MAX_BYTES;

		memset(text, 'x', size);
		text[size] = '\0';
		plug_call_begin(&call, &request, &name);
		plug_call_text(&call, "t", text);
		assert_int_equal(plug_call_end(&call), fits ? PLUG_OK : PLUG_ETOOBIG);
		assert_int_equal(request.size, fits ? frame + size : 0);
		assert_int_equal(strlen(request.text), request.size);
		if (size == sizeof text - 1) {
			break;
		}
	}
}

static void call_refuses_text_that_is_not_utf8(void **state)
{
	struct plug_request request;
	struct plug_call call;

	(void)state;
	plug_call_begin(&call, &request, &name);
	plug_call_text(&call, "text", "caf\xe9");
	assert_int_equal(plug_call_end(&call), PLUG_EINVAL);
	assert_int_equal(request.size, 0);
	assert_string_equal(request.text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_writes_every_kind_of_argument),
		cmocka_unit_test(call_without_arguments_has_an_empty_object),
		cmocka_unit_test(call_goes_on_in_another_module),
		cmocka_unit_test(call_writes_decimals_of_both_signs),
		cmocka_unit_test(call_that_does_not_fit_is_empty),
		cmocka_unit_test(call_refuses_text_that_is_not_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

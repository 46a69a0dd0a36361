#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/error.h"

static void every_error_has_a_text_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < PLUG_ERROR_COUNT; i++) {
		const char *text = plug_error_text((enum plug_error)i);

		assert_non_null(text);
		assert_true(strlen(text) > 0);
		assert_string_not_equal(text, "unknown error");
		for (int j = 0; j < i; j++) {
			assert_string_not_equal(text, plug_error_text((enum plug_error)j));
		}
	}
}

static void ok_is_zero(void **state)
{
	(void)state;
	assert_int_equal(PLUG_OK, 0);
	assert_string_equal(plug_error_text(PLUG_OK), "ok");
}

static void values_outside_the_enum_are_unknown(void **state)
{
	(void)state;
	assert_string_equal(plug_error_text(PLUG_ERROR_COUNT), "unknown error");
	assert_string_equal(plug_error_text((enum plug_error)1000), "unknown error");
	assert_string_equal(plug_error_text((enum plug_error) - 1), "unknown error");
}

static void device_errors_are_named_and_sorted_by_what_to_do(void **state)
{
	static const struct row {
		int err_code;
		enum plug_device_error_kind kind;
		const char *text;
	} rows[] = {
		{ 0, PLUG_DEVICE_ERROR_NONE, "ok" },
		{ -1, PLUG_DEVICE_ERROR_UNSUPPORTED, "module not supported" },
		{ -2, PLUG_DEVICE_ERROR_UNSUPPORTED, "method not supported" },
		{ -3, PLUG_DEVICE_ERROR_OTHER, "invalid argument" },
		{ -5, PLUG_DEVICE_ERROR_OTHER, "not enough memory" },
		{ -7, PLUG_DEVICE_ERROR_OTHER, "unknown error" },
		{ -10, PLUG_DEVICE_ERROR_OTHER, "table is full" },
		{ -11, PLUG_DEVICE_ERROR_CLOCK, "clock is not set" },
		{ -14, PLUG_DEVICE_ERROR_OTHER, "entry does not exist" },
		{ -32, PLUG_DEVICE_ERROR_BUSY, "another command is running" },
		{ -2000, PLUG_DEVICE_ERROR_UNSUPPORTED, "method not supported" },
		{ -2001, PLUG_DEVICE_ERROR_UNSUPPORTED, "module not supported" },
		{ -4002, PLUG_DEVICE_ERROR_OTHER, "not bound to an account" },
		{ -10000, PLUG_DEVICE_ERROR_OTHER, "invalid argument" },
		{ -10002, PLUG_DEVICE_ERROR_OTHER, "missing argument" },
		{ -10008, PLUG_DEVICE_ERROR_UNSUPPORTED, "call not supported" },
		{ 1, PLUG_DEVICE_ERROR_OTHER, "unnamed error" },
		{ -9999, PLUG_DEVICE_ERROR_OTHER, "unnamed error" },
		{ INT32_MIN, PLUG_DEVICE_ERROR_OTHER, "unnamed error" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(plug_device_error_kind(rows[i].err_code), rows[i].kind);
		assert_string_equal(plug_device_error_text(rows[i].err_code), rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_a_text_of_its_own),
		cmocka_unit_test(ok_is_zero),
		cmocka_unit_test(values_outside_the_enum_are_unknown),
		cmocka_unit_test(device_errors_are_named_and_sorted_by_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

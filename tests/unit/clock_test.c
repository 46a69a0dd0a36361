#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/clock.h"

static void zones_have_names_from_0_to_109(void **state)
{
	(void)state;
	assert_null(plug_zone_name(-1));
	assert_null(plug_zone_name(PLUG_ZONE_COUNT));
	for (int i = 0; i < PLUG_ZONE_COUNT; i++) {
		int index;

		assert_non_null(plug_zone_name(i));
		assert_true(plug_zone_find(plug_zone_name(i), &index));
		assert_int_equal(index, i);
	}
	assert_string_equal(plug_zone_name(39), "GB");
	assert_string_equal(plug_zone_name(109), "Etc/GMT-14");
}

static void zones_are_found_by_other_names_and_by_index(void **state)
{
	static const struct row {
		const char *name;
		int index;
	} rows[] = { { "Europe/Berlin", 41 }, { "europe/london", 39 }, { "America/New_York", 18 },
		{ "Australia/Sydney", 96 }, { "0", 0 }, { "109", 109 }, { "UTC", 38 } };
	static const char *const wrong[] = { "", "110", "-1", "41x", "Europe", "99999999999" };
	int index;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_true(plug_zone_find(rows[i].name, &index));
		assert_int_equal(index, rows[i].index);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		index = 7;
		assert_false(plug_zone_find(wrong[i], &index));
		assert_int_equal(index, 0);
	}
}

static void time_is_read_in_two_forms(void **state)
{
	struct plug_time time;

	(void)state;
	assert_true(plug_time_parse("2026-11-21T12:34:56", &time));
	assert_int_equal(time.year, 2026);
	assert_int_equal(time.month, 11);
	assert_int_equal(time.day, 21);
	assert_int_equal(time.hour, 12);
	assert_int_equal(time.minute, 34);
	assert_int_equal(time.second, 56);
	assert_true(plug_time_parse("2024-02-29 23:59", &time));
	assert_int_equal(time.second, 0);
}

static void time_in_no_calendar_is_refused(void **state)
{
	static const char *const wrong[] = { "", "2026-11-21", "2026-02-29T12:00",
		"2026-13-01T00:00", "2026-00-01T00:00", "2026-04-31T00:00", "2026-11-21T24:00",
		"2026-11-21T12:60", "2026-11-21T12:00:60", "2026-11-21T12:00Z", "1969-12-31T23:59",
		"26-11-21T12:00", "2026-11-21t12:00", "2026-1-21T12:000", "2100-02-29T00:00" };
	const struct plug_time zero = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct plug_time time = { .year = 1 };

		assert_false(plug_time_parse(wrong[i], &time));
		assert_memory_equal(&time, &zero, sizeof time);
	}
}

static void differences_cross_days_months_and_leap_years(void **state)
{
	static const struct row {
		const char *a, *b;
		int64_t difference_s;
	} rows[] = {
		{ "2026-11-21T12:00:05", "2026-11-21T12:00:00", 5 },
		{ "2026-11-21T12:00:00", "2026-11-21T13:00:00", -3600 },
		{ "2026-03-01T00:00", "2026-02-28T00:00", 86400 },
		{ "2024-03-01T00:00", "2024-02-28T00:00", 172800 },
		{ "2027-01-01T00:00", "2026-12-31T23:59:59", 1 },
		{ "2000-03-01T00:00", "1970-01-01T00:00", 951868800 },
		{ "2100-03-01T00:00", "2000-03-01T00:00", 3155760000 - 86400 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_time a;
		struct plug_time b;

		assert_true(plug_time_parse(rows[i].a, &a));
		assert_true(plug_time_parse(rows[i].b, &b));
		assert_int_equal(plug_time_difference_s(&a, &b), rows[i].difference_s);
		assert_int_equal(plug_time_difference_s(&b, &a), -rows[i].difference_s);
	}
}

static void clock_is_set_with_its_zone(void **state)
{
	struct plug_request request;
	struct plug_time time;

	(void)state;
	assert_true(plug_time_parse("2026-11-21T12:34:56", &time));
	assert_int_equal(plug_request_set_timezone(&request, PLUG_FAMILY_BULB, 41, &time), PLUG_OK);
	assert_string_equal(request.text,
		"{\"smartlife.iot.common.timesetting\":{\"set_timezone\":{\"index\":41,"
		"\"year\":2026,\"month\":11,\"mday\":21,\"hour\":12,\"min\":34,\"sec\":56}}}");
	assert_int_equal(
		plug_request_set_timezone(&request, PLUG_FAMILY_PLUG, 110, &time), PLUG_EINVAL);
	assert_int_equal(plug_request_set_time(&request, PLUG_FAMILY_PLUG, &time), PLUG_OK);
	assert_string_equal(request.text,
		"{\"time\":{\"set_time\":{\"year\":2026,\"month\":11,\"mday\":21,\"hour\":12,"
		"\"min\":34,\"sec\":56}}}");
	time.day = 31;
	assert_int_equal(
		plug_request_set_timezone(&request, PLUG_FAMILY_PLUG, 41, &time), PLUG_EINVAL);
	assert_int_equal(plug_request_set_time(&request, PLUG_FAMILY_PLUG, &time), PLUG_EINVAL);
	assert_int_equal(plug_request_timezone(&request, PLUG_FAMILY_PLUG), PLUG_OK);
	assert_string_equal(request.text, "{\"time\":{\"get_timezone\":{}}}");
}

static void zone_is_read_with_and_without_names(void **state)
{
	static const struct row {
		const char *text;
		enum plug_error error;
		int index;
	} rows[] = {
		{ "{\"time\":{\"get_timezone\":{\"index\":41,\"err_code\":0}}}", PLUG_OK, 41 },
		{ "{\"time\":{\"get_timezone\":{\"index\":38,\"zone_str\":\"(UTC)\","
		  "\"tz_str\":\"UTC0\",\"dst_offset\":0,\"err_code\":0}}}",
			PLUG_OK, 38 },
		{ "{\"time\":{\"get_timezone\":{\"index\":200}}}", PLUG_OK, 200 },
		{ "{\"time\":{\"get_timezone\":{\"index\":-1}}}", PLUG_EPROTO, 0 },
		{ "{\"time\":{\"get_timezone\":{}}}", PLUG_EPROTO, 0 },
		{ "{\"time\":{\"err_code\":-1}}", PLUG_EUNSUPPORTED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_reply reply;
		int index = 99;

		assert_int_equal(
			plug_reply_parse(&reply, rows[i].text, strlen(rows[i].text)), PLUG_OK);
		assert_int_equal(
			plug_reply_timezone(&reply, PLUG_FAMILY_PLUG, &index), rows[i].error);
		assert_int_equal(index, rows[i].index);
		plug_reply_clear(&reply);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_have_names_from_0_to_109),
		cmocka_unit_test(zones_are_found_by_other_names_and_by_index),
		cmocka_unit_test(time_is_read_in_two_forms),
		cmocka_unit_test(time_in_no_calendar_is_refused),
		cmocka_unit_test(differences_cross_days_months_and_leap_years),
		cmocka_unit_test(clock_is_set_with_its_zone),
		cmocka_unit_test(zone_is_read_with_and_without_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/rules.h"

static void moments_are_read_and_written(void **state)
{
	static const struct row {
		const char *text;
		struct plug_moment moment;
		const char *shown;
	} rows[] = {
		{ "08:30", { PLUG_MOMENT_CLOCK, 510, 0 }, "08:30" },
		{ "8:30", { PLUG_MOMENT_CLOCK, 510, 0 }, "08:30" },
		{ "00:00", { PLUG_MOMENT_CLOCK, 0, 0 }, "00:00" },
		{ "23:59", { PLUG_MOMENT_CLOCK, 1439, 0 }, "23:59" },
		{ "sunrise", { PLUG_MOMENT_SUNRISE, 0, 0 }, "sunrise" },
		{ "sunset-30m", { PLUG_MOMENT_SUNSET, 0, -30 }, "sunset-30m" },
		{ "sunset+1h30m", { PLUG_MOMENT_SUNSET, 0, 90 }, "sunset+90m" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_moment moment;
		char text[PLUG_RULE_TEXT_BYTES];

		assert_true(plug_moment_parse(rows[i].text, &moment));
		assert_memory_equal(&moment, &rows[i].moment, sizeof moment);
		plug_moment_format(&moment, text);
		assert_string_equal(text, rows[i].shown);
	}
}

static void the_suns_minute_is_shown_when_the_device_knows_it(void **state)
{
	const struct plug_moment sunset = { PLUG_MOMENT_SUNSET, 1027, -30 };
	const struct plug_moment none = { PLUG_MOMENT_NONE, 0, 0 };
	char text[PLUG_RULE_TEXT_BYTES];

	(void)state;
	plug_moment_format(&sunset, text);
	assert_string_equal(text, "sunset-30m (17:07)");
	plug_moment_format(&none, text);
	assert_string_equal(text, "");
}

static void wrong_moments_are_refused(void **state)
{
	static const char *const wrong[] = { "", "8", "24:00", "12:60", "12:5", "12:005", "-1:00",
		"12:00x", "012:00", "sun", "sunset-", "sunset30m", "sunset-30", "sunset-30s",
		"sunset-13h", "sunset-30m5", "Sunset", "noon" };
	const struct plug_moment zero = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct plug_moment moment = { 7, 7, 7 };

		assert_false(plug_moment_parse(wrong[i], &moment));
		assert_memory_equal(&moment, &zero, sizeof moment);
	}
}

static void days_are_read_and_written(void **state)
{
	static const struct row {
		const char *text;
		bool days[PLUG_DAYS];
		const char *shown;
	} rows[] = {
		{ "mon-fri", { 0, 1, 1, 1, 1, 1, 0 }, "mon-fri" },
		{ "sat,sun", { 1, 0, 0, 0, 0, 0, 1 }, "sat,sun" },
		{ "fri-mon", { 1, 1, 0, 0, 0, 1, 1 }, "mon,fri-sun" },
		{ "daily", { 1, 1, 1, 1, 1, 1, 1 }, "daily" },
		{ "Daily", { 1, 1, 1, 1, 1, 1, 1 }, "daily" },
		{ "mon-sun", { 1, 1, 1, 1, 1, 1, 1 }, "daily" },
		{ "WED", { 0, 0, 0, 1, 0, 0, 0 }, "wed" },
		{ "mon,wed,fri", { 0, 1, 0, 1, 0, 1, 0 }, "mon,wed,fri" },
		{ "mon-tue,thu-sat", { 0, 1, 1, 0, 1, 1, 1 }, "mon,tue,thu-sat" },
	};
	static const char *const wrong[] = { "", "monday", "mon-", "-fri", "mon,", "mon;tue", "xyz",
		"mon-xyz", "mon fri" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_rule rule = { .is_weekly = true };
		char text[PLUG_RULE_TEXT_BYTES];

		assert_true(plug_days_parse(rows[i].text, rule.days));
		assert_memory_equal(rule.days, rows[i].days, sizeof rule.days);
		plug_rule_days_format(&rule, text);
		assert_string_equal(text, rows[i].shown);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		bool days[PLUG_DAYS] = { true, true, true, true, true, true, true };
		const bool none[PLUG_DAYS] = { false };

		assert_false(plug_days_parse(wrong[i], days));
		assert_memory_equal(days, none, sizeof days);
	}
}

static void every_set_of_days_survives_writing_and_reading(void **state)
{
	(void)state;
	for (unsigned bits = 1; bits < 1U << PLUG_DAYS; bits++) {
		struct plug_rule rule = { .is_weekly = true };
		bool days[PLUG_DAYS];
		char text[PLUG_RULE_TEXT_BYTES];

		for (unsigned i = 0; i < PLUG_DAYS; i++) {
			rule.days[i] = (bits >> i & 1) != 0;
		}
		plug_rule_days_format(&rule, text);
		assert_true(plug_days_parse(text, days));
		assert_memory_equal(days, rule.days, sizeof days);
	}
}

static void spans_are_read(void **state)
{
	static const struct row {
		const char *text;
		int64_t seconds; /* 0: refused */
	} rows[] = { { "90", 90 }, { "90s", 90 }, { "30m", 1800 }, { "2h", 7200 },
		{ "1h30m", 5400 }, { "24h", 86400 }, { "86401", 0 }, { "25h", 0 }, { "0", 0 },
		{ "", 0 }, { "-1", 0 }, { "1h30", 0 }, { "m", 0 }, { "1d", 0 },
		{ "99999999999", 0 }, { "1.5h", 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t seconds = 7;

		assert_int_equal(plug_span_parse(rows[i].text, &seconds), rows[i].seconds > 0);
		assert_int_equal(seconds, rows[i].seconds);
	}
}

static void dates_are_read_and_written(void **state)
{
	static const char *const wrong[] = { "", "2026-02-29", "24.12.2026", "2026-12-24T00:00",
		"2026-12-2", "2026-12-24-and-much-more-behind-it" };
	struct plug_rule rule = { 0 };
	char text[PLUG_RULE_TEXT_BYTES];

	(void)state;
	assert_true(plug_date_parse("2026-12-24", &rule));
	plug_rule_days_format(&rule, text);
	assert_string_equal(text, "2026-12-24");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_false(plug_date_parse(wrong[i], &rule));
		assert_int_equal(rule.year, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_are_read_and_written),
		cmocka_unit_test(the_suns_minute_is_shown_when_the_device_knows_it),
		cmocka_unit_test(wrong_moments_are_refused),
		cmocka_unit_test(days_are_read_and_written),
		cmocka_unit_test(every_set_of_days_survives_writing_and_reading),
		cmocka_unit_test(spans_are_read),
		cmocka_unit_test(dates_are_read_and_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

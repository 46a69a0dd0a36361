#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/device/calendar.h"

static const struct {
	const char *name;
	struct sim_date date;
	int64_t ms;
} moments[] = {
	{ "the first", { 1970, 1, 1, 0, 0, 0 }, 0 },
	{ "the first second", { 1970, 1, 1, 0, 0, 1 }, 1000 },
	{ "the last second of a year", { 1999, 12, 31, 23, 59, 59 }, 946684799000 },
	{ "a leap day of a century", { 2000, 2, 29, 12, 0, 0 }, 951825600000 },
	{ "after a leap day", { 2024, 3, 1, 0, 0, 0 }, 1709251200000 },
	{ "no leap year", { 2026, 3, 1, 0, 0, 0 }, 1772323200000 },
	{ "a noon", { 2026, 11, 21, 12, 0, 0 }, 1795262400000 },
	{ "the last", { 2099, 12, 31, 23, 59, 59 }, 4102444799000 },
};

static void calendar_converts_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
		const struct sim_date back = sim_date_from_ms(moments[i].ms);

		print_message("%s\n", moments[i].name);
		assert_true(sim_date_is_valid(&moments[i].date));
		assert_int_equal(sim_date_to_ms(&moments[i].date), moments[i].ms);
		assert_memory_equal(&back, &moments[i].date, sizeof back);
	}
}

static void calendar_follows_every_day_of_130_years(void **state)
{
	struct sim_date expected = { .year = 1970, .month = 1, .day = 1 };

	(void)state;
	for (int64_t day = 0; expected.year < 2100; day++) {
		const struct sim_date date = sim_date_from_ms(day * SIM_DAY_MS);

		assert_memory_equal(&date, &expected, sizeof date);
		assert_int_equal(sim_date_to_ms(&date), day * SIM_DAY_MS);
		expected.day++;
		if (expected.day > sim_days_of_month(expected.year, expected.month)) {
			expected.day = 1;
			expected.month++;
		}
		if (expected.month > 12) {
			expected.month = 1;
			expected.year++;
		}
	}
}

static void calendar_refuses_what_no_calendar_has(void **state)
{
	static const struct sim_date wrong[] = {
		{ 1969, 12, 31, 0, 0, 0 },
		{ 2100, 1, 1, 0, 0, 0 },
		{ 2026, 0, 1, 0, 0, 0 },
		{ 2026, 13, 1, 0, 0, 0 },
		{ 2026, 2, 29, 0, 0, 0 },
		{ 2026, 4, 31, 0, 0, 0 },
		{ 2026, 1, 0, 0, 0, 0 },
		{ 2026, 1, 1, 24, 0, 0 },
		{ 2026, 1, 1, 0, 60, 0 },
		{ 2026, 1, 1, 0, 0, 60 },
		{ 2026, 1, 1, -1, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		print_message("row %zu\n", i);
		assert_false(sim_date_is_valid(&wrong[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calendar_converts_both_ways),
		cmocka_unit_test(calendar_follows_every_day_of_130_years),
		cmocka_unit_test(calendar_refuses_what_no_calendar_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

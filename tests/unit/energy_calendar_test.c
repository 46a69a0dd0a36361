#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "bridge/energy/calendar.h"

static void use_zone(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
}

static struct energy_moment moment_at(struct calendar *calendar, int64_t wall_s)
{
	struct energy_moment moment = { .wall_s = wall_s };

	calendar_find_day(calendar, &moment);
	return moment;
}

/* Seconds since 1970 of a moment in UTC. */
static int64_t utc(int year, int month, int day, int hour)
{
	return (int64_t)calendar_day(year, month, day) * 86400 + (int64_t)hour * 3600;
}

/* Local days, when they begin (in hours from their date's midnight in UTC) and how long they are.
 */
static const struct {
	const char *name, *zone;
	int year, month, day;
	int start_hour, hours;
} rows[] = {
	{ "UTC", "UTC", 2026, 11, 21, 0, 24 },
	{ "winter", "Europe/Berlin", 2026, 11, 21, -1, 24 },
	{ "summer", "Europe/Berlin", 2026, 7, 21, -2, 24 },
	{ "summer time begins", "Europe/Berlin", 2026, 3, 29, -1, 23 },
	{ "summer time ends", "Europe/Berlin", 2026, 10, 25, -2, 25 },
	{ "west", "America/New_York", 2026, 11, 1, 4, 25 },
	{ "no midnight when summer time begins", "Africa/Cairo", 2026, 4, 24, -2, 23 },
	{ "far east", "Pacific/Kiritimati", 2026, 1, 1, -14, 24 },
	{ "leap day", "UTC", 2028, 2, 29, 0, 24 },
	{ "new year", "UTC", 2027, 1, 1, 0, 24 },
};

static void day_is_found_from_its_first_to_its_last_second(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const int32_t day = calendar_day(rows[i].year, rows[i].month, rows[i].day);
		const int64_t start_s =
			utc(rows[i].year, rows[i].month, rows[i].day, rows[i].start_hour);
		const int64_t end_s = start_s + (int64_t)rows[i].hours * 3600;
		const int64_t moments[] = { start_s, start_s + 3600, end_s - 1 };

		use_zone(rows[i].zone);
		for (size_t j = 0; j < 3; j++) {
			struct calendar calendar = { 0 };
			const struct energy_moment moment = moment_at(&calendar, moments[j]);

			if (moment.day != day || moment.midnight_s != start_s ||
				calendar.end_s != end_s) {
				fail_msg("%s: day %d, begins %lld s late, ends %lld s late",
					rows[i].name, moment.day - day,
					(long long)(moment.midnight_s - start_s),
					(long long)(calendar.end_s - end_s));
			}
		}
	}
}

static void next_day_follows_by_itself(void **state)
{
	struct calendar calendar = { 0 };
	const int64_t start_s = utc(2026, 10, 24, 22);

	(void)state;
	use_zone("Europe/Berlin");
	for (int hour = 0; hour < 49; hour++) {
		const struct energy_moment moment =
			moment_at(&calendar, start_s + (int64_t)hour * 3600);

		assert_int_equal(moment.day, calendar_day(2026, 10, hour < 25 ? 25 : 26));
	}
	assert_int_equal(moment_at(&calendar, start_s).day, calendar_day(2026, 10, 25));
}

static void clocks_that_are_not_set_have_a_day(void **state)
{
	struct calendar calendar = { 0 };

	(void)state;
	use_zone("America/New_York");
	assert_int_equal(moment_at(&calendar, 0).day, 0);
	assert_int_equal(moment_at(&calendar, 100000).day, 0);
	assert_int_equal(moment_at(&calendar, 200000).day, 2);
	assert_int_equal(moment_at(&calendar, 9999999999).day, UINT16_MAX);
}

static void every_day_has_its_number_and_month(void **state)
{
	int32_t number = 0;

	(void)state;
	for (int year = 1970; year < 2149; year++) {
		for (int month = 1; month <= 12; month++) {
			struct tm parts = {
				.tm_year = year - 1900, .tm_mon = month, .tm_mday = 0, .tm_hour = 12
			};
			int days = 0;

			use_zone("UTC");
			assert_int_not_equal(mktime(&parts), -1);
			days = parts.tm_mday;
			for (int day = 1; day <= days; day++, number++) {
				const struct plug_period period = calendar_month((uint16_t)number);

				assert_int_equal(calendar_day(year, month, day), number);
				assert_int_equal(period.year, year);
				assert_int_equal(period.month, month);
			}
		}
	}
}

static void clock_of_a_device_agrees_within_five_minutes_of_the_same_day(void **state)
{
	static const struct {
		struct plug_time device;
		bool agrees;
	} times[] = {
		{ { 2026, 11, 21, 13, 0, 0 }, true },
		{ { 2026, 11, 21, 13, 5, 0 }, true },
		{ { 2026, 11, 21, 13, 5, 1 }, false },
		{ { 2026, 11, 21, 12, 55, 0 }, true },
		{ { 2026, 11, 21, 12, 54, 59 }, false },
		{ { 2026, 11, 21, 12, 0, 0 }, false },
		{ { 2026, 11, 20, 13, 0, 0 }, false },
		{ { 2000, 1, 1, 13, 0, 0 }, false },
		{ { 0 }, false },
	};

	(void)state;
	use_zone("Europe/Berlin");
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		assert_int_equal(
			calendar_agrees(&times[i].device, utc(2026, 11, 21, 12)), times[i].agrees);
	}
	assert_false(calendar_agrees(
		&(struct plug_time) { 2026, 11, 22, 0, 0, 0 }, utc(2026, 11, 21, 23) - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(day_is_found_from_its_first_to_its_last_second),
		cmocka_unit_test(next_day_follows_by_itself),
		cmocka_unit_test(clocks_that_are_not_set_have_a_day),
		cmocka_unit_test(every_day_has_its_number_and_month),
		cmocka_unit_test(clock_of_a_device_agrees_within_five_minutes_of_the_same_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

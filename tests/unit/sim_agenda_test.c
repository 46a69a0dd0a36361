#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/device/agenda.h"
#include "tests/sim/device/calendar.h"
#include "tests/sim/device/sun.h"
#include "tests/unit/sim_rig.h"

enum { MINUTE_MS = 60000, DAY_MS = 24 * RIG_HOUR_MS };

static int64_t utc_ms(int year, int month, int day, int minute)
{
	const struct sim_date date = { .year = year, .month = month, .day = day };

	return sim_date_to_ms(&date) + (int64_t)minute * MINUTE_MS;
}

/* Saturday noon UTC, 13:00 in the device's clock, in the middle of Germany. */
static struct sim_moment noon(void)
{
	return (struct sim_moment) {
		.now_ms = RIG_START_MS,
		.local_offset_ms = RIG_OFFSET_MS,
		.is_clock_set = true,
		.has_location = true,
		.latitude = 51.1633,
		.longitude = 10.4477,
	};
}

static struct sim_deed next(const char *text, const struct sim_moment *moment)
{
	struct json_object *rule = json_tokener_parse(text);
	const struct sim_deed deed = sim_agenda_next(rule, moment);

	assert_non_null(rule);
	json_object_put(rule);
	return deed;
}

#define WEEKLY "\"enable\":1,\"repeat\":1,"
#define ALWAYS "\"wday\":[1,1,1,1,1,1,1],"

static void rules_are_due_at_their_minute_of_the_right_day(void **state)
{
	static const struct {
		const char *name;
		const char *rule;
		int day, minute; /* local; day of November, 0 for never */
		int action;
		bool is_end;
	} rows[] = {
		{ "today", "{" WEEKLY ALWAYS "\"stime_opt\":0,\"smin\":781,\"sact\":1}", 21, 781, 1,
			false },
		{ "this very minute is over",
			"{" WEEKLY ALWAYS "\"stime_opt\":0,\"smin\":780,\"sact\":1}", 22, 780, 1,
			false },
		{ "Sunday is the first",
			"{" WEEKLY "\"wday\":[1,0,0,0,0,0,0],\"stime_opt\":0,"
			"\"smin\":0,\"sact\":0}",
			22, 0, 0, false },
		{ "Saturday is the last, a week from now",
			"{" WEEKLY "\"wday\":[0,0,0,0,0,0,1],\"stime_opt\":0,\"smin\":60,"
			"\"sact\":0}",
			28, 60, 0, false },
		{ "flags of any kind",
			"{\"enable\":true,\"repeat\":true,\"wday\":[false,true,false,false,false,"
			"false,false],\"stime_opt\":0,\"smin\":510,\"sact\":1}",
			23, 510, 1, false },
		{ "the end comes first",
			"{" WEEKLY ALWAYS "\"stime_opt\":0,\"smin\":700,\"sact\":1,"
			"\"etime_opt\":0,\"emin\":800,\"eact\":0}",
			21, 800, 0, true },
		{ "once, on its date",
			"{\"enable\":1,\"repeat\":0,\"year\":2026,\"month\":11,"
			"\"day\":30,\"stime_opt\":0,\"smin\":1439,\"sact\":1}",
			30, 1439, 1, false },
		{ "once, and that was it",
			"{\"enable\":1,\"repeat\":0,\"year\":2026,\"month\":11,"
			"\"day\":20,\"stime_opt\":0,\"smin\":0,\"sact\":1}",
			0, 0, 0, false },
		{ "no such date",
			"{\"enable\":1,\"repeat\":0,\"year\":2026,\"month\":13,"
			"\"day\":1,\"stime_opt\":0,\"smin\":0,\"sact\":1}",
			0, 0, 0, false },
		{ "disabled",
			"{\"enable\":0,\"repeat\":1," ALWAYS
			"\"stime_opt\":0,\"smin\":800,\"sact\":1}",
			0, 0, 0, false },
		{ "nothing to do", "{" WEEKLY ALWAYS "\"stime_opt\":0,\"smin\":800,\"sact\":-1}", 0,
			0, 0, false },
		{ "no time", "{" WEEKLY ALWAYS "\"stime_opt\":-1,\"smin\":800,\"sact\":1}", 0, 0, 0,
			false },
		{ "no minute of a day",
			"{" WEEKLY ALWAYS "\"stime_opt\":0,\"smin\":1440,\"sact\":1}", 0, 0, 0,
			false },
		{ "no days", "{" WEEKLY "\"wday\":7,\"stime_opt\":0,\"smin\":1,\"sact\":1}", 0, 0,
			0, false },
	};
	const struct sim_moment moment = noon();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct sim_deed deed = next(rows[i].rule, &moment);

		print_message("%s\n", rows[i].name);
		if (rows[i].day == 0) {
			assert_int_equal(deed.at_ms, INT64_MAX);
			continue;
		}
		assert_int_equal(
			deed.at_ms, utc_ms(2026, 11, rows[i].day, rows[i].minute) - RIG_OFFSET_MS);
		assert_int_equal(deed.action, rows[i].action);
		assert_int_equal(deed.is_end, rows[i].is_end);
	}
}

static void a_lost_clock_does_nothing(void **state)
{
	struct sim_moment moment = noon();

	(void)state;
	moment.is_clock_set = false;
	assert_int_equal(
		next("{" WEEKLY ALWAYS "\"stime_opt\":0,\"smin\":800,\"sact\":1}", &moment).at_ms,
		INT64_MAX);
}

/* Minutes of the day, UTC, from an almanac. */
static void the_sun_rises_and_sets_when_almanacs_say(void **state)
{
	static const struct {
		int month, day;
		double latitude, longitude;
		int rise, set;
	} rows[] = {
		{ 6, 21, 52.52, 13.405, 2 * 60 + 43, 19 * 60 + 33 },	       /* Berlin */
		{ 12, 21, 51.507, -0.128, 8 * 60 + 4, 15 * 60 + 53 },	       /* London */
		{ 12, 21, -33.869, 151.209, 18 * 60 + 41 - 1440, 9 * 60 + 5 }, /* Sydney */
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const int64_t midnight_ms = utc_ms(2026, rows[i].month, rows[i].day, 0);
		struct sim_sun sun;

		assert_true(sim_sun_of_day(
			sim_day_of_ms(midnight_ms), rows[i].latitude, rows[i].longitude, &sun));
		assert_in_range((sun.rise_ms - midnight_ms) / MINUTE_MS + 1440,
			rows[i].rise + 1440 - 4, rows[i].rise + 1440 + 4);
		assert_in_range(
			(sun.set_ms - midnight_ms) / MINUTE_MS, rows[i].set - 4, rows[i].set + 4);
	}
}

static void the_polar_night_has_no_sunrise(void **state)
{
	struct sim_sun sun;
	struct sim_moment moment = noon();

	(void)state;
	assert_false(sim_sun_of_day(sim_day_of_ms(utc_ms(2026, 12, 21, 0)), 78.2, 15.6, &sun));
	assert_false(sim_sun_of_day(sim_day_of_ms(utc_ms(2026, 6, 21, 0)), 78.2, 15.6, &sun));
	moment.latitude = 78.2;
	assert_int_equal(
		next("{" WEEKLY ALWAYS "\"stime_opt\":1,\"sact\":1}", &moment).at_ms, INT64_MAX);
}

static void rules_by_the_sun_follow_place_and_offset(void **state)
{
	static const char sunset[] = "{" WEEKLY ALWAYS "\"stime_opt\":2,\"sact\":1}";
	static const char before[] =
		"{" WEEKLY ALWAYS "\"stime_opt\":2,\"soffset\":-30,\"sact\":1}";
	struct sim_moment moment = noon();
	const int64_t at_ms = next(sunset, &moment).at_ms;
	struct json_object *rule = json_tokener_parse(before);

	(void)state;
	assert_in_range((at_ms + RIG_OFFSET_MS) % DAY_MS / MINUTE_MS, 16 * 60 + 20, 16 * 60 + 30);
	assert_int_equal(at_ms % MINUTE_MS, 0);
	assert_int_equal(next(before, &moment).at_ms, at_ms - (int64_t)30 * MINUTE_MS);
	assert_int_equal(sim_agenda_sun_minute(rule, false, &moment),
		(at_ms + RIG_OFFSET_MS) % DAY_MS / MINUTE_MS - 30);
	assert_int_equal(sim_agenda_sun_minute(rule, true, &moment), -1);
	moment.has_location = false;
	assert_int_equal(next(sunset, &moment).at_ms, INT64_MAX);
	json_object_put(rule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_due_at_their_minute_of_the_right_day),
		cmocka_unit_test(a_lost_clock_does_nothing),
		cmocka_unit_test(the_sun_rises_and_sets_when_almanacs_say),
		cmocka_unit_test(the_polar_night_has_no_sunrise),
		cmocka_unit_test(rules_by_the_sun_follow_place_and_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

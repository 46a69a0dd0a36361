/* What the devices' clocks are compared with: local time through both changes of summer time, and
 * whether this machine's own clock may be passed on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/time/compare.h"
#include "bridge/time/hostclock.h"
#include "bridge/time/zone.h"

/* Both changes of three zones: an hour on two halves of the earth, and half an hour. Moments in
 * seconds since 1970; made with date(1) and checked against the published rules. */
static const struct moment {
	const char *zone;
	int64_t wall_s;
	int64_t offset_s;
	struct plug_time local;
} moments[] = {
	{ "Europe/Amsterdam", 1774745999, 3600, { 2026, 3, 29, 1, 59, 59 } },
	{ "Europe/Amsterdam", 1774746000, 7200, { 2026, 3, 29, 3, 0, 0 } },
	{ "Europe/Amsterdam", 1792889999, 7200, { 2026, 10, 25, 2, 59, 59 } },
	{ "Europe/Amsterdam", 1792890000, 3600, { 2026, 10, 25, 2, 0, 0 } },
	{ "Australia/Sydney", 1775318399, 39600, { 2026, 4, 5, 2, 59, 59 } },
	{ "Australia/Sydney", 1775318400, 36000, { 2026, 4, 5, 2, 0, 0 } },
	{ "Australia/Sydney", 1791043199, 36000, { 2026, 10, 4, 1, 59, 59 } },
	{ "Australia/Sydney", 1791043200, 39600, { 2026, 10, 4, 3, 0, 0 } },
	{ "Australia/Lord_Howe", 1775314799, 39600, { 2026, 4, 5, 1, 59, 59 } },
	{ "Australia/Lord_Howe", 1775314800, 37800, { 2026, 4, 5, 1, 30, 0 } },
	{ "Australia/Lord_Howe", 1791041399, 37800, { 2026, 10, 4, 1, 59, 59 } },
	{ "Australia/Lord_Howe", 1791041400, 39600, { 2026, 10, 4, 2, 30, 0 } },
};

enum { MOMENT_COUNT = sizeof moments / sizeof moments[0] };

static struct clock_reading reading_at(struct plug_time time)
{
	return (struct clock_reading) {
		.has_time = true, .has_zone = true, .time = time, .zone = 41
	};
}

static void local_time_follows_summer_time_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < MOMENT_COUNT; i++) {
		char *former = zone_use(moments[i].zone);
		struct plug_time local;

		zone_local(moments[i].wall_s, &local);
		assert_memory_equal(&local, &moments[i].local, sizeof local);
		assert_int_equal(zone_offset_s(moments[i].wall_s), moments[i].offset_s);
		zone_restore(former);
	}
}

static void a_device_that_missed_the_change_is_wrong_and_one_that_made_it_right(void **state)
{
	(void)state;
	for (size_t i = 1; i < MOMENT_COUNT; i += 2) {
		const struct moment *before = &moments[i - 1];
		const struct moment *after = &moments[i];
		const int64_t later_s = after->wall_s + 30;
		struct clock_reading changed = reading_at(after->local);
		struct clock_reading unchanged = reading_at(before->local);
		char *former = zone_use(after->zone);

		assert_true(clock_has_right_time(&changed, later_s));
		/* 31 s later than its last second before the change, had it gone on. */
		assert_false(clock_has_right_time(&unchanged, later_s));
		assert_int_equal(clock_error_s(&unchanged, before->wall_s + 1),
			before->offset_s - after->offset_s - 1);
		zone_restore(former);
	}
}

static void a_minute_is_tolerated_and_no_more(void **state)
{
	static const struct {
		int second_s;
		bool is_right;
	} rows[] = { { 0, true }, { 60, true }, { 61, false }, { -60, true }, { -61, false } };
	char *former = zone_use("Europe/Amsterdam");
	const struct clock_reading reading = reading_at((struct plug_time) { 2026, 1, 1, 0, 0, 0 });
	const int64_t midnight_s = 1767222000;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(
			clock_error_s(&reading, midnight_s - rows[i].second_s), rows[i].second_s);
		assert_int_equal(clock_has_right_time(&reading, midnight_s - rows[i].second_s),
			rows[i].is_right);
	}
	zone_restore(former);
}

static void a_device_without_a_clock_is_wrong_and_one_without_a_zone_is_not(void **state)
{
	struct clock_reading reading = { 0 };

	(void)state;
	assert_false(clock_has_right_time(&reading, 0));
	assert_int_equal(clock_error_s(&reading, 1774746000), 0);
	assert_true(clock_has_right_zone(&reading, 41));
	reading.has_zone = true;
	reading.zone = 6;
	assert_false(clock_has_right_zone(&reading, 41));
	assert_true(clock_has_right_zone(&reading, 6));
}

static void the_zone_of_the_process_comes_back(void **state)
{
	char *first = NULL;
	char *former = NULL;

	(void)state;
	first = zone_use("Asia/Tokyo");
	former = zone_use("Europe/Amsterdam");
	assert_string_equal(former, "Asia/Tokyo");
	assert_int_equal(zone_offset_s(1767222000), 3600);
	zone_restore(former);
	assert_string_equal(getenv("TZ"), "Asia/Tokyo");
	assert_int_equal(zone_offset_s(1767222000), 9 * 3600);
	/* No zone of one's own: nothing changes. */
	former = zone_use("");
	assert_int_equal(zone_offset_s(1767222000), 9 * 3600);
	zone_restore(former);
	zone_restore(NULL);
	assert_null(getenv("TZ"));
	free(first);
}

static void a_zone_that_devices_do_not_know_cannot_be_set(void **state)
{
	static char lord_howe[] = "Australia/Lord_Howe";
	static char sydney[] = "Australia/Sydney";
	struct config_time settings = { .sync = true, .zone = lord_howe };
	char *problem = zone_problem(&settings);

	(void)state;
	assert_non_null(strstr(problem, "\"Australia/Lord_Howe\" is none"));
	free(problem);
	settings.sync = false;
	assert_null(zone_problem(&settings));
	settings = (struct config_time) { .sync = true, .zone = sydney };
	assert_null(zone_problem(&settings));
}

static void our_own_clock_counts_while_the_kernel_hears_of_the_time(void **state)
{
	static const struct {
		struct hostclock clock;
		bool is_synchronised;
	} rows[] = {
		{ { 0, 0 }, true },
		{ { 0, 15999999 }, true },
		/* chrony without rtcsync: TIME_ERROR, for STA_UNSYNC stays set. */
		{ { 5, 20000 }, true },
		{ { 5, 16000000 }, false },
		{ { 0, 16000000 }, false },
		{ { -1, 0 }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(
			hostclock_is_synchronised(&rows[i].clock), rows[i].is_synchronised);
	}
	/* Everybody may ask. */
	assert_true(hostclock_read().result >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(local_time_follows_summer_time_both_ways),
		cmocka_unit_test(
			a_device_that_missed_the_change_is_wrong_and_one_that_made_it_right),
		cmocka_unit_test(a_minute_is_tolerated_and_no_more),
		cmocka_unit_test(a_device_without_a_clock_is_wrong_and_one_without_a_zone_is_not),
		cmocka_unit_test(the_zone_of_the_process_comes_back),
		cmocka_unit_test(a_zone_that_devices_do_not_know_cannot_be_set),
		cmocka_unit_test(our_own_clock_counts_while_the_kernel_hears_of_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

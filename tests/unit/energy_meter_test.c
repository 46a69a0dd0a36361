#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/energy/meter.h"

enum {
	DAY = 20778,
	DAY_S = 24 * 3600,
	NOON_S = 12 * 3600,
	POLL_S = 5,
	POWER_MW = 1000 * 1000,
};

/* Days of 24 hours in UTC are enough here. */
static struct energy_moment wall(int64_t steady_s, int64_t wall_s)
{
	return (struct energy_moment) { .steady_s = steady_s,
		.wall_s = wall_s,
		.midnight_s = wall_s / DAY_S * DAY_S,
		.day = (uint16_t)(wall_s / DAY_S) };
}

static struct energy_moment at(int day, int second)
{
	const int64_t wall_s = (int64_t)(DAY + day) * DAY_S + second;

	return wall(wall_s, wall_s);
}

static struct energy_counters counters;
static struct energy_meter meter;

static int setup(void **state)
{
	(void)state;
	counters = (struct energy_counters) { 0 };
	meter = (struct energy_meter) { 0 };
	return 0;
}

static void take(struct energy_moment now, int64_t total_wh)
{
	const struct energy_reading reading = { total_wh, POWER_MW };

	(void)energy_meter_take(&meter, &reading, &now, &counters);
}

/* One total after the other, a poll apart, from noon on. */
static void take_all(const int64_t *totals, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		take(at(0, NOON_S + (int)i * POLL_S), totals[i]);
	}
}

static int64_t energy(void)
{
	int64_t energy_wh = 0;

	assert_true(energy_meter_energy(&meter, &energy_wh));
	return energy_wh;
}

static int64_t today(struct energy_moment now)
{
	int64_t today_wh = 0;

	return energy_meter_today(&meter, &now, &today_wh) ? today_wh : -1;
}

/* As after the answer of a device without statistics. */
static void close_day(void)
{
	energy_unset(&meter, ENERGY_DAY_IS_OPEN);
}

#define TOTALS_MAX 12

/* What a device said, 5 s apart, and what comes of it. */
static const struct {
	const char *name;
	int64_t totals[TOTALS_MAX];
	size_t count;
	int64_t energy_wh;
	uint64_t glitches, resets;
} rows[] = {
	{ "the device's own history is the beginning", { 55139 }, 1, 55139, 0, 0 },
	{ "it counts", { 55139, 55140, 55140, 55142 }, 4, 55142, 0, 0 },
	{ "from nothing", { 0, 0, 1, 2 }, 4, 2, 0, 0 },
	{ "one reading of zero", { 5000, 0, 5001 }, 3, 5001, 1, 0 },
	{ "one reading too low", { 5000, 4200, 5001 }, 3, 5001, 1, 0 },
	{ "one reading too high", { 5000, 99000, 5001 }, 3, 5001, 1, 0 },
	{ "too high and too low", { 5000, 99000, 4200, 5001 }, 4, 5001, 2, 0 },
	{ "two too low that disagree", { 5000, 4200, 3100, 5001 }, 4, 5001, 2, 0 },
	{ "two too high that agree", { 5000, 9900, 9901, 5001 }, 4, 5001, 2, 0 },
	{ "a reset that was read at once", { 5000, 0, 0, 1, 2 }, 5, 5002, 0, 1 },
	{ "a reset that had counted", { 5000, 3, 4 }, 3, 5004, 0, 1 },
	{ "a reset is believed with the second reading", { 5000, 3 }, 2, 5000, 0, 0 },
	{ "two resets", { 5000, 0, 1, 2, 3, 4, 0, 1, 2 }, 9, 5006, 0, 2 },
	{ "a reboot that lost the last hour", { 5000, 4200, 4201, 4202, 4203 }, 5, 5003, 0, 1 },
	{ "a jump that stays", { 5000, 99000, 99001, 99002, 99003 }, 5, 5003, 0, 1 },
	{ "zero for a while, then all again", { 5000, 0, 0, 0, 5001, 5002, 5003, 5004 }, 8, 5003, 0,
		2 },
	{ "more than any outlet counts in its life", { 5000, 3000000000, 5001 }, 3, 5001, 1, 0 },
	{ "less than nothing", { 5000, -5, 5001 }, 3, 5001, 1, 0 },
	{ "as much as 4 kW and a step allow", { 5000, 5025 }, 2, 5025, 0, 0 },
	{ "more than that", { 5000, 5026 }, 2, 5000, 0, 0 },
};

static void counter_takes_what_can_be_and_drops_or_absorbs_the_rest(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		(void)setup(NULL);
		take_all(rows[i].totals, rows[i].count);
		if (energy() != rows[i].energy_wh || counters.glitches != rows[i].glitches ||
			counters.resets != rows[i].resets) {
			fail_msg("%s: energy %lld, %llu glitches, %llu resets", rows[i].name,
				(long long)energy(), (unsigned long long)counters.glitches,
				(unsigned long long)counters.resets);
		}
	}
}

static void counter_never_steps_back_whatever_the_device_says(void **state)
{
	uint32_t chance = 1;
	int64_t before = 0;

	(void)state;
	take(at(0, 0), 100000);
	for (int i = 1; i < 20000; i++) {
		const uint32_t kind = chance >> 28;
		int64_t total = 100000 + i;

		chance = chance * 1664525 + 1013904223;
		total = kind < 12 ? total : (int64_t)(chance >> 8) - 5000;
		take(wall((int64_t)i * (kind == 3 ? 1 : POLL_S), (int64_t)i * POLL_S), total);
		assert_true(energy() >= before);
		before = energy();
	}
	assert_true(counters.glitches > 100);
}

/* 1 kW for half an hour, told in one step. */
static void meter_that_adds_up_slowly_is_believed_by_its_power(void **state)
{
	const struct energy_reading idle = { .total_wh = 1500, .power_mw = 0 };
	const struct energy_moment later = at(0, 3600 + POLL_S);

	(void)state;
	for (int second = 0; second < 1800; second += POLL_S) {
		take(at(0, second), 1000);
	}
	take(at(0, 1800), 1500);
	assert_int_equal(energy(), 1500);
	for (int second = 1800 + POLL_S; second <= 3600; second += POLL_S) {
		const struct energy_moment now = at(0, second);

		(void)energy_meter_take(&meter, &idle, &now, &counters);
	}
	(void)energy_meter_take(&meter, &(struct energy_reading) { 2000, 0 }, &later, &counters);
	assert_int_equal(energy(), 1500);
}

static void gap_lets_the_total_grow_by_what_4_kw_give(void **state)
{
	(void)state;
	take(at(0, 0), 1000);
	take(at(0, 3600), 1000 + 4000 + 20);
	assert_int_equal(energy(), 5020);
	take(at(0, 2 * 3600), 5020 + 4021);
	assert_int_equal(energy(), 5020);
}

static void much_after_a_long_time_must_be_said_twice(void **state)
{
	(void)state;
	take(at(0, 0), 1000);
	take(at(0, 2 * 3600), 8000);
	assert_int_equal(energy(), 1000);
	take(at(0, 2 * 3600 + POLL_S), 1010);
	assert_int_equal(energy(), 1010);
	assert_int_equal(counters.glitches, 1);
	take(at(0, 5 * 3600), 8000);
	take(at(0, 5 * 3600 + POLL_S), 8001);
	assert_int_equal(energy(), 8001);
	assert_int_equal(counters.glitches, 1);
}

static void reset_while_nobody_looked_counts_from_nothing(void **state)
{
	(void)state;
	take(at(0, 0), 55139);
	take(at(0, 3600), 700);
	take(at(0, 3600 + POLL_S), 701);
	assert_int_equal(energy(), 55139 + 701);
	assert_int_equal(counters.resets, 1);
}

/* As a device does that saves its total once an hour. */
static void reboot_while_nobody_looked_does_not_count_twice(void **state)
{
	(void)state;
	take(at(0, 0), 1395);
	take(at(0, 3600), 800);
	take(at(0, 3600 + POLL_S), 801);
	take(at(0, 3600 + 2 * POLL_S), 802);
	assert_int_equal(energy(), 1397);
}

static void clock_that_is_set_lets_the_total_grow_no_faster(void **state)
{
	const int64_t start_s = at(0, NOON_S).steady_s;

	(void)state;
	take(wall(start_s, start_s), 1000);
	take(wall(start_s + 5, start_s - 3600), 1001);
	take(wall(start_s + 10, start_s + DAY_S), 1002);
	take(wall(start_s + 15, start_s), 1052);
	assert_int_equal(energy(), 1002);
	take(wall(start_s + 20, 1000), 1003);
	assert_int_equal(energy(), 1003);
	assert_int_equal(counters.glitches, 1);
}

/* Another run's clock may have been wrong, or this one's is. */
static void run_that_began_before_the_last_one_ended_takes_a_days_energy(void **state)
{
	(void)state;
	take(at(0, NOON_S), 1000);
	take(wall(1000, 1000), 1000 + 96000);
	take(wall(1005, 1005), 1000 + 96001);
	assert_int_equal(energy(), 97001);
}

static void energy_is_not_told_before_the_first_good_reading_of_a_run(void **state)
{
	int64_t energy_wh = 0;

	(void)state;
	assert_false(energy_meter_energy(&meter, &energy_wh));
	take(at(0, 0), 1000);
	assert_int_equal(energy(), 1000);
	/* The next run. */
	energy_unset(&meter, ENERGY_IS_LIVE);
	assert_false(energy_meter_energy(&meter, &energy_wh));
	take(at(0, POLL_S), 0);
	assert_false(energy_meter_energy(&meter, &energy_wh));
	take(at(0, 2 * POLL_S), 0);
	assert_int_equal(energy(), 1000);
}

static void counter_goes_on_from_what_was_told(void **state)
{
	(void)state;
	energy_meter_raise(&meter, 500);
	take(at(0, 0), 520);
	assert_int_equal(energy(), 520);
	energy_meter_raise(&meter, 519);
	assert_int_equal(energy(), 520);
	energy_meter_raise(&meter, 530);
	take(at(0, POLL_S), 521);
	assert_int_equal(energy(), 531);
}

static void counter_told_is_kept_when_the_device_shows_less_or_far_more(void **state)
{
	static const int64_t totals[] = { 3, 99999 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		(void)setup(NULL);
		energy_meter_raise(&meter, 500);
		take(at(0, 0), totals[i]);
		assert_int_equal(energy(), 500);
		take(at(0, POLL_S), totals[i] + 1);
		assert_int_equal(energy(), 501);
	}
}

/* The file was lost, and the bridge away for a while: or the device lies. */
static void counter_far_beyond_what_was_told_must_be_said_twice(void **state)
{
	int64_t energy_wh = 0;

	(void)state;
	energy_meter_raise(&meter, 500);
	take(at(0, 0), 5500);
	assert_false(energy_meter_energy(&meter, &energy_wh));
	take(at(0, POLL_S), 502);
	assert_int_equal(energy(), 502);
	(void)setup(NULL);
	energy_meter_raise(&meter, 500);
	take(at(0, 0), 5500);
	take(at(0, POLL_S), 5501);
	assert_int_equal(energy(), 5501);
}

/* Written at 1000, told 1005, and killed. */
static void counter_told_beyond_the_file_had_been_counted_by_the_device(void **state)
{
	static const struct {
		int64_t totals[3], energy_wh;
	} after[] = { { { 1007, 1007, 1007 }, 1007 }, { { 2, 2, 2 }, 1007 },
		{ { 960, 960, 961 }, 1006 }, { { 1003, 1003, 1004 }, 1006 } };

	(void)state;
	for (size_t i = 0; i < sizeof after / sizeof after[0]; i++) {
		(void)setup(NULL);
		take(at(0, 0), 1000);
		energy_unset(&meter, ENERGY_IS_LIVE);
		energy_meter_raise(&meter, 1005);
		for (int j = 0; j < 3; j++) {
			take(at(0, (j + 1) * POLL_S), after[i].totals[j]);
		}
		assert_int_equal(energy(), after[i].energy_wh);
	}
}

static void counter_of_a_replaced_device_goes_on_with_what_the_new_one_adds(void **state)
{
	(void)state;
	energy_meter_continue(&meter, 500);
	take(at(0, 0), 520);
	assert_int_equal(energy(), 500);
	take(at(0, POLL_S), 522);
	assert_int_equal(energy(), 502);
}

static void first_reading_leaves_the_day_open(void **state)
{
	(void)state;
	take(at(0, NOON_S), 1000);
	assert_int_equal(today(at(0, NOON_S)), -1);
	close_day();
	take(at(0, NOON_S + POLL_S), 1003);
	assert_int_equal(today(at(0, NOON_S + POLL_S)), 3);
}

static void midnight_splits_the_energy_between_two_readings(void **state)
{
	(void)state;
	take(at(0, DAY_S - 30), 1000);
	close_day();
	take(at(1, 10), 1012);
	assert_int_equal(today(at(1, 10)), 3);
	assert_int_equal(energy(), 1012);
	take(at(1, 15), 1013);
	assert_int_equal(today(at(1, 15)), 4);
	take(at(2, 0), 1040);
	assert_int_equal(today(at(2, 0)), -1);
}

static void reading_at_midnight_begins_the_day_with_nothing(void **state)
{
	(void)state;
	take(at(0, DAY_S - POLL_S), 1000);
	close_day();
	take(at(1, 0), 1005);
	assert_int_equal(today(at(1, 0)), 0);
}

static void reset_counts_into_today(void **state)
{
	(void)state;
	take(at(0, NOON_S), 1000);
	close_day();
	take(at(0, NOON_S + POLL_S), 1004);
	take(at(0, NOON_S + 2 * POLL_S), 0);
	take(at(0, NOON_S + 3 * POLL_S), 2);
	assert_int_equal(today(at(0, NOON_S)), 6);
}

static void clock_set_back_over_midnight_keeps_the_day(void **state)
{
	const int64_t start_s = at(1, 0).steady_s;

	(void)state;
	take(at(1, 0), 1000);
	close_day();
	take(at(1, 5), 1002);
	take(wall(start_s + 10, start_s - 60), 1003);
	assert_int_equal(today(at(0, DAY_S - 60)), 3);
	take(wall(start_s + 80, start_s + 10), 1004);
	assert_int_equal(today(at(1, 10)), 4);
}

static void clock_that_had_been_ahead_begins_a_day_anew(void **state)
{
	const int64_t start_s = at(0, NOON_S).steady_s;

	(void)state;
	take(at(0, NOON_S), 1000);
	take(wall(start_s + 5, at(400, 0).wall_s), 1001);
	close_day();
	take(wall(start_s + 10, start_s + 10), 1002);
	assert_int_equal(today(at(0, NOON_S)), -1);
	close_day();
	take(wall(start_s + 15, start_s + 15), 1003);
	assert_int_equal(today(at(0, NOON_S)), 1);
}

static void host_without_a_clock_has_no_today_and_forgets_no_day(void **state)
{
	const int64_t start_s = at(0, NOON_S).steady_s;

	(void)state;
	take(at(0, NOON_S), 1000);
	close_day();
	take(at(0, NOON_S + POLL_S), 1005);
	take(wall(start_s + 10, 1000), 1006);
	assert_int_equal(today(wall(start_s + 10, 1000)), -1);
	take(at(0, NOON_S + 15), 1007);
	assert_int_equal(today(at(0, NOON_S + 15)), 7);
}

static void yesterday_is_not_told_as_today(void **state)
{
	(void)state;
	take(at(0, NOON_S), 1000);
	close_day();
	take(at(0, NOON_S + POLL_S), 1005);
	/* In doubt: the day has not begun yet. */
	take(at(1, NOON_S), 3);
	assert_int_equal(today(at(1, NOON_S)), -1);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counter_takes_what_can_be_and_drops_or_absorbs_the_rest),
		TEST(counter_never_steps_back_whatever_the_device_says),
		TEST(meter_that_adds_up_slowly_is_believed_by_its_power),
		TEST(gap_lets_the_total_grow_by_what_4_kw_give),
		TEST(much_after_a_long_time_must_be_said_twice),
		TEST(reset_while_nobody_looked_counts_from_nothing),
		TEST(reboot_while_nobody_looked_does_not_count_twice),
		TEST(clock_that_is_set_lets_the_total_grow_no_faster),
		TEST(run_that_began_before_the_last_one_ended_takes_a_days_energy),
		TEST(energy_is_not_told_before_the_first_good_reading_of_a_run),
		TEST(counter_goes_on_from_what_was_told),
		TEST(counter_told_is_kept_when_the_device_shows_less_or_far_more),
		TEST(counter_far_beyond_what_was_told_must_be_said_twice),
		TEST(counter_told_beyond_the_file_had_been_counted_by_the_device),
		TEST(counter_of_a_replaced_device_goes_on_with_what_the_new_one_adds),
		TEST(first_reading_leaves_the_day_open),
		TEST(midnight_splits_the_energy_between_two_readings),
		TEST(reading_at_midnight_begins_the_day_with_nothing),
		TEST(reset_counts_into_today),
		TEST(clock_set_back_over_midnight_keeps_the_day),
		TEST(clock_that_had_been_ahead_begins_a_day_anew),
		TEST(host_without_a_clock_has_no_today_and_forgets_no_day),
		TEST(yesterday_is_not_told_as_today),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

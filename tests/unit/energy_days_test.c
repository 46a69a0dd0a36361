#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/energy/calendar.h"
#include "bridge/energy/days.h"

enum { DAY_S = 24 * 3600, POLL_S = 5, NOON_S = 12 * 3600 };

static struct energy_counters counters;
static struct energy_meter meter;

static int setup(void **state)
{
	(void)state;
	counters = (struct energy_counters) { 0 };
	meter = (struct energy_meter) { 0 };
	return 0;
}

static struct energy_moment at(int month, int day, int second)
{
	const uint16_t number = (uint16_t)calendar_day(2026, month, day);
	const int64_t midnight_s = (int64_t)number * DAY_S;

	return (struct energy_moment) { midnight_s + second, midnight_s + second, midnight_s,
		number };
}

static void take(struct energy_moment now, int64_t total_wh)
{
	(void)energy_meter_take(
		&meter, &(struct energy_reading) { .total_wh = total_wh }, &now, &counters);
}

/* After a long time it must be said twice. */
static void take_twice(struct energy_moment now, int64_t total_wh)
{
	take(now, total_wh);
	take(now, total_wh);
}

/* A month's list, as (day, Wh) pairs that end with day 0. */
static struct plug_statistics list(int month, const int64_t (*pairs)[2])
{
	struct plug_statistics days = { 0 };

	for (; (*pairs)[0] > 0; pairs++) {
		days.entries[days.count++] = (struct plug_statistic_entry) { .year = 2026,
			.month = month,
			.day = (int)(*pairs)[0],
			.is_possible = (*pairs)[1] >= 0,
			.value = (*pairs)[1] >= 0 ? (*pairs)[1] : 0 };
	}
	return days;
}

static void answer(struct energy_moment now, int month, const int64_t (*pairs)[2])
{
	const struct plug_period asked = energy_month(&meter, &now);
	const struct plug_statistics days = list(month, pairs);

	assert_int_equal(asked.year, 2026);
	assert_int_equal(asked.month, month);
	(void)energy_take_days(&meter, &asked, &days, &now, &counters);
}

#define DAYS(...) ((const int64_t[][2]) { __VA_ARGS__, { 0, 0 } })

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

/* On the 20th at noon: 5,000 Wh in all, 300 of them today. */
static void begin(void)
{
	take(at(11, 20, NOON_S), 5000);
	answer(at(11, 20, NOON_S), 11, DAYS({ 19, 700 }, { 20, 300 }));
}

static void open_day_is_taken_from_the_statistics(void **state)
{
	(void)state;
	take(at(11, 20, NOON_S), 5000);
	assert_true(energy_wants_days(&meter));
	answer(at(11, 20, NOON_S), 11, DAYS({ 20, 300 }, { 19, 700 }));
	assert_int_equal(today(at(11, 20, NOON_S)), 300);
	assert_false(energy_wants_days(&meter));
	take(at(11, 20, NOON_S + POLL_S), 5002);
	assert_int_equal(today(at(11, 20, NOON_S + POLL_S)), 302);
}

static void open_day_without_an_entry_is_nothing_yet(void **state)
{
	(void)state;
	take(at(11, 20, NOON_S), 5000);
	answer(at(11, 20, NOON_S), 11, DAYS({ 19, 700 }));
	assert_int_equal(today(at(11, 20, NOON_S)), 0);
}

static void open_day_that_no_outlet_can_have_counts_from_the_first_reading(void **state)
{
	(void)state;
	take(at(11, 20, 3600), 5000);
	answer(at(11, 20, 3600), 11, DAYS({ 20, 4021 }));
	assert_int_equal(today(at(11, 20, 3600)), 0);
	assert_int_equal(counters.glitches, 1);
}

static void open_day_counts_from_the_first_reading_when_there_are_no_statistics(void **state)
{
	(void)state;
	take(at(11, 20, NOON_S), 5000);
	assert_true(energy_give_up_days(&meter));
	assert_false(energy_wants_days(&meter));
	assert_int_equal(today(at(11, 20, NOON_S)), 0);
	assert_false(energy_give_up_days(&meter));
}

static void midnight_that_nobody_saw_is_asked_for(void **state)
{
	(void)state;
	begin();
	take_twice(at(11, 21, 6 * 3600), 6000);
	assert_int_equal(today(at(11, 21, 6 * 3600)), -1);
	assert_true(energy_wants_days(&meter));
	answer(at(11, 21, 6 * 3600), 11, DAYS({ 20, 1000 }, { 21, 300 }));
	assert_int_equal(today(at(11, 21, 6 * 3600)), 300);
	assert_int_equal(energy(), 6000);
	assert_int_equal(counters.gaps_filled, 0);
}

/* 2,000 Wh went by while nobody looked, 1,500 of them were forgotten. */
static void reset_in_a_gap_is_filled(void **state)
{
	(void)state;
	begin();
	take(at(11, 20, 18 * 3600), 500);
	take(at(11, 20, 18 * 3600 + POLL_S), 500);
	assert_int_equal(energy(), 5500);
	answer(at(11, 20, 18 * 3600 + POLL_S), 11, DAYS({ 20, 2300 }));
	assert_int_equal(energy(), 7000);
	assert_int_equal(today(at(11, 20, 18 * 3600 + POLL_S)), 2300);
	assert_int_equal(counters.gaps_filled, 1);
	/* Once. */
	answer(at(11, 20, 19 * 3600), 11, DAYS({ 20, 2300 }));
	assert_int_equal(energy(), 7000);
}

static void reset_in_a_gap_over_midnight_is_filled_and_today_is_the_devices(void **state)
{
	(void)state;
	begin();
	take(at(11, 21, 6 * 3600), 500);
	take(at(11, 21, 6 * 3600 + POLL_S), 501);
	answer(at(11, 21, 6 * 3600 + POLL_S), 11, DAYS({ 20, 1500 }, { 21, 800 }));
	assert_int_equal(energy(), 5000 + 1200 + 800);
	assert_int_equal(today(at(11, 21, 6 * 3600 + POLL_S)), 800);
}

/* The total had fallen and outgrown itself: it shows no fall. */
static void reset_in_a_gap_that_left_no_trace_is_filled(void **state)
{
	(void)state;
	take(at(11, 20, NOON_S), 400);
	answer(at(11, 20, NOON_S), 11, DAYS({ 20, 400 }));
	take_twice(at(11, 20, 18 * 3600), 900);
	assert_int_equal(energy(), 900);
	answer(at(11, 20, 18 * 3600), 11, DAYS({ 20, 1900 }));
	assert_int_equal(energy(), 1900);
	assert_int_equal(counters.gaps_filled, 1);
}

/* Statistics that had lagged behind would count twice. */
static void gap_without_a_fall_is_told_by_the_total_alone(void **state)
{
	(void)state;
	begin();
	take_twice(at(11, 20, 18 * 3600), 6000);
	answer(at(11, 20, 18 * 3600), 11, DAYS({ 20, 1500 }));
	assert_int_equal(energy(), 6000);
	assert_int_equal(counters.gaps_filled, 0);
}

/* The total fell a little in the gap and grew by more. */
static void gap_without_a_fall_is_filled_when_the_statistics_never_lagged(void **state)
{
	(void)state;
	begin();
	take(at(11, 20, NOON_S + 60), 5010);
	answer(at(11, 20, NOON_S + 60), 11, DAYS({ 20, 315 }));
	take_twice(at(11, 20, 18 * 3600), 6010);
	answer(at(11, 20, 18 * 3600), 11, DAYS({ 20, 1315 + 20 + 2 * 5 + 1 }));
	assert_int_equal(energy(), 6010 + 31);
	assert_int_equal(counters.gaps_filled, 1);
}

static void gap_is_not_filled_with_the_lag_of_the_statistics(void **state)
{
	(void)state;
	begin();
	take(at(11, 20, NOON_S + 60), 5010);
	answer(at(11, 20, NOON_S + 60), 11, DAYS({ 20, 400 }));
	take_twice(at(11, 20, 18 * 3600), 6010);
	answer(at(11, 20, 18 * 3600), 11, DAYS({ 20, 1400 + 20 + 2 * 90 }));
	assert_int_equal(energy(), 6010);
}

static void gap_is_not_filled_with_what_no_outlet_counts(void **state)
{
	(void)state;
	begin();
	take(at(11, 20, 13 * 3600), 500);
	take(at(11, 20, 13 * 3600 + POLL_S), 500);
	answer(at(11, 20, 13 * 3600 + POLL_S), 11, DAYS({ 20, 9000 }));
	assert_int_equal(energy(), 5500);
	assert_int_equal(counters.gaps_filled, 0);
	assert_int_equal(counters.glitches, 1);
}

static void gap_is_not_filled_when_the_statistics_were_erased_too(void **state)
{
	(void)state;
	begin();
	take(at(11, 20, 18 * 3600), 500);
	take(at(11, 20, 18 * 3600 + POLL_S), 500);
	answer(at(11, 20, 18 * 3600 + POLL_S), 11, DAYS({ 20, 500 }));
	assert_int_equal(energy(), 5500);
}

static void day_that_cannot_be_true_fills_nothing(void **state)
{
	(void)state;
	begin();
	take(at(11, 21, NOON_S), 500);
	take(at(11, 21, NOON_S + POLL_S), 500);
	answer(at(11, 21, NOON_S + POLL_S), 11, DAYS({ 20, -1 }, { 21, 500 }));
	assert_int_equal(energy(), 5500);
}

/* They may have been erased with the total. */
static void statistics_are_compared_anew_after_a_reset(void **state)
{
	(void)state;
	begin();
	take(at(11, 20, NOON_S + POLL_S), 0);
	take(at(11, 20, NOON_S + 2 * POLL_S), 0);
	assert_true(energy_wants_days(&meter));
	answer(at(11, 20, NOON_S + 2 * POLL_S), 11, DAYS({ 20, 0 }));
	take(at(11, 20, 18 * 3600), 10);
	answer(at(11, 20, 18 * 3600), 11, DAYS({ 20, 2000 }));
	assert_int_equal(energy(), 7000);
}

static void statistics_are_not_taken_while_a_reading_is_in_doubt(void **state)
{
	(void)state;
	begin();
	take(at(11, 20, 18 * 3600), 500);
	answer(at(11, 20, 18 * 3600), 11, DAYS({ 20, 2300 }));
	take(at(11, 20, 18 * 3600 + POLL_S), 500);
	assert_true(energy_wants_days(&meter));
	answer(at(11, 20, 18 * 3600 + POLL_S), 11, DAYS({ 20, 2300 }));
	assert_int_equal(energy(), 7000);
}

/* What was lost before midnight is not today's. */
static void gap_that_is_filled_a_day_later_adds_nothing_to_today(void **state)
{
	(void)state;
	begin();
	take(at(11, 20, DAY_S - 3600), 500);
	take(at(11, 20, DAY_S - 3600 + POLL_S), 500);
	(void)energy_give_up_days(&meter);
	for (int second = DAY_S - 3600; second < DAY_S; second += 100) {
		take(at(11, 20, second), 500);
	}
	take(at(11, 21, 50), 500);
	answer(at(11, 21, 50), 11, DAYS({ 20, 2300 }));
	assert_int_equal(energy(), 7000);
	assert_int_equal(today(at(11, 21, 50)), 0);
}

static void gap_waits_for_statistics_that_cannot_be_had_now(void **state)
{
	(void)state;
	begin();
	take(at(11, 20, 18 * 3600), 500);
	take(at(11, 20, 18 * 3600 + POLL_S), 500);
	assert_true(energy_wants_days(&meter));
	(void)energy_give_up_days(&meter);
	assert_false(energy_wants_days(&meter));
	take(at(11, 20, 18 * 3600 + 2 * POLL_S), 510);
	answer(at(11, 20, 18 * 3600 + 2 * POLL_S), 11, DAYS({ 20, 2310 }));
	assert_int_equal(energy(), 7010);
}

static void gap_over_months_is_asked_for_month_by_month(void **state)
{
	(void)state;
	take(at(9, 29, NOON_S), 50000);
	answer(at(9, 29, NOON_S), 9, DAYS({ 29, 300 }));
	take(at(11, 2, NOON_S), 700);
	take(at(11, 2, NOON_S + POLL_S), 700);
	answer(at(11, 2, NOON_S + 60), 9, DAYS({ 28, 900 }, { 29, 800 }, { 30, 900 }));
	assert_true(energy_wants_days(&meter));
	answer(at(11, 2, NOON_S + 120), 10, DAYS({ 1, 1000 }, { 31, 2000 }));
	assert_int_equal(energy(), 50700);
	take(at(11, 2, NOON_S + 120), 700);
	answer(at(11, 2, NOON_S + 180), 11, DAYS({ 1, 100 }, { 2, 600 }));
	assert_int_equal(energy(), 50000 + 500 + 900 + 3000 + 700);
	assert_int_equal(today(at(11, 2, NOON_S + 180)), 600);
	assert_false(energy_wants_days(&meter));
}

static void answer_for_a_month_that_ended_meanwhile_is_harmless(void **state)
{
	const struct plug_period november = { 2026, 11 };
	const struct plug_statistics days = list(11, DAYS({ 30, 400 }));
	const struct energy_moment now = at(12, 1, 0);

	(void)state;
	take(at(11, 30, DAY_S - POLL_S), 5000);
	(void)energy_take_days(&meter, &november, &days, &now, &counters);
	take(at(12, 1, POLL_S), 5001);
	answer(at(12, 1, POLL_S), 12, DAYS({ 1, 1 }));
	assert_int_equal(energy(), 5001);
	assert_int_equal(today(at(12, 1, POLL_S)), 0);
}

/* Bulbs of the first generation. */
static void device_without_a_total_has_only_today(void **state)
{
	int64_t energy_wh = 0;

	(void)state;
	assert_true(energy_wants_days(&meter));
	answer(at(11, 20, NOON_S), 11, DAYS({ 20, 300 }));
	assert_int_equal(today(at(11, 20, NOON_S)), 300);
	assert_false(energy_meter_energy(&meter, &energy_wh));
	assert_int_equal(today(at(11, 21, 0)), -1);
	answer(at(11, 21, 60), 11, DAYS({ 20, 900 }));
	assert_int_equal(today(at(11, 21, 60)), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(open_day_is_taken_from_the_statistics),
		TEST(open_day_without_an_entry_is_nothing_yet),
		TEST(open_day_that_no_outlet_can_have_counts_from_the_first_reading),
		TEST(open_day_counts_from_the_first_reading_when_there_are_no_statistics),
		TEST(midnight_that_nobody_saw_is_asked_for),
		TEST(reset_in_a_gap_is_filled),
		TEST(reset_in_a_gap_over_midnight_is_filled_and_today_is_the_devices),
		TEST(reset_in_a_gap_that_left_no_trace_is_filled),
		TEST(gap_without_a_fall_is_told_by_the_total_alone),
		TEST(gap_without_a_fall_is_filled_when_the_statistics_never_lagged),
		TEST(gap_is_not_filled_with_the_lag_of_the_statistics),
		TEST(gap_is_not_filled_with_what_no_outlet_counts),
		TEST(gap_is_not_filled_when_the_statistics_were_erased_too),
		TEST(day_that_cannot_be_true_fills_nothing),
		TEST(statistics_are_compared_anew_after_a_reset),
		TEST(statistics_are_not_taken_while_a_reading_is_in_doubt),
		TEST(gap_that_is_filled_a_day_later_adds_nothing_to_today),
		TEST(gap_waits_for_statistics_that_cannot_be_had_now),
		TEST(gap_over_months_is_asked_for_month_by_month),
		TEST(answer_for_a_month_that_ended_meanwhile_is_harmless),
		TEST(device_without_a_total_has_only_today),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

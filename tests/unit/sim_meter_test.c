#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/device/calendar.h"
#include "tests/sim/device/meter.h"

enum { POWER_MW = 100000, HOUR_MS = 3600000 };

/* A day in the middle of nowhere; the meter starts at its noon, device time being UTC. */
enum { TODAY = 20000 };
static const int64_t NOON_MS = (int64_t)TODAY * SIM_DAY_MS + 12 * (int64_t)HOUR_MS;

static struct sim_meter started(void)
{
	struct sim_meter meter;

	sim_meter_init(&meter, 7, POWER_MW);
	sim_meter_start(&meter, NOON_MS, TODAY);
	return meter;
}

static struct sim_meter erased(void)
{
	struct sim_meter meter = started();

	sim_meter_erase(&meter);
	return meter;
}

static void meter_adds_up_power_over_time(void **state)
{
	struct sim_meter meter = erased();

	(void)state;
	sim_meter_run(&meter, NOON_MS + HOUR_MS, POWER_MW, 0);
	assert_int_equal(sim_meter_total_wh(&meter), 100);
	sim_meter_run(&meter, NOON_MS + 2 * (int64_t)HOUR_MS, 0, 0);
	sim_meter_run(&meter, NOON_MS + 3 * (int64_t)HOUR_MS, POWER_MW / 2, 0);
	assert_int_equal(sim_meter_total_wh(&meter), 150);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY), 150);
	sim_meter_clear(&meter);
}

static void meter_does_not_lose_small_steps(void **state)
{
	struct sim_meter meter = erased();

	(void)state;
	for (int64_t ms = 1; ms <= HOUR_MS; ms++) {
		sim_meter_run(&meter, NOON_MS + ms, 1000, 0);
	}
	assert_int_equal(sim_meter_total_wh(&meter), 1);
	sim_meter_clear(&meter);
}

static void meter_ignores_time_that_goes_back(void **state)
{
	struct sim_meter meter = erased();

	(void)state;
	sim_meter_run(&meter, NOON_MS + HOUR_MS, POWER_MW, 0);
	sim_meter_run(&meter, NOON_MS, POWER_MW, 0);
	sim_meter_run(&meter, NOON_MS + HOUR_MS, POWER_MW, 0);
	assert_int_equal(sim_meter_total_wh(&meter), 100);
	sim_meter_clear(&meter);
}

static void meter_splits_at_midnight(void **state)
{
	struct sim_meter meter = erased();

	(void)state;
	sim_meter_run(&meter, NOON_MS + 50 * (int64_t)HOUR_MS, POWER_MW, 0);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY), 1200);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY + 1), 2400);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY + 2), 1400);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY + 3), -1);
	assert_int_equal(sim_meter_total_wh(&meter), 5000);
	sim_meter_clear(&meter);
}

static void meter_splits_at_the_midnight_of_the_device(void **state)
{
	struct sim_meter meter = erased();

	(void)state;
	sim_meter_run(&meter, NOON_MS + 12 * (int64_t)HOUR_MS, POWER_MW, 2 * (int64_t)HOUR_MS);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY), 1000);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY + 1), 200);
	sim_meter_clear(&meter);
}

static void meter_has_a_past_that_adds_up_to_its_total(void **state)
{
	struct sim_meter meter = started();
	int64_t sum_wh = 0;

	(void)state;
	for (int32_t day = TODAY - SIM_METER_PAST_DAYS; day <= TODAY; day++) {
		const int64_t day_wh = sim_meter_day_wh(&meter, day);

		assert_in_range(day_wh, day == TODAY ? 0 : 400, 1000);
		sum_wh += day_wh;
	}
	assert_int_equal(sim_meter_day_wh(&meter, TODAY - SIM_METER_PAST_DAYS - 1), -1);
	assert_int_equal(sim_meter_total_wh(&meter), sum_wh);
	sim_meter_clear(&meter);
}

static void meter_keeps_its_past_over_midnight(void **state)
{
	struct sim_meter meter = started();
	const int64_t yesterday_wh = sim_meter_day_wh(&meter, TODAY - 1);

	(void)state;
	sim_meter_run(&meter, NOON_MS + SIM_DAY_MS, 0, 0);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY - 1), yesterday_wh);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY), 0);
	sim_meter_clear(&meter);
}

static void meter_forgets_days_beyond_two_months(void **state)
{
	struct sim_meter meter = erased();

	(void)state;
	sim_meter_run(&meter, NOON_MS + 100 * (int64_t)SIM_DAY_MS, POWER_MW, 0);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY), -1);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY + 100 - SIM_METER_HISTORY_DAYS - 1), -1);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY + 100 - SIM_METER_HISTORY_DAYS), 2400);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY + 99), 2400);
	sim_meter_clear(&meter);
}

static void meter_goes_on_where_it_was_when_a_day_comes_back(void **state)
{
	struct sim_meter meter = erased();

	(void)state;
	sim_meter_run(&meter, NOON_MS + HOUR_MS, POWER_MW, 0);
	sim_meter_set_today(&meter, 10957);
	assert_int_equal(sim_meter_day_wh(&meter, 10957), 0);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY), 100);
	sim_meter_set_today(&meter, TODAY);
	sim_meter_run(&meter, NOON_MS + 2 * (int64_t)HOUR_MS, POWER_MW, 0);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY), 200);
	assert_int_equal(sim_meter_total_wh(&meter), 200);
	sim_meter_clear(&meter);
}

static void meter_erases_total_and_days(void **state)
{
	struct sim_meter meter = started();

	(void)state;
	sim_meter_run(&meter, NOON_MS + SIM_DAY_MS, POWER_MW, 0);
	sim_meter_erase(&meter);
	assert_int_equal(sim_meter_total_wh(&meter), 0);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY), -1);
	assert_int_equal(sim_meter_day_wh(&meter, TODAY + 1), 0);
	sim_meter_clear(&meter);
}

static void meter_takes_a_total(void **state)
{
	struct sim_meter meter = started();

	(void)state;
	sim_meter_set_total_wh(&meter, 2000000000);
	sim_meter_run(&meter, NOON_MS + HOUR_MS, POWER_MW, 0);
	assert_int_equal(sim_meter_total_wh(&meter), 2000000100);
	sim_meter_clear(&meter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meter_adds_up_power_over_time),
		cmocka_unit_test(meter_does_not_lose_small_steps),
		cmocka_unit_test(meter_ignores_time_that_goes_back),
		cmocka_unit_test(meter_splits_at_midnight),
		cmocka_unit_test(meter_splits_at_the_midnight_of_the_device),
		cmocka_unit_test(meter_has_a_past_that_adds_up_to_its_total),
		cmocka_unit_test(meter_keeps_its_past_over_midnight),
		cmocka_unit_test(meter_forgets_days_beyond_two_months),
		cmocka_unit_test(meter_goes_on_where_it_was_when_a_day_comes_back),
		cmocka_unit_test(meter_erases_total_and_days),
		cmocka_unit_test(meter_takes_a_total),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

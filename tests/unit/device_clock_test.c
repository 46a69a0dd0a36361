/* The device's clock is compared and set when it should be, and only then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/tasks/common.h"
#include "tests/unit/device_rig.h"

enum { ZONE = 41, OTHER_ZONE = 6 };

static void start_with_rule(void)
{
	host.clock = (struct clock_rule) { .is_on = true, .zone = ZONE };
	model.feature = "TIM";
	model.zone = ZONE;
	start(RIG_MAC, NULL, 0);
}

static size_t writes(void)
{
	return count_requests("set_time");
}

static void wait_compared(uint64_t count)
{
	WAIT_FOR(host.counters.clocks_compared >= count);
	wait_reads(3);
}

static void a_wrong_clock_is_set_and_read_back(void **state)
{
	(void)state;
	start_with_rule();
	wait_compared(2);
	assert_int_equal(writes(), 1);
	assert_int_equal(count_requests("set_timezone\":{\"index\":41,"), 1);
	assert_int_equal(host.counters.clocks_set, 1);
	assert_int_equal(host.counters.clocks_compared, 2);
	assert_false(task_has_wrong_clock(device));
}

static void another_zone_is_wrong_though_the_time_is_right(void **state)
{
	(void)state;
	model.is_right = true;
	start_with_rule();
	model.zone = OTHER_ZONE;
	wait_compared(2);
	assert_int_equal(writes(), 1);
	assert_int_equal(model.zone, ZONE);
}

static void a_right_clock_is_compared_once_a_day(void **state)
{
	(void)state;
	model.is_right = true;
	start_with_rule();
	wait_compared(1);
	wait_reads(10);
	assert_int_equal(host.counters.clocks_compared, 1);
	assert_int_equal(writes(), 0);
}

static void nothing_is_asked_while_the_rule_is_off(void **state)
{
	(void)state;
	start_with_rule();
	host.clock.is_on = false;
	wait_reads(10);
	assert_int_equal(count_requests("time"), 0);
	host.clock.is_on = true;
	wait_compared(2);
	assert_int_equal(host.counters.clocks_set, 1);
}

/* Summer time began or ended while the device had no rule for it. */
static void a_change_of_local_time_is_looked_after_within_minutes(void **state)
{
	(void)state;
	model.is_right = true;
	start_with_rule();
	wait_compared(1);
	model.is_right = false;
	wait_reads(5);
	assert_int_equal(writes(), 0);
	host.clock.since_ms = uv_now(&loop);
	wait_compared(3);
	assert_int_equal(writes(), 1);
	assert_true(model.is_right);
	wait_reads(5);
	assert_int_equal(host.counters.clocks_compared, 3);
}

static void who_refuses_zones_gets_the_time_alone(void **state)
{
	(void)state;
	model.zone_error = -3;
	start_with_rule();
	model.zone = OTHER_ZONE;
	wait_compared(2);
	assert_int_equal(count_requests("set_timezone"), 1);
	assert_int_equal(count_requests("set_time\":"), 1);
	assert_int_equal(host.counters.clocks_set, 1);
	assert_false(task_has_wrong_clock(device));
}

static void who_refuses_zones_and_is_right_is_left_alone(void **state)
{
	(void)state;
	model.is_right = true;
	model.zone_error = -3;
	start_with_rule();
	model.zone = OTHER_ZONE;
	wait_compared(1);
	wait_reads(5);
	assert_int_equal(count_requests("set_timezone"), 1);
	assert_int_equal(count_requests("set_time\":"), 0);
	assert_false(task_has_wrong_clock(device));
}

static void who_refuses_all_is_wrong_and_left_in_peace(void **state)
{
	(void)state;
	model.zone_error = -3;
	model.time_error = -3;
	start_with_rule();
	WAIT_FOR(device->clock && task_has_wrong_clock(device));
	wait_reads(5);
	assert_int_equal(writes(), 2);
	assert_int_equal(host.counters.clocks_set, 0);
	assert_true(device->box.is_online);
}

static void a_stranger_gets_no_clock(void **state)
{
	(void)state;
	start_with_rule();
	wait_compared(2);
	model.is_right = false;
	model.mac = OTHER_MAC;
	WAIT_FOR(book.strangers == 1);
	host.clock.since_ms = uv_now(&loop);
	WAIT_FOR(host.counters.misses >= 3);
	assert_int_equal(writes(), 1);
}

int main(void)
{
#define RIG_TEST(test) cmocka_unit_test_setup_teardown(test, device_rig_setup, device_rig_teardown)
	const struct CMUnitTest tests[] = {
		RIG_TEST(a_wrong_clock_is_set_and_read_back),
		RIG_TEST(another_zone_is_wrong_though_the_time_is_right),
		RIG_TEST(a_right_clock_is_compared_once_a_day),
		RIG_TEST(nothing_is_asked_while_the_rule_is_off),
		RIG_TEST(a_change_of_local_time_is_looked_after_within_minutes),
		RIG_TEST(who_refuses_zones_gets_the_time_alone),
		RIG_TEST(who_refuses_zones_and_is_right_is_left_alone),
		RIG_TEST(who_refuses_all_is_wrong_and_left_in_peace),
		RIG_TEST(a_stranger_gets_no_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

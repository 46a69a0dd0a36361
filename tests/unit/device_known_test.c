/* What a device that replaces this one would need: read once, when nothing else is to be done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/device_rig.h"

enum { PACE_MS = 1000 };

static void a_device_that_has_come_is_read_whole_once(void **state)
{
	(void)state;
	model.feature = "TIM";
	start(RIG_MAC, NULL, 0);
	wait_reads(2);
	assert_int_equal(count_requests("get_rules"), 0);
	WAIT_FOR(book.snapshots > 0);
	assert_int_equal(count_requests("get_rules"), 3);
	assert_int_equal(count_requests("get_timezone"), 1);
	/* Longer than it takes until the next device may be read. */
	wait_reads(2 * PACE_MS / POLL_MS);
	assert_int_equal(count_requests("get_rules"), 3);
	assert_int_equal(book.snapshots, 1);
}

static void each_outlet_is_read(void **state)
{
	(void)state;
	model.feature = "TIM";
	model.children = 3;
	start(RIG_MAC, NULL, 3);
	WAIT_FOR(book.snapshots > 0);
	assert_int_equal(count_requests("get_rules"), 9);
}

static void a_device_that_keeps_no_rules_is_asked_for_none(void **state)
{
	(void)state;
	model.feature = "";
	start(RIG_MAC, NULL, 0);
	WAIT_FOR(book.snapshots > 0);
	assert_int_equal(count_requests("get_rules"), 0);
}

static void a_busy_device_is_asked_again(void **state)
{
	(void)state;
	model.feature = "TIM";
	model.rules_failed = 1;
	start(RIG_MAC, NULL, 0);
	WAIT_FOR(book.snapshots > 0);
	assert_int_equal(count_requests("get_rules"), 4);
	assert_int_equal(host.counters.misses, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_device_that_has_come_is_read_whole_once,
			device_rig_setup, device_rig_teardown),
		cmocka_unit_test_setup_teardown(
			each_outlet_is_read, device_rig_setup, device_rig_teardown),
		cmocka_unit_test_setup_teardown(a_device_that_keeps_no_rules_is_asked_for_none,
			device_rig_setup, device_rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_busy_device_is_asked_again, device_rig_setup, device_rig_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

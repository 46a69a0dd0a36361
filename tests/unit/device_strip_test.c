/* A device with several outlets: each is switched and measured on its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/device_rig.h"

enum { OUTLETS = 3 };

/* Three of the six outlets of an HS300 are named in the configuration. */
static int setup(void **state)
{
	const int failed = device_rig_setup(state);

	model.name = "HS300(US)";
	model.children = 6;
	return failed;
}

static void wait_energy(void)
{
	WAIT_FOR(device->outlets[0].now.has_power && device->outlets[1].now.has_power &&
		 device->outlets[2].now.has_power);
}

static void strip_shows_each_outlet_with_its_own_state(void **state)
{
	(void)state;
	model.is_on[1] = true;
	model.is_on[5] = true;
	start(RIG_MAC, NULL, OUTLETS);
	wait_reads(1);
	assert_false(device->outlets[0].is_on);
	assert_true(device->outlets[1].is_on);
	assert_false(device->outlets[2].is_on);
	assert_string_equal(device->outlets[1].child_id, "CHILD01");
	assert_string_equal(device->outlets[2].alias, "CHILD02");
	assert_int_equal(book.changes, 1);
}

static void strip_is_asked_for_the_energy_of_each_outlet_alone(void **state)
{
	(void)state;
	start(RIG_MAC, NULL, OUTLETS);
	wait_energy();
	for (int i = 0; i < OUTLETS; i++) {
		assert_int_equal(device->outlets[i].now.power_mw, 1000 * (i + 1));
	}
	assert_int_equal(count_requests("get_realtime"), OUTLETS);
	assert_int_equal(
		count_requests("\"child_ids\":[\"CHILD02\"]},\"emeter\":{\"get_realtime\""), 1);
	for (size_t i = 0; i < model.request_count; i++) {
		assert_false(strstr(model.requests[i], "get_sysinfo") &&
			     strstr(model.requests[i], "emeter"));
	}
}

static void strip_is_asked_for_the_energy_of_today_of_each_outlet(void **state)
{
	(void)state;
	model.is_right = true;
	start(RIG_MAC, NULL, OUTLETS);
	WAIT_FOR(device->outlets[OUTLETS - 1].now.has_energy_today);
	assert_int_equal(count_requests("get_daystat"), OUTLETS);
	assert_int_equal(count_requests("get_time"), 1);
	assert_int_equal(device->outlets[OUTLETS - 1].now.energy_today_wh, RIG_TODAY_WH);
}

/* Powers are 1 to 6 W. */
static void strip_is_summed_up_as_a_whole(void **state)
{
	const struct outlet_readings *sum = NULL;

	(void)state;
	start(RIG_MAC, NULL, OUTLETS);
	WAIT_FOR(device->whole->now.has_energy);
	sum = &device->whole->now;
	assert_string_equal(device->whole->name, "kettle");
	assert_int_equal(sum->power_mw, 1000 * OUTLETS * (OUTLETS + 1) / 2);
	assert_int_equal(sum->energy_wh, 5000 * OUTLETS);
	assert_int_equal(sum->current_ma, 100 * OUTLETS);
	assert_int_equal(sum->voltage_mv, 230000);
	assert_int_equal(sum->apparent_power_mva, 23000 * OUTLETS);
	model.has_broken_meter = true;
	order(0, ORDER_ON, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	/* A sum with one missing is none; counters stand where they stood. */
	WAIT_FOR(!device->whole->now.has_power);
	assert_int_equal(device->whole->now.energy_wh, 5000 * OUTLETS);
}

static void order_moves_one_outlet_only(void **state)
{
	(void)state;
	start(RIG_MAC, NULL, OUTLETS);
	wait_energy();
	order(2, ORDER_ON, NULL, TTL_MS);
	assert_ptr_equal(expect_result(ORDER_STATUS_OK, NULL)->outlet, &device->outlets[2]);
	for (size_t i = 0; i < model.children; i++) {
		assert_int_equal(model.is_on[i], i == 2);
	}
	assert_int_equal(count_requests("{\"context\":{\"child_ids\":[\"CHILD02\"]},"
					"\"system\":{\"set_relay_state\":{\"state\":1}}}"),
		1);
	assert_int_equal(count_requests("set_relay_state"), 1);
	/* Its reading follows at once, not with the next sweep. */
	WAIT_FOR(count_requests("get_realtime") == OUTLETS + 1);
	assert_int_equal(
		count_requests("\"child_ids\":[\"CHILD02\"]},\"emeter\":{\"get_realtime\""), 2);
}

static void orders_of_all_outlets_are_carried_out(void **state)
{
	(void)state;
	start(RIG_MAC, NULL, OUTLETS);
	wait_energy();
	for (size_t i = 0; i < OUTLETS; i++) {
		order(i, ORDER_ON, NULL, TTL_MS);
	}
	for (size_t i = 0; i < OUTLETS; i++) {
		(void)expect_result(ORDER_STATUS_OK, NULL);
	}
	for (size_t i = 0; i < model.children; i++) {
		assert_int_equal(model.is_on[i], i < OUTLETS);
	}
	assert_int_equal(count_requests("set_relay_state"), OUTLETS);
}

/* One outlet whose relay sticks does not keep the others from their turn. */
static void outlet_that_does_not_move_does_not_hold_up_the_others(void **state)
{
	(void)state;
	start(RIG_MAC, NULL, OUTLETS);
	wait_energy();
	model.switches_failed = 1;
	model.err_code = -3;
	order(0, ORDER_ON, NULL, TTL_MS);
	order(1, ORDER_ON, NULL, TTL_MS);
	assert_ptr_equal(expect_result(ORDER_STATUS_FAILED, "-3")->outlet, &device->outlets[0]);
	assert_ptr_equal(expect_result(ORDER_STATUS_OK, NULL)->outlet, &device->outlets[1]);
	assert_true(model.is_on[1]);
}

static void toggles_of_two_outlets_do_not_touch_each_other(void **state)
{
	(void)state;
	model.is_on[1] = true;
	start(RIG_MAC, NULL, OUTLETS);
	wait_energy();
	order(0, ORDER_TOGGLE, NULL, TTL_MS);
	order(1, ORDER_TOGGLE, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_true(model.is_on[0]);
	assert_false(model.is_on[1]);
}

static void failing_energy_of_a_strip_does_not_make_it_offline(void **state)
{
	(void)state;
	model.has_broken_meter = true;
	start(RIG_MAC, NULL, OUTLETS);
	WAIT_FOR(host.counters.energy_errors >= OUTLETS);
	wait_reads(2);
	assert_true(device->box.is_online);
	assert_int_equal(host.counters.misses, 0);
}

/* What an outlet drew before the strip was cut off says nothing about now. */
static void strip_that_comes_back_has_no_old_readings(void **state)
{
	(void)state;
	start(RIG_MAC, NULL, OUTLETS);
	wait_energy();
	fake_plug_power(&plug, false);
	WAIT_FOR(!device->box.is_online);
	device->next_sweep_ms = UINT64_MAX;
	fake_plug_power(&plug, true);
	WAIT_FOR(device->box.is_online);
	assert_int_equal(book.powers, 0);
	assert_true(outlet_current_readings(&device->outlets[1]).has_energy);
	/* The next sweep is far away, but what is missing is asked for at once. */
	wait_energy();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, device_rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(strip_shows_each_outlet_with_its_own_state),
		TEST(strip_is_asked_for_the_energy_of_each_outlet_alone),
		TEST(strip_is_asked_for_the_energy_of_today_of_each_outlet),
		TEST(strip_is_summed_up_as_a_whole),
		TEST(order_moves_one_outlet_only),
		TEST(orders_of_all_outlets_are_carried_out),
		TEST(outlet_that_does_not_move_does_not_hold_up_the_others),
		TEST(toggles_of_two_outlets_do_not_touch_each_other),
		TEST(failing_energy_of_a_strip_does_not_make_it_offline),
		TEST(strip_that_comes_back_has_no_old_readings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

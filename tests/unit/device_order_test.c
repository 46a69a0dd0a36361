/* The life of an order on the wire: sent, confirmed, repeated, given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/device_rig.h"

#define SWITCH "set_relay_state"

/* Polls must not come between: the next one is far away. */
static void start_quiet(void)
{
	start_known(0);
	device->poll_ms = 1000000;
	device->next_poll_ms = UINT64_MAX / 2;
	WAIT_FOR(plug_line_is_idle(&device->line) && !device->wants_read);
	book.leaves[0] = LEAVES_NONE;
	book.states = 0;
}

/* The index of the last request that has part in it; fails when there is none. */
static size_t last_request(const char *part)
{
	size_t i = model.request_count;

	while (i > 0 && !strstr(model.requests[i - 1], part)) {
		i--;
	}
	assert_true(i > 0);
	return i - 1;
}

static void order_is_sent_and_confirmed_by_a_read(void **state)
{
	const struct rig_result *result = NULL;
	size_t sent = 0;

	(void)state;
	start_quiet();
	order(0, ORDER_ON, "7", TTL_MS);
	result = expect_result(ORDER_STATUS_OK, NULL);
	assert_int_equal(result->kind, ORDER_ON);
	assert_string_equal(result->id, "7");
	assert_true(model.is_on[0] && device->outlets[0].is_on);
	/* The state was told before the result, as the device acknowledged it. */
	assert_true(result->states > 0);
	sent = last_request(SWITCH);
	assert_string_equal(
		model.requests[sent], "{\"system\":{\"set_relay_state\":{\"state\":1}}}");
	assert_int_equal(sent + 2, model.request_count);
	assert_non_null(strstr(model.requests[sent + 1], "get_sysinfo"));
	/* Readings at once after a switch. */
	assert_non_null(strstr(model.requests[sent + 1], "get_realtime"));
	assert_int_equal(host.counters.switches, 1);
}

/* Puts an order for a brightness into the book, past the door: the rig's asks for none. */
static void order_brightness(uint8_t percent)
{
	struct order *wanted = NULL;

	order(0, ORDER_ON, NULL, TTL_MS);
	wanted = device->outlets[0].orders.running ? device->outlets[0].orders.running
						   : device->outlets[0].orders.pending;
	wanted->brightness = percent;
}

static void brightness_is_sent_with_the_relay_and_confirmed_by_a_read(void **state)
{
	(void)state;
	model.brightness = 80;
	start_quiet();
	assert_int_equal(device->outlets[0].brightness, 80);
	device->switch_at_ms = UINT64_MAX / 2;
	order_brightness(40);
	device->switch_at_ms = 0;
	device_kick(device);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_string_equal(model.requests[last_request(SWITCH)],
		"{\"smartlife.iot.dimmer\":{\"set_brightness\":{\"brightness\":40}},"
		"\"system\":{\"set_relay_state\":{\"state\":1}}}");
	assert_int_equal(device->outlets[0].brightness, 40);
	assert_true(book.leaves[0] & 1U << LEAF_BRIGHTNESS);
}

static void brightness_that_does_not_change_has_failed(void **state)
{
	(void)state;
	model.brightness = 80;
	model.is_stiff = true;
	start_quiet();
	device->switch_at_ms = UINT64_MAX / 2;
	order_brightness(40);
	device->switch_at_ms = 0;
	device_kick(device);
	(void)expect_result(ORDER_STATUS_FAILED, "brightness did not change");
	assert_int_equal(count_requests(SWITCH), 3);
	assert_true(model.is_on[0]);
}

static void brightness_for_a_plug_is_refused_without_a_word_to_it(void **state)
{
	(void)state;
	start_quiet();
	device->switch_at_ms = UINT64_MAX / 2;
	order_brightness(40);
	device->switch_at_ms = 0;
	device_kick(device);
	(void)expect_result(ORDER_STATUS_REFUSED, "cannot be dimmed");
	assert_int_equal(count_requests(SWITCH), 0);
	assert_int_equal(host.counters.misses, 0);
}

static void order_for_the_state_that_is_goes_to_the_device_all_the_same(void **state)
{
	(void)state;
	start_quiet();
	order(0, ORDER_OFF, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_int_equal(count_requests(SWITCH), 1);
	assert_true(book.leaves[0] & 1U << LEAF_STATE);
}

static void order_works_with_a_plug_that_closes_after_each_answer(void **state)
{
	(void)state;
	model.closes = true;
	start_quiet();
	order(0, ORDER_ON, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	order(0, ORDER_OFF, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_false(model.is_on[0]);
	assert_int_equal(host.counters.misses, 0);
	assert_int_equal(count_requests(SWITCH), 2);
}

static void order_goes_out_as_soon_as_the_exchange_under_way_ends(void **state)
{
	size_t held = 0;

	(void)state;
	start_quiet();
	model.holds = true;
	device->wants_read = true;
	device->wants_date = true;
	held = model.request_count;
	device_kick(device);
	WAIT_FOR(model.request_count == held + 1);
	order(0, ORDER_ON, NULL, TTL_MS);
	assert_int_equal(model.request_count, held + 1);
	release();
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_non_null(strstr(model.requests[held + 1], SWITCH));
	WAIT_FOR(count_requests("get_time") == 2);
	assert_true(last_request("get_time") > held + 1);
}

static void order_before_first_contact_waits_for_the_identity(void **state)
{
	(void)state;
	/* That the relay shows the wanted state already is no answer to the order. */
	model.is_on[0] = true;
	start(RIG_MAC, NULL, 0);
	order(0, ORDER_ON, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_string_equal(model.requests[0], SYSINFO_ALONE);
	assert_non_null(strstr(model.requests[1], SWITCH));
}

static void order_for_a_plug_that_is_off_is_carried_out_when_it_comes(void **state)
{
	(void)state;
	fake_plug_power(&plug, false);
	start(RIG_MAC, NULL, 0);
	order(0, ORDER_ON, NULL, TTL_MS);
	WAIT_FOR(host.counters.misses >= 1);
	fake_plug_power(&plug, true);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_true(model.is_on[0]);
}

static void order_that_expired_is_never_sent_later(void **state)
{
	size_t before = 0;

	(void)state;
	start_quiet();
	plug_line_disconnect(&device->line);
	fake_plug_power(&plug, false);
	order(0, ORDER_ON, NULL, 400);
	(void)expect_result(ORDER_STATUS_EXPIRED, "");
	before = model.request_count;
	fake_plug_power(&plug, true);
	wait_reads(1);
	order(0, ORDER_READ, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_true(model.request_count > before);
	assert_int_equal(count_requests(SWITCH), 0);
	assert_false(model.is_on[0]);
}

/* ---- relays that do not move ---- */

static void relay_that_does_not_move_fails_after_three_reads(void **state)
{
	(void)state;
	start_quiet();
	model.switches_stuck = 1000;
	order(0, ORDER_ON, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_FAILED, "relay did not move");
	assert_int_equal(count_requests(SWITCH), 3);
	assert_false(device->outlets[0].is_on);
	assert_true(device->box.is_online);
	assert_null(device->outlets[0].orders.pending);
	assert_null(device->outlets[0].orders.running);
}

static void relay_that_moves_at_the_third_time_is_fine(void **state)
{
	(void)state;
	start_quiet();
	model.switches_stuck = 2;
	order(0, ORDER_ON, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_int_equal(count_requests(SWITCH), 3);
	assert_true(device->outlets[0].is_on);
}

/* ---- refusals ---- */

static void busy_device_is_asked_again(void **state)
{
	const uint64_t start_ms = now_ms();

	(void)state;
	start_quiet();
	model.switches_failed = 2;
	model.err_code = -32;
	order(0, ORDER_ON, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_int_equal(count_requests(SWITCH), 3);
	assert_true(now_ms() - start_ms >= 1500);
	assert_int_equal(host.counters.misses, 0);
}

static void busy_device_does_not_outlive_the_order(void **state)
{
	(void)state;
	start_quiet();
	model.switches_failed = 1000;
	model.err_code = -32;
	order(0, ORDER_ON, NULL, 1500);
	(void)expect_result(ORDER_STATUS_EXPIRED, "");
	assert_in_range(count_requests(SWITCH), 1, 3);
}

static void refusal_of_the_device_ends_the_order(void **state)
{
	static const int err_codes[] = { -3, -1, -7, -4321 };

	(void)state;
	start_quiet();
	for (size_t i = 0; i < sizeof err_codes / sizeof err_codes[0]; i++) {
		model.switches_failed = 1;
		model.err_code = err_codes[i];
		order(0, ORDER_ON, NULL, TTL_MS);
		(void)expect_result(ORDER_STATUS_FAILED, "device answered -");
	}
	assert_int_equal(count_requests(SWITCH), sizeof err_codes / sizeof err_codes[0]);
	assert_true(device->box.is_online);
	assert_false(device->outlets[0].is_on);
}

/* ---- unknown outcomes ---- */

static void lost_answer_is_read_back_and_not_repeated_when_the_relay_moved(void **state)
{
	(void)state;
	start_quiet();
	model.switches_hung = 1;
	model.moves_hung = true;
	order(0, ORDER_ON, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_int_equal(count_requests(SWITCH), 1);
	assert_true(device->outlets[0].is_on);
}

static void lost_request_is_repeated_after_a_read(void **state)
{
	size_t first = 0;

	(void)state;
	start_quiet();
	model.switches_hung = 1;
	order(0, ORDER_ON, NULL, TTL_MS);
	WAIT_FOR(count_requests(SWITCH) == 1);
	first = last_request(SWITCH);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_int_equal(count_requests(SWITCH), 2);
	assert_true(model.is_on[0]);
	assert_non_null(strstr(model.requests[first + 1], "get_sysinfo"));
}

static void order_that_was_sent_says_so_when_it_expires(void **state)
{
	const uint64_t start_ms = now_ms();

	(void)state;
	start_quiet();
	host.timeout_ms = PATIENCE_MS;
	model.switches_hung = 1;
	model.hangs_after_switch = true;
	order(0, ORDER_ON, NULL, 400);
	(void)expect_result(ORDER_STATUS_EXPIRED, "the relay may have moved");
	/* The exchange did not outlive the order. */
	assert_true(now_ms() - start_ms < PATIENCE_MS);
}

static void order_that_was_acknowledged_but_never_confirmed_fails(void **state)
{
	(void)state;
	start_quiet();
	model.hangs_after_switch = true;
	order(0, ORDER_ON, NULL, 1000);
	(void)expect_result(ORDER_STATUS_FAILED, "did not confirm it in time");
	assert_int_equal(count_requests(SWITCH), 1);
	/* What the device acknowledged was told at once. */
	assert_true(book.leaves[0] & 1U << LEAF_STATE);
	assert_true(device->outlets[0].is_on);
}

static void kept_connection_that_died_unnoticed_costs_an_order_nothing(void **state)
{
	(void)state;
	start_quiet();
	fake_reset(plug.connections);
	order(0, ORDER_ON, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	fake_close(plug.connections);
	order(0, ORDER_OFF, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_int_equal(host.counters.misses, 0);
	assert_int_equal(book.changes, 1);
}

/* ---- several orders ---- */

static void newer_order_takes_the_place_of_one_that_failed(void **state)
{
	(void)state;
	start_quiet();
	model.switches_hung = 1;
	order(0, ORDER_ON, "1", TTL_MS);
	WAIT_FOR(count_requests(SWITCH) == 1);
	order(0, ORDER_OFF, "2", TTL_MS);
	assert_string_equal(expect_result(ORDER_STATUS_SUPERSEDED, "")->id, "1");
	assert_string_equal(expect_result(ORDER_STATUS_OK, NULL)->id, "2");
	assert_false(model.is_on[0]);
	assert_int_equal(count_requests("\"state\":1"), 1);
}

static void burst_of_orders_ends_in_the_last(void **state)
{
	size_t superseded = 0;

	(void)state;
	start_quiet();
	for (int i = 0; i < 30; i++) {
		order(0, i % 2 ? ORDER_OFF : ORDER_ON, NULL, TTL_MS);
	}
	WAIT_FOR(book.result_count == 30);
	for (size_t i = 0; i < 30; i++) {
		superseded += book.results[i].status == ORDER_STATUS_SUPERSEDED;
	}
	assert_int_equal(book.results[29].status, ORDER_STATUS_OK);
	assert_int_equal(superseded, 28);
	assert_false(model.is_on[0]);
	assert_int_equal(count_requests(SWITCH), 2);
}

static void two_toggles_at_once_lead_back(void **state)
{
	(void)state;
	start_quiet();
	order(0, ORDER_TOGGLE, "1", TTL_MS);
	order(0, ORDER_TOGGLE, "2", TTL_MS);
	assert_string_equal(expect_result(ORDER_STATUS_OK, NULL)->id, "1");
	assert_string_equal(expect_result(ORDER_STATUS_OK, NULL)->id, "2");
	assert_int_equal(count_requests("\"state\":1"), 1);
	assert_int_equal(count_requests("\"state\":0"), 1);
	assert_false(model.is_on[0]);
}

/* ---- reads ---- */

static void read_is_answered_by_the_next_read_with_everything(void **state)
{
	size_t before = 0;

	(void)state;
	start_quiet();
	before = model.request_count;
	order(0, ORDER_READ, "7", TTL_MS);
	assert_string_equal(expect_result(ORDER_STATUS_OK, NULL)->id, "7");
	assert_int_equal(model.request_count, before + 1);
	assert_int_equal(book.leaves[0], LEAVES_ALL);
	assert_int_equal(count_requests(SWITCH), 0);
}

static void read_is_not_answered_by_what_was_asked_before_it(void **state)
{
	size_t before = 0;

	(void)state;
	start_quiet();
	model.holds = true;
	before = model.request_count;
	order(0, ORDER_READ, "1", TTL_MS);
	WAIT_FOR(model.request_count == before + 1);
	order(0, ORDER_READ, "2", TTL_MS);
	order(0, ORDER_READ, "3", TTL_MS);
	release();
	assert_string_equal(expect_result(ORDER_STATUS_OK, NULL)->id, "1");
	assert_string_equal(expect_result(ORDER_STATUS_OK, NULL)->id, "2");
	assert_string_equal(expect_result(ORDER_STATUS_OK, NULL)->id, "3");
	assert_int_equal(model.request_count, before + 2);
}

static void read_of_a_plug_that_hangs_expires(void **state)
{
	(void)state;
	start_quiet();
	model.hangs = true;
	order(0, ORDER_READ, NULL, 500);
	(void)expect_result(ORDER_STATUS_EXPIRED, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, device_rig_setup, device_rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(order_is_sent_and_confirmed_by_a_read),
		TEST(brightness_is_sent_with_the_relay_and_confirmed_by_a_read),
		TEST(brightness_that_does_not_change_has_failed),
		TEST(brightness_for_a_plug_is_refused_without_a_word_to_it),
		TEST(order_for_the_state_that_is_goes_to_the_device_all_the_same),
		TEST(order_works_with_a_plug_that_closes_after_each_answer),
		TEST(order_goes_out_as_soon_as_the_exchange_under_way_ends),
		TEST(order_before_first_contact_waits_for_the_identity),
		TEST(order_for_a_plug_that_is_off_is_carried_out_when_it_comes),
		TEST(order_that_expired_is_never_sent_later),
		TEST(relay_that_does_not_move_fails_after_three_reads),
		TEST(relay_that_moves_at_the_third_time_is_fine),
		TEST(busy_device_is_asked_again),
		TEST(busy_device_does_not_outlive_the_order),
		TEST(refusal_of_the_device_ends_the_order),
		TEST(lost_answer_is_read_back_and_not_repeated_when_the_relay_moved),
		TEST(lost_request_is_repeated_after_a_read),
		TEST(order_that_was_sent_says_so_when_it_expires),
		TEST(order_that_was_acknowledged_but_never_confirmed_fails),
		TEST(kept_connection_that_died_unnoticed_costs_an_order_nothing),
		TEST(newer_order_takes_the_place_of_one_that_failed),
		TEST(burst_of_orders_ends_in_the_last),
		TEST(two_toggles_at_once_lead_back),
		TEST(read_is_answered_by_the_next_read_with_everything),
		TEST(read_is_not_answered_by_what_was_asked_before_it),
		TEST(read_of_a_plug_that_hangs_expires),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

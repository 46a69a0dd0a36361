/* A device that is not where it was: it says so once, is moved with all that waits for it, and
 * trusts nobody on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/device_rig.h"

/* Nobody listens there. */
#define NOWHERE "127.9.9.9"

static void start_nowhere(void)
{
	memcpy(address, NOWHERE, sizeof NOWHERE);
	start(RIG_MAC, NULL, 0);
	WAIT_FOR(!device->box.is_online && book.changes > 0);
}

static void the_first_miss_is_told_and_the_return(void **state)
{
	(void)state;
	start_known(0);
	assert_int_equal(book.losses, 0);
	fake_plug_power(&plug, false);
	WAIT_FOR(book.losses == 1);
	assert_int_equal(device->misses, 1);
	assert_true(device->box.is_online);
	WAIT_FOR(!device->box.is_online);
	fake_plug_power(&plug, true);
	device_hurry(device);
	WAIT_FOR(book.returns == 1);
	wait_reads(2);
	assert_int_equal(book.losses, 1);
	assert_int_equal(book.returns, 1);
}

static void without_an_address_it_is_lost_from_the_start(void **state)
{
	(void)state;
	address[0] = '\0';
	start(RIG_MAC, NULL, 0);
	assert_int_equal(book.losses, 1);
	assert_string_equal(device->box.reason, "not found yet");
	device_move(device, "127.0.0.1");
	WAIT_FOR(device->box.is_online);
	assert_int_equal(book.returns, 1);
	assert_string_equal(device->address, "127.0.0.1");
}

static void an_order_survives_the_move_and_is_carried_out_once(void **state)
{
	(void)state;
	start_nowhere();
	order(0, ORDER_ON, NULL, TTL_MS);
	device_move(device, "127.0.0.1");
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_true(model.is_on[0]);
	assert_int_equal(count_requests("set_relay_state"), 1);
	/* Who is there was asked before anything else. */
	assert_string_equal(model.requests[0], SYSINFO_ALONE);
}

static void a_move_ends_what_is_under_way_without_a_miss(void **state)
{
	uint64_t misses = 0;

	(void)state;
	start_known(0);
	model.hangs = true;
	order(0, ORDER_ON, NULL, TTL_MS);
	WAIT_FOR(count_requests("set_relay_state") == 1);
	misses = host.counters.misses;
	model.hangs = false;
	device_move(device, "127.0.0.1");
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_int_equal(host.counters.misses, misses);
	assert_true(device->box.is_online);
	assert_int_equal(book.losses, 0);
}

static void a_stranger_at_the_new_address_gets_no_order(void **state)
{
	(void)state;
	start_nowhere();
	model.mac = OTHER_MAC;
	order(0, ORDER_ON, NULL, TTL_MS);
	device_move(device, "127.0.0.1");
	WAIT_FOR(book.strangers == 1);
	WAIT_FOR(host.counters.misses >= 4);
	assert_int_equal(book.strangers, 1);
	assert_int_equal(count_requests("set_relay_state"), 0);
	assert_int_equal(count_requests("get_realtime"), 0);
	model.mac = "50:C7:BF:00:00:03";
	WAIT_FOR(book.strangers == 2);
	model.mac = RIG_MAC;
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_int_equal(book.returns, 1);
}

static void home_again_it_is_found_nowhere_else(void **state)
{
	(void)state;
	start_known(0);
	device_move(device, NOWHERE);
	assert_string_equal(device->found, NOWHERE);
	assert_string_equal(device->address, NOWHERE);
	device_move(device, "127.0.0.1");
	assert_null(device->found);
	assert_string_equal(device->address, "127.0.0.1");
	wait_reads(2);
}

static void what_its_owner_can_do_is_the_reason(void **state)
{
	(void)state;
	start_nowhere();
	device_set_dialect(device, PLUG_DIALECT_KLAP);
	assert_non_null(strstr(device->box.reason, "Third-Party Compatibility"));
	device_hurry(device);
	WAIT_FOR(host.counters.misses >= 3);
	assert_non_null(strstr(device->box.reason, "Third-Party Compatibility"));
	device_move(device, "127.0.0.1");
	WAIT_FOR(device->box.is_online);
	assert_int_equal(device->dialect, PLUG_DIALECT_XOR);
}

static void a_mac_is_learned_once(void **state)
{
	const uint8_t mac[PLUG_MAC_BYTES] = { 0x50, 0xC7, 0xBF, 0, 0, 1 };
	const uint8_t other[PLUG_MAC_BYTES] = { 0x50, 0xC7, 0xBF, 0, 0, 2 };

	(void)state;
	address[0] = '\0';
	start(NULL, NULL, 0);
	device_pin(device, mac);
	device_pin(device, other);
	assert_int_equal(book.pins, 1);
	assert_memory_equal(device->mac, mac, sizeof mac);
}

static void the_mac_of_another_device_is_not_learned(void **state)
{
	static char name[] = "owner";
	const uint8_t mac[PLUG_MAC_BYTES] = { 0x50, 0xC7, 0xBF, 0, 0, 1 };

	(void)state;
	owner.has_mac = true;
	owner.name = name;
	memcpy(owner.mac, mac, sizeof mac);
	start(NULL, NULL, 0);
	order(0, ORDER_ON, NULL, TTL_MS);
	WAIT_FOR(book.strangers == 1);
	WAIT_FOR(host.counters.misses >= 3);
	assert_string_equal(device->box.reason, "the device at 127.0.0.1 is owner");
	assert_false(device->box.is_online || device->has_mac);
	assert_int_equal(book.strangers, 1);
	assert_int_equal(book.pins, 0);
	assert_int_equal(count_requests("set_relay_state"), 0);
	/* It is free now. */
	owner.has_mac = false;
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_int_equal(book.pins, 1);
	assert_int_equal(book.returns, 1);
}

static void a_strip_named_as_a_plug_is_not_searched_for(void **state)
{
	(void)state;
	model.children = 3;
	start(RIG_MAC, NULL, 0);
	order(0, ORDER_ON, NULL, TTL_MS / 10);
	WAIT_FOR(host.counters.misses >= 2);
	assert_non_null(strstr(device->box.reason, "name them with outlets"));
	assert_false(device->box.is_online || device->is_lost);
	assert_int_equal(book.losses, 0);
	(void)expect_result(ORDER_STATUS_EXPIRED, "name them with outlets");
	assert_int_equal(count_requests("set_relay_state"), 0);
}

static void a_device_that_is_found_and_cannot_be_used_is_back(void **state)
{
	(void)state;
	start_nowhere();
	assert_int_equal(book.losses, 1);
	model.children = 3;
	device_move(device, "127.0.0.1");
	WAIT_FOR(book.returns == 1);
	WAIT_FOR(host.counters.misses >= 4);
	assert_int_equal(book.losses, 1);
	assert_false(device->box.is_online);
}

int main(void)
{
#define RIG_TEST(test) cmocka_unit_test_setup_teardown(test, device_rig_setup, device_rig_teardown)
	const struct CMUnitTest tests[] = {
		RIG_TEST(the_first_miss_is_told_and_the_return),
		RIG_TEST(without_an_address_it_is_lost_from_the_start),
		RIG_TEST(an_order_survives_the_move_and_is_carried_out_once),
		RIG_TEST(a_move_ends_what_is_under_way_without_a_miss),
		RIG_TEST(a_stranger_at_the_new_address_gets_no_order),
		RIG_TEST(home_again_it_is_found_nowhere_else),
		RIG_TEST(what_its_owner_can_do_is_the_reason),
		RIG_TEST(a_mac_is_learned_once),
		RIG_TEST(the_mac_of_another_device_is_not_learned),
		RIG_TEST(a_strip_named_as_a_plug_is_not_searched_for),
		RIG_TEST(a_device_that_is_found_and_cannot_be_used_is_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a device is asked, when it is online, and who it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/device_rig.h"

static struct outlet *only(void)
{
	return &device->outlets[0];
}

static void wait_offline(const char *reason)
{
	WAIT_FOR(
		!device->box.is_online && device->box.reason && strstr(device->box.reason, reason));
}

/* ---- polls ---- */

static void first_read_is_sysinfo_alone_then_with_energy(void **state)
{
	(void)state;
	model.is_on[0] = true;
	start(RIG_MAC, NULL, 0);
	assert_string_equal(device->box.reason, "not read yet");
	wait_reads(1);
	assert_true(device->box.is_online);
	assert_int_equal(book.changes, 1);
	assert_true(only()->has_state && only()->is_on);
	assert_string_equal(only()->alias, "Kettle");
	assert_string_equal(device->box.model, "HS110(EU)");
	assert_false(only()->now.has_power);
	wait_reads(1);
	assert_string_equal(model.requests[0], SYSINFO_ALONE);
	assert_non_null(strstr(model.requests[1], "get_sysinfo"));
	assert_non_null(strstr(model.requests[1], "\"emeter\":{\"get_realtime\""));
	assert_int_equal(only()->now.power_mw, 1000);
	assert_int_equal(only()->now.energy_wh, 5000);
	assert_int_equal(book.pins, 0);
}

static void device_without_a_meter_is_never_asked_for_energy(void **state)
{
	(void)state;
	model.feature = "TIM";
	start(RIG_MAC, NULL, 0);
	wait_reads(5);
	assert_int_equal(count_requests("emeter"), 0);
	assert_int_equal(count_requests("get_time"), 0);
	assert_int_equal(count_requests(SYSINFO_ALONE), model.request_count);
	assert_int_equal(host.counters.misses, 0);
}

static void device_is_polled_at_its_interval(void **state)
{
	uint64_t start_ms = 0;

	(void)state;
	start_known(0);
	start_ms = now_ms();
	wait_reads(10);
	/* Not faster; slower only as the machine is. */
	assert_true(now_ms() - start_ms >= (uint64_t)8 * POLL_MS);
	assert_int_equal(plug.connects, 1);
	assert_int_equal(host.counters.online, 1);
}

static void device_that_closes_after_each_answer_is_polled_as_well(void **state)
{
	(void)state;
	model.closes = true;
	start_known(0);
	wait_reads(3);
	assert_int_equal(host.counters.misses, 0);
	assert_int_equal(book.changes, 1);
	assert_int_equal(plug.connects, model.request_count);
}

static void energy_of_today_is_the_devices_when_its_clock_is_right(void **state)
{
	(void)state;
	model.is_right = true;
	start_known(0);
	wait_reads(3);
	assert_int_equal(only()->now.energy_today_wh, RIG_TODAY_WH);
	assert_int_equal(count_requests("get_time"), 1);
	assert_int_equal(count_requests("get_daystat"), 1);
	/* Alone in its request. */
	assert_int_equal(count_requests("get_sysinfo"), model.request_count - 2);
}

static void energy_of_today_begins_with_the_first_reading_of_a_device_without_a_clock(void **state)
{
	(void)state;
	model.year = 2000;
	start_known(0);
	model.total_wh += 3;
	WAIT_FOR(only()->now.energy_today_wh == 3);
	assert_int_equal(only()->now.energy_wh, 5003);
	assert_int_equal(count_requests("get_time"), 1);
	assert_int_equal(count_requests("get_daystat"), 0);
	assert_true(device->box.is_online);
}

static void counter_of_a_device_that_was_reset_goes_on(void **state)
{
	(void)state;
	start_known(0);
	model.total_wh = 0;
	WAIT_FOR(host.energy.counters.resets == 1);
	model.total_wh = 2;
	WAIT_FOR(only()->now.energy_wh == 5002);
	assert_int_equal(host.energy.counters.glitches, 0);
}

static void reading_that_no_meter_can_have_is_a_glitch(void **state)
{
	(void)state;
	start_known(0);
	model.total_wh = -1;
	WAIT_FOR(host.energy.counters.glitches > 0);
	model.total_wh = 5001;
	WAIT_FOR(only()->now.energy_wh == 5001);
}

static void counter_is_not_told_before_it_is_settled(void **state)
{
	(void)state;
	host.energy.is_settled = false;
	start(RIG_MAC, NULL, 0);
	wait_reads(3);
	assert_true(only()->now.has_power);
	assert_false(only()->now.has_energy || only()->now.has_energy_today);
	only()->energy.told_wh = 5001;
	host.energy.is_settled = true;
	WAIT_FOR(only()->now.has_energy);
	assert_int_equal(only()->now.energy_wh, 5001);
}

static void failing_meter_does_not_make_a_device_offline(void **state)
{
	(void)state;
	start_known(0);
	assert_true(only()->now.has_power);
	model.has_broken_meter = true;
	wait_reads(4);
	assert_true(device->box.is_online);
	assert_int_equal(host.counters.misses, 0);
	assert_true(host.counters.energy_errors > 0);
	assert_false(only()->now.has_power);
	assert_true(only()->now.has_energy);
	model.has_broken_meter = false;
	wait_reads(2);
	assert_true(only()->now.has_power);
}

/* ---- offline ---- */

static void device_is_offline_after_two_misses(void **state)
{
	(void)state;
	start_known(0);
	model.hangs = true;
	WAIT_FOR(host.counters.misses == 1);
	assert_true(device->box.is_online);
	WAIT_FOR(host.counters.misses == 2);
	assert_false(device->box.is_online);
	assert_string_equal(device->box.reason, "no answer in time");
	assert_int_equal(book.changes, 2);
	assert_int_equal(host.counters.online, 0);
	assert_false(outlet_current_readings(only()).has_power);
	assert_false(device_knows_state(device, only()));
}

static void device_that_misses_once_stays_online(void **state)
{
	(void)state;
	start_known(0);
	fake_plug_power(&plug, false);
	WAIT_FOR(host.counters.misses == 1);
	fake_plug_power(&plug, true);
	wait_reads(3);
	assert_int_equal(host.counters.misses, 1);
	assert_int_equal(book.changes, 1);
	assert_int_equal(device->misses, 0);
}

static void device_comes_back_with_its_readings(void **state)
{
	(void)state;
	start_known(0);
	fake_plug_power(&plug, false);
	wait_offline("connection refused");
	/* A device that stays away is one piece of news. */
	WAIT_FOR(host.counters.misses == 3);
	assert_int_equal(book.changes, 2);
	model.power_mw[0] = 7000;
	fake_plug_power(&plug, true);
	WAIT_FOR(device->box.is_online);
	assert_int_equal(book.changes, 3);
	assert_int_equal(host.counters.online, 1);
	assert_null(device->box.reason);
	WAIT_FOR(only()->now.has_power && only()->now.power_mw == 7000);
}

/* The waits between two tries are not what every test is about. */
static void try_now(void)
{
	device->retry_at_ms = 1;
	device_kick(device);
}

static void device_that_answers_nonsense_is_offline(void **state)
{
	static const char *const nonsense[] = { "{\"system\":", "[]", "{}",
		"{\"system\":{\"get_sysinfo\":{\"err_code\":-1}}}" };

	(void)state;
	start_known(0);
	for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
		const uint64_t misses = host.counters.misses;

		model.raw = nonsense[i];
		WAIT_FOR(host.counters.misses > misses);
		try_now();
		WAIT_FOR(!device->box.is_online);
		model.raw = NULL;
		try_now();
		WAIT_FOR(device->box.is_online);
	}
}

static void waits_grow_with_the_misses_but_not_while_an_order_waits(void **state)
{
	static const uint64_t waits_ms[] = { 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000 };

	(void)state;
	start_known(0);
	for (unsigned i = 0; i < sizeof waits_ms / sizeof waits_ms[0]; i++) {
		uint64_t wait_ms = 0;

		device->misses = i;
		device_miss(device, "no answer in time");
		wait_ms = device->retry_at_ms - device->failed_ms;
		assert_in_range(wait_ms, waits_ms[i] * 4 / 5, waits_ms[i] * 6 / 5);
	}
	plug_line_disconnect(&device->line);
	fake_plug_power(&plug, false);
	order(0, ORDER_ON, NULL, TTL_MS);
	assert_true(device->retry_at_ms - device->failed_ms <= 2000);
	for (unsigned i = 0; i < 8; i++) {
		device->misses = i;
		device_miss(device, "no answer in time");
		assert_true(device->retry_at_ms - device->failed_ms <= 2000);
	}
	fake_plug_power(&plug, true);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_true(model.is_on[0]);
}

/* ---- identity ---- */

static void another_device_at_the_address_gets_no_command(void **state)
{
	(void)state;
	model.mac = OTHER_MAC;
	start(RIG_MAC, NULL, 0);
	order(0, ORDER_ON, "7", TTL_MS);
	wait_offline("another device answers at 127.0.0.1: MAC " OTHER_MAC);
	order(0, ORDER_OFF, "8", 500);
	(void)expect_result(ORDER_STATUS_SUPERSEDED, "");
	(void)expect_result(ORDER_STATUS_EXPIRED, "another device answers");
	assert_int_equal(count_requests("set_relay_state"), 0);
	/* Nor is it asked what only the right one is known to understand. */
	assert_int_equal(count_requests(SYSINFO_ALONE), model.request_count);
	model.mac = RIG_MAC;
	order(0, ORDER_ON, "9", TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_true(model.is_on[0]);
}

static void device_that_takes_over_the_address_gets_no_command(void **state)
{
	(void)state;
	model.closes = true;
	start_known(0);
	/* As a power cut and another lease would do it. */
	fake_plug_power(&plug, false);
	WAIT_FOR(host.counters.misses > 0);
	model.mac = OTHER_MAC;
	fake_plug_power(&plug, true);
	order(0, ORDER_ON, NULL, 3000);
	(void)expect_result(ORDER_STATUS_EXPIRED, "another device answers");
	assert_int_equal(count_requests("set_relay_state"), 0);
}

static void device_that_takes_over_a_kept_connection_gets_no_command(void **state)
{
	(void)state;
	start_known(0);
	device->next_poll_ms = UINT64_MAX;
	WAIT_FOR(plug_line_is_idle(&device->line));
	fake_reset(plug.connections);
	model.mac = OTHER_MAC;
	order(0, ORDER_ON, NULL, 3000);
	(void)expect_result(ORDER_STATUS_EXPIRED, "another device answers");
	assert_int_equal(count_requests("set_relay_state"), 0);
}

/* What stopped in the middle is not the plug that closes after its answer. */
static void device_that_comes_after_a_reset_gets_no_command(void **state)
{
	(void)state;
	start_known(0);
	device->poll_ms = 1000000;
	device->next_poll_ms = UINT64_MAX / 2;
	WAIT_FOR(plug_line_is_idle(&device->line) && !device->wants_read);
	fake_reset(plug.connections);
	WAIT_FOR(!device->line.is_connected);
	model.mac = OTHER_MAC;
	order(0, ORDER_ON, NULL, 1000);
	(void)expect_result(ORDER_STATUS_EXPIRED, "another device answers");
	assert_int_equal(count_requests("set_relay_state"), 0);
}

/* The plug closed its connection as plugs do; whoever answered the question after that was not
 * asked for its name. */
static void new_connection_is_no_proof_of_identity(void **state)
{
	(void)state;
	start_known(0);
	device->poll_ms = 1000000;
	device->next_poll_ms = UINT64_MAX / 2;
	WAIT_FOR(plug_line_is_idle(&device->line) && !device->wants_read);
	fake_close(plug.connections);
	WAIT_FOR(!device->line.is_connected);
	model.mac = OTHER_MAC;
	device->wants_date = true;
	device_kick(device);
	WAIT_FOR(device->line.is_connected && plug_line_is_idle(&device->line));
	order(0, ORDER_ON, NULL, 1000);
	(void)expect_result(ORDER_STATUS_EXPIRED, "another device answers");
	assert_int_equal(count_requests("set_relay_state"), 0);
}

static void stranger_is_not_asked_for_energy(void **state)
{
	size_t before = 0;

	(void)state;
	start_known(0);
	model.mac = OTHER_MAC;
	wait_offline("another device");
	before = model.request_count;
	WAIT_FOR(model.request_count >= before + 2);
	for (size_t i = before; i < model.request_count; i++) {
		assert_string_equal(model.requests[i], SYSINFO_ALONE);
	}
}

static void first_contact_pins_the_device(void **state)
{
	uint8_t mac[PLUG_MAC_BYTES];

	(void)state;
	start(NULL, NULL, 0);
	wait_reads(3);
	assert_int_equal(book.pins, 1);
	assert_true(plug_mac_parse(RIG_MAC, mac));
	assert_memory_equal(device->mac, mac, sizeof mac);
	assert_false(device->is_mac_configured);
	model.mac = OTHER_MAC;
	wait_offline("another device");
	assert_int_equal(book.pins, 1);
}

static void pin_of_an_earlier_run_counts(void **state)
{
	(void)state;
	start(NULL, OTHER_MAC, 0);
	wait_offline("another device answers at 127.0.0.1: MAC " RIG_MAC);
	assert_int_equal(book.pins, 0);
	assert_int_equal(host.counters.reads, 0);
}

static void device_that_hides_its_mac_is_not_used(void **state)
{
	(void)state;
	model.mac = NULL;
	start(NULL, NULL, 0);
	wait_offline("MAC");
	assert_int_equal(book.pins, 0);
}

static void device_of_another_kind_than_configured_is_not_used(void **state)
{
	(void)state;
	start(RIG_MAC, NULL, 2);
	wait_offline("HS110(EU) is not a strip");
	assert_int_equal(host.counters.reads, 0);
}

static void strip_whose_outlets_are_not_named_is_not_used(void **state)
{
	(void)state;
	model.name = "HS300(US)";
	model.children = 6;
	start(RIG_MAC, NULL, 0);
	wait_offline("HS300(US) is a strip with 6 outlets");
}

static void strip_with_fewer_outlets_than_named_is_not_used(void **state)
{
	(void)state;
	model.name = "HS107(US)";
	model.children = 2;
	start(RIG_MAC, NULL, 3);
	wait_offline("HS107(US) has 2 outlets but 3 are configured");
}

static void camera_is_not_used(void **state)
{
	(void)state;
	model.raw = "{\"system\":{\"get_sysinfo\":{\"system\":{\"model\":\"EC60\"},"
		    "\"mac\":\"" RIG_MAC "\",\"model\":\"EC60\",\"err_code\":0}}}";
	start(RIG_MAC, NULL, 0);
	wait_offline("not a device that switches: EC60");
}

/* ---- the end ---- */

static void device_that_is_closed_ends_its_orders(void **state)
{
	(void)state;
	model.hangs = true;
	start(RIG_MAC, NULL, 0);
	order(0, ORDER_ON, "7", TTL_MS);
	order(0, ORDER_READ, "8", TTL_MS);
	WAIT_FOR(model.request_count == 1);
	device_close(device, "it left the configuration", NULL);
	assert_string_equal(expect_result(ORDER_STATUS_FAILED, "it left")->id, "7");
	assert_string_equal(expect_result(ORDER_STATUS_FAILED, "it left")->id, "8");
	device = NULL;
	WAIT_FOR(plug.open == 0);
}

static void device_is_closed_in_every_state(void **state)
{
	(void)state;
	start(RIG_MAC, NULL, 0); /* before its first request */
	device_close(device, "", NULL);
	fake_plug_power(&plug, false); /* while it waits to try again */
	start(RIG_MAC, NULL, 0);
	WAIT_FOR(host.counters.misses == 1);
	device_close(device, "", NULL);
	fake_plug_power(&plug, true); /* while it is read */
	model.hangs = true;
	start(RIG_MAC, NULL, 0);
	WAIT_FOR(model.request_count == 1);
	device_close(device, "", NULL);
	model.hangs = false; /* online, between two polls */
	start_known(0);
	assert_int_equal(host.counters.online, 1);
	device_close(device, "", NULL);
	assert_int_equal(host.counters.online, 0);
	device = NULL;
	WAIT_FOR(plug.open == 0);
}

static void device_without_an_address_waits(void **state)
{
	(void)state;
	address[0] = '\0';
	start(RIG_MAC, NULL, 0);
	order(0, ORDER_ON, NULL, 200);
	(void)expect_result(ORDER_STATUS_EXPIRED, "not found yet");
	assert_int_equal(plug.connects, 0);
	assert_int_equal(host.counters.misses, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, device_rig_setup, device_rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_read_is_sysinfo_alone_then_with_energy),
		TEST(device_without_a_meter_is_never_asked_for_energy),
		TEST(device_is_polled_at_its_interval),
		TEST(device_that_closes_after_each_answer_is_polled_as_well),
		TEST(energy_of_today_is_the_devices_when_its_clock_is_right),
		TEST(energy_of_today_begins_with_the_first_reading_of_a_device_without_a_clock),
		TEST(counter_of_a_device_that_was_reset_goes_on),
		TEST(reading_that_no_meter_can_have_is_a_glitch),
		TEST(counter_is_not_told_before_it_is_settled),
		TEST(failing_meter_does_not_make_a_device_offline),
		TEST(device_is_offline_after_two_misses),
		TEST(device_that_misses_once_stays_online),
		TEST(device_comes_back_with_its_readings),
		TEST(device_that_answers_nonsense_is_offline),
		TEST(waits_grow_with_the_misses_but_not_while_an_order_waits),
		TEST(another_device_at_the_address_gets_no_command),
		TEST(device_that_takes_over_the_address_gets_no_command),
		TEST(device_that_takes_over_a_kept_connection_gets_no_command),
		TEST(device_that_comes_after_a_reset_gets_no_command),
		TEST(new_connection_is_no_proof_of_identity),
		TEST(stranger_is_not_asked_for_energy),
		TEST(first_contact_pins_the_device),
		TEST(pin_of_an_earlier_run_counts),
		TEST(device_that_hides_its_mac_is_not_used),
		TEST(device_of_another_kind_than_configured_is_not_used),
		TEST(strip_whose_outlets_are_not_named_is_not_used),
		TEST(strip_with_fewer_outlets_than_named_is_not_used),
		TEST(camera_is_not_used),
		TEST(device_that_is_closed_ends_its_orders),
		TEST(device_is_closed_in_every_state),
		TEST(device_without_an_address_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

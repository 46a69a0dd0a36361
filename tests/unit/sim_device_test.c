#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/device/calendar.h"
#include "tests/sim/device/names.h"
#include "tests/unit/sim_rig.h"

static int setup(void **state)
{
	static struct rig rig;

	rig_init(&rig, "HS110v2");
	*state = &rig;
	return 0;
}

static int teardown(void **state)
{
	rig_clear(*state);
	return 0;
}

static void device_draws_power_only_while_on(void **state)
{
	struct rig *rig = *state;
	struct sim_outlet *outlet = &rig->device->outlets[0];
	const uint64_t before_wh = sim_meter_total_wh(&outlet->meter);

	outlet->power_mw = 500000;
	assert_int_equal(sim_device_read(rig->device, 0, rig->now_ms).power_uw, 0);
	rig_pass(rig, RIG_HOUR_MS);
	rig_switch(rig, 0, true);
	assert_int_equal(sim_device_read(rig->device, 0, rig->now_ms).power_uw, 500000000);
	rig_pass(rig, 2 * (int64_t)RIG_HOUR_MS);
	rig_switch(rig, 0, false);
	rig_pass(rig, RIG_HOUR_MS);
	assert_int_equal(sim_meter_total_wh(&outlet->meter), before_wh + 1000);
}

static void device_counts_the_seconds_since_it_is_on(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(sim_device_on_time_s(rig->device, 0, rig->now_ms), 0);
	rig_switch(rig, 0, true);
	rig_pass(rig, 61999);
	assert_int_equal(sim_device_on_time_s(rig->device, 0, rig->now_ms), 61);
	rig_switch(rig, 0, true);
	assert_int_equal(sim_device_on_time_s(rig->device, 0, rig->now_ms), 61);
	rig_switch(rig, 0, false);
	assert_int_equal(sim_device_on_time_s(rig->device, 0, rig->now_ms), 0);
	assert_int_equal(rig->device->counters.relay_moves, 2);
}

static void device_current_follows_power_and_voltage(void **state)
{
	struct rig *rig = *state;
	struct sim_reading reading;

	rig->device->outlets[0].power_mw = 230000;
	rig->device->voltage_mv = 230000;
	rig_switch(rig, 0, true);
	reading = sim_device_read(rig->device, 0, rig->now_ms);
	/* A watt a volt, and a power factor of 0.55 to 0.98. */
	assert_in_range(reading.current_ua, 1000000 * 100 / 98, 1000000 * 100 / 55);
	rig->device->voltage_mv = 0;
	assert_int_equal(sim_device_read(rig->device, 0, rig->now_ms).current_ua, 0);
}

static void device_readings_are_steady_without_noise(void **state)
{
	struct rig *rig = *state;
	struct sim_reading first;

	rig_switch(rig, 0, true);
	first = sim_device_read(rig->device, 0, rig->now_ms);
	for (int second = 0; second < 100; second++) {
		struct sim_reading reading;

		rig_pass(rig, 1000);
		reading = sim_device_read(rig->device, 0, rig->now_ms);
		assert_int_equal(reading.power_uw, first.power_uw);
		assert_int_equal(reading.voltage_uv, first.voltage_uv);
	}
}

static void device_noise_is_small_and_the_same_each_time(void **state)
{
	struct rig *rig = *state;
	int changes = 0;
	int64_t last_uw = 0;

	rig->device->has_noise = true;
	rig->device->outlets[0].power_mw = 100000;
	rig_switch(rig, 0, true);
	for (int second = 0; second < 100; second++) {
		const struct sim_reading one = sim_device_read(rig->device, 0, rig->now_ms);
		const struct sim_reading again = sim_device_read(rig->device, 0, rig->now_ms);

		assert_memory_equal(&one, &again, sizeof one);
		assert_in_range(one.power_uw, 99000000, 101000000);
		changes += one.power_uw != last_uw;
		last_uw = one.power_uw;
		rig_pass(rig, 1000);
	}
	assert_in_range(changes, 50, 100);
}

static void device_reboots_in_its_time(void **state)
{
	struct rig *rig = *state;
	struct sim_step step;

	rig_switch(rig, 0, true);
	rig->device->boot_ms = 3000;
	assert_int_equal(sim_device_due_ms(rig->device), INT64_MAX);
	sim_device_reboot(rig->device, rig->now_ms, 1000, false);
	assert_int_equal(sim_device_due_ms(rig->device), rig->now_ms + 1000);
	step = rig_pass(rig, 999);
	assert_false(step.has_presence);
	step = rig_pass(rig, 1);
	assert_true(step.has_presence);
	assert_int_equal(rig->device->presence, SIM_REBOOTING);
	assert_int_equal(sim_device_due_ms(rig->device), rig->now_ms + 3000);
	step = rig_pass(rig, 3000);
	assert_true(step.has_presence);
	assert_int_equal(rig->device->presence, SIM_PRESENT);
	assert_true(rig->device->outlets[0].is_on);
	assert_int_equal(sim_device_on_time_s(rig->device, 0, rig->now_ms), 0);
	assert_int_equal(sim_device_due_ms(rig->device), INT64_MAX);
}

static void device_draws_nothing_while_unplugged(void **state)
{
	struct rig *rig = *state;
	struct sim_step step = { .now_ms = rig->now_ms };
	const uint64_t before_wh = sim_meter_total_wh(&rig->device->outlets[0].meter);

	rig_switch(rig, 0, true);
	sim_device_plug(rig->device, false, &step);
	assert_true(step.has_presence);
	rig_pass(rig, 5 * (int64_t)RIG_HOUR_MS);
	assert_int_equal(rig->device->presence, SIM_UNPLUGGED);
	step = (struct sim_step) { .now_ms = rig->now_ms };
	sim_device_plug(rig->device, true, &step);
	assert_true(step.has_presence);
	assert_int_equal(sim_meter_total_wh(&rig->device->outlets[0].meter), before_wh);
	assert_true(rig->device->outlets[0].is_on);
	step = (struct sim_step) { .now_ms = rig->now_ms };
	sim_device_plug(rig->device, true, &step);
	assert_false(step.has_presence);
}

static void device_without_internet_loses_the_clock_with_the_power(void **state)
{
	struct rig *rig = *state;
	struct sim_step step = { .now_ms = rig->now_ms };
	struct sim_date date;

	sim_device_plug(rig->device, false, &step);
	sim_device_plug(rig->device, true, &step);
	date = sim_date_from_ms(sim_device_local_ms(rig->device, rig->now_ms));
	assert_int_equal(date.year, 2026);
	assert_int_equal(date.hour, 13);
	rig->device->has_internet = false;
	sim_device_plug(rig->device, false, &step);
	sim_device_plug(rig->device, true, &step);
	assert_false(rig->device->is_clock_set);
	rig_pass(rig, RIG_HOUR_MS);
	date = sim_date_from_ms(sim_device_local_ms(rig->device, rig->now_ms));
	assert_int_equal(date.year, 2000);
	assert_int_equal(date.hour, 1);
	sim_device_correct_clock(rig->device, rig->now_ms);
	date = sim_date_from_ms(sim_device_local_ms(rig->device, rig->now_ms));
	assert_int_equal(date.year, 2026);
	assert_int_equal(date.hour, 14);
}

static void device_books_energy_on_the_day_its_clock_shows(void **state)
{
	struct rig *rig = *state;
	struct sim_meter *meter = &rig->device->outlets[0].meter;
	const int32_t today = sim_day_of_ms(sim_device_local_ms(rig->device, rig->now_ms));

	sim_meter_erase(meter);
	rig->device->outlets[0].power_mw = 100000;
	rig_switch(rig, 0, true);
	rig_pass(rig, RIG_HOUR_MS);
	sim_device_lose_clock(rig->device, rig->now_ms);
	rig_pass(rig, RIG_HOUR_MS);
	assert_int_equal(sim_meter_day_wh(meter, sim_day_of_ms(946684800000)), 100);
	sim_device_correct_clock(rig->device, rig->now_ms);
	rig_pass(rig, RIG_HOUR_MS);
	assert_int_equal(sim_meter_day_wh(meter, today), 200);
	assert_int_equal(sim_meter_total_wh(meter), 300);
}

static void device_reset_forgets_names_rules_and_energy(void **state)
{
	struct rig *rig = *state;
	struct sim_text alias = { 0 };

	rig_ask(rig, "{\"system\":{\"set_dev_alias\":{\"alias\":\"Mine\"}},"
		     "\"schedule\":{\"add_rule\":{\"enable\":1}}}");
	rig_switch(rig, 0, true);
	sim_device_reboot(rig->device, rig->now_ms, 1000, true);
	rig_pass(rig, 1000);
	assert_int_equal(rig->device->presence, SIM_UNPLUGGED);
	assert_false(rig->device->outlets[0].is_on);
	assert_null(rig->device->outlets[0].rules);
	assert_int_equal(sim_meter_total_wh(&rig->device->outlets[0].meter), 0);
	sim_device_add_alias(rig->device, &alias);
	assert_string_equal(alias.bytes, "\"TP-LINK_Smart Plug_0001\"");
	sim_text_free(&alias);
}

static void device_countdown_moves_the_relay_at_its_moment(void **state)
{
	struct rig *rig = *state;
	struct sim_meter *meter = &rig->device->outlets[0].meter;
	struct sim_step step;

	sim_meter_erase(meter);
	rig->device->outlets[0].power_mw = 100000;
	rig_switch(rig, 0, true);
	rig_ask(rig, "{\"count_down\":{\"add_rule\":{\"enable\":1,\"delay\":1800,\"act\":0}}}");
	assert_int_equal(sim_device_due_ms(rig->device), rig->now_ms + 1800000);
	/* Nobody looks for an hour: it went off after half of it all the same. */
	step = rig_pass(rig, RIG_HOUR_MS);
	assert_int_equal(step.moved, 1);
	assert_false(rig->device->outlets[0].is_on);
	assert_int_equal(sim_meter_total_wh(meter), 50);
	assert_int_equal(sim_device_due_ms(rig->device), INT64_MAX);
}

static void devices_differ_by_their_mac_alone(void **state)
{
	struct rig *rig = *state;
	struct sim_identity identity = {
		.model = rig->device->model,
		.mac = { 0x50, 0xC7, 0xBF, 0x01, 0x00, 0x02 },
		.local_offset_ms = RIG_OFFSET_MS,
	};
	struct sim_device *other = sim_device_new(&identity, RIG_START_MS);
	struct sim_device *same = NULL;
	struct sim_text ids = { 0 };

	memcpy(identity.mac, rig->device->mac, SIM_MAC_BYTES);
	same = sim_device_new(&identity, RIG_START_MS);
	sim_device_add_id(rig->device, &ids);
	sim_device_add_id(same, &ids);
	sim_device_add_id(other, &ids);
	assert_int_equal(ids.size, 120);
	assert_memory_equal(ids.bytes, ids.bytes + 40, 40);
	assert_memory_not_equal(ids.bytes, ids.bytes + 80, 40);
	assert_int_equal(same->voltage_mv, rig->device->voltage_mv);
	assert_int_equal(same->outlets[0].power_mw, rig->device->outlets[0].power_mw);
	assert_int_not_equal(other->outlets[0].power_mw, rig->device->outlets[0].power_mw);
	sim_text_free(&ids);
	sim_device_free(same);
	sim_device_free(other);
}

static void device_is_small(void **state)
{
	(void)state;
	assert_in_range(sizeof(struct sim_device) + sizeof(struct sim_outlet), 1, 1600);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(device_draws_power_only_while_on),
		TEST(device_counts_the_seconds_since_it_is_on),
		TEST(device_current_follows_power_and_voltage),
		TEST(device_readings_are_steady_without_noise),
		TEST(device_noise_is_small_and_the_same_each_time),
		TEST(device_reboots_in_its_time),
		TEST(device_draws_nothing_while_unplugged),
		TEST(device_without_internet_loses_the_clock_with_the_power),
		TEST(device_books_energy_on_the_day_its_clock_shows),
		TEST(device_reset_forgets_names_rules_and_energy),
		TEST(device_countdown_moves_the_relay_at_its_moment),
		TEST(devices_differ_by_their_mac_alone),
		TEST(device_is_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

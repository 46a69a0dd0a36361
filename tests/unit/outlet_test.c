#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/outlet.h"

enum {
	NOTHING = LEAVES_NONE,
	STATE = 1U << LEAF_STATE,
	POWER = 1U << LEAF_POWER,
	VOLTAGE = 1U << LEAF_VOLTAGE,
	CURRENT = 1U << LEAF_CURRENT,
	ENERGY = 1U << LEAF_ENERGY,
	TODAY = 1U << LEAF_ENERGY_TODAY,
	RSSI = 1U << LEAF_RSSI,
	JSON = 1U << LEAF_JSON,
	HEARTBEAT_MS = 60000,
};

/* The steps of the configuration's defaults. */
static const struct outlet_steps steps = { .power_mw = 500,
	.voltage_mv = 500,
	.current_ma = 5,
	.energy_wh = 1,
	.rssi_db = 3,
	.heartbeat_ms = HEARTBEAT_MS };

static const struct plug_realtime kettle = { .has_power = true,
	.has_voltage = true,
	.has_current = true,
	.has_total = true,
	.power_mw = 61753,
	.voltage_mv = 230837,
	.current_ma = 451,
	.total_wh = 16323 };

static struct outlet_box box;

static int setup(void **state)
{
	static struct outlet outlet;

	box = (struct outlet_box) { .is_online = true, .has_rssi = true, .rssi_dbm = -60 };
	outlet_init(&outlet, "kettle", &box);
	*state = &outlet;
	return 0;
}

static int teardown(void **state)
{
	outlet_clear(*state);
	return 0;
}

/* What the publisher does with what it was given. */
static uint32_t publish(struct outlet *outlet, uint32_t leaves)
{
	for (enum leaf leaf = LEAF_AVAILABILITY; leaf < LEAF_COUNT; leaf++) {
		if (leaves & 1U << leaf) {
			outlet_mark_published(outlet, leaf);
		}
	}
	return leaves;
}

static uint32_t take(struct outlet *outlet, const struct plug_realtime *reading)
{
	return publish(outlet, outlet_take_reading(outlet, reading, &steps));
}

static uint32_t take_info(struct outlet *outlet, const struct plug_outlet_info *info)
{
	return publish(outlet, outlet_take_info(outlet, info, &steps));
}

static void outlet_is_called_by_its_name_until_it_is_renamed(void **state)
{
	struct outlet *outlet = *state;

	assert_string_equal(outlet->name, "kettle");
	assert_string_equal(outlet->label, "kettle");
	assert_string_equal(outlet->room, "");
	assert_int_equal(outlet_rename(outlet, "kettle", ""), NOTHING);
	assert_int_equal(outlet_rename(outlet, "Kettle", ""), JSON);
	assert_int_equal(outlet_rename(outlet, "Kettle", "Kitchen"), JSON);
	assert_int_equal(outlet_rename(outlet, "Kettle", "Kitchen"), NOTHING);
	assert_int_equal(outlet_rename(outlet, "Pot", "Hall"), JSON);
	assert_string_equal(outlet->label, "Pot");
	assert_string_equal(outlet->room, "Hall");
}

static void outlet_publishes_a_state_that_is_new(void **state)
{
	struct outlet *outlet = *state;

	assert_false(outlet->has_state);
	assert_int_equal(outlet_take_state(outlet, false), STATE | JSON);
	assert_true(outlet->has_state);
	assert_int_equal(outlet_take_state(outlet, false), NOTHING);
	assert_int_equal(outlet_take_state(outlet, true), STATE | JSON);
	assert_int_equal(outlet_take_state(outlet, true), NOTHING);
	assert_true(outlet->is_on);
}

static void outlet_takes_what_sysinfo_says_of_it(void **state)
{
	struct outlet *outlet = *state;
	struct plug_outlet_info info = { .child_id = "AB01", .alias = "Pot", .is_on = true };

	assert_int_equal(take_info(outlet, &info), STATE | RSSI | JSON);
	assert_string_equal(outlet->alias, "Pot");
	assert_string_equal(outlet->child_id, "AB01");
	assert_int_equal(take_info(outlet, &info), NOTHING);
	info.alias = "Kettle";
	assert_int_equal(take_info(outlet, &info), JSON);
	/* A device with one outlet has no child ids; one that had keeps its own. */
	info.child_id[0] = '\0';
	assert_int_equal(take_info(outlet, &info), NOTHING);
	assert_string_equal(outlet->child_id, "AB01");
}

static void outlet_publishes_rssi_by_its_step(void **state)
{
	static const struct {
		int rssi_dbm;
		uint32_t leaves;
	} rows[] = { { -60, RSSI | STATE | JSON }, { -62, NOTHING }, { -58, NOTHING },
		{ -63, RSSI | JSON }, { -65, NOTHING }, { -60, RSSI | JSON } };
	const struct plug_outlet_info info = { .alias = "" };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		box.rssi_dbm = rows[i].rssi_dbm;
		assert_int_equal(take_info(*state, &info), rows[i].leaves);
	}
}

static void outlet_without_rssi_publishes_none(void **state)
{
	struct outlet *outlet = *state;
	const struct plug_outlet_info info = { .alias = "" };

	box.has_rssi = false;
	assert_int_equal(take_info(outlet, &info), STATE | JSON);
	box.has_rssi = true;
	assert_int_equal(take_info(outlet, &info), RSSI | JSON);
	box.has_rssi = false;
	assert_int_equal(take_info(outlet, &info), JSON);
	box.has_rssi = true;
	assert_true(take_info(outlet, &info) & JSON);
}

static void outlet_publishes_readings_by_their_steps(void **state)
{
	static const struct {
		const char *name;
		int64_t power_mw, voltage_mv, current_ma, total_wh;
		uint32_t leaves;
	} rows[] = {
		{ "first", 10000, 230000, 100, 1000, POWER | VOLTAGE | CURRENT | ENERGY | JSON },
		{ "nothing", 10000, 230000, 100, 1000, NOTHING },
		{ "less than any step", 10499, 230499, 104, 1000, NOTHING },
		{ "power up by a step", 10500, 230000, 100, 1000, POWER | JSON },
		{ "back by less", 10001, 230000, 100, 1000, NOTHING },
		{ "back by a step", 10000, 230000, 100, 1000, POWER | JSON },
		{ "voltage", 10000, 229500, 100, 1000, VOLTAGE | JSON },
		{ "current", 10000, 229500, 105, 1000, CURRENT | JSON },
		{ "energy", 10000, 229500, 105, 1001, ENERGY | JSON },
		{ "all", 0, 0, 0, 1002, POWER | VOLTAGE | CURRENT | ENERGY | JSON },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct plug_realtime reading = { true, true, true, true, rows[i].power_mw,
			rows[i].voltage_mv, rows[i].current_ma, rows[i].total_wh };
		const uint32_t leaves = take(*state, &reading);

		if (leaves != rows[i].leaves) {
			fail_msg("%s: %#x", rows[i].name, leaves);
		}
	}
}

/* Small moves add up: they are measured from what was published, not from the reading before. */
static void outlet_measures_a_drift_from_what_was_published(void **state)
{
	struct plug_realtime reading = { .has_power = true, .power_mw = 10000 };

	assert_int_equal(take(*state, &reading), POWER | JSON);
	for (int i = 0; i < 4; i++) {
		reading.power_mw += 100;
		assert_int_equal(take(*state, &reading), NOTHING);
	}
	reading.power_mw += 100;
	assert_int_equal(take(*state, &reading), POWER | JSON);
}

static void outlet_with_steps_of_zero_publishes_changes_only(void **state)
{
	static const struct outlet_steps none;
	struct plug_realtime reading = kettle;

	assert_int_equal(publish(*state, outlet_take_reading(*state, &reading, &none)),
		POWER | VOLTAGE | CURRENT | ENERGY | JSON);
	assert_int_equal(outlet_take_reading(*state, &reading, &none), NOTHING);
	reading.power_mw++;
	assert_int_equal(outlet_take_reading(*state, &reading, &none), POWER | JSON);
}

static void outlet_does_not_take_a_total_that_went_backwards(void **state)
{
	struct outlet *outlet = *state;
	struct plug_realtime reading = { .has_total = true, .total_wh = 1000 };

	assert_int_equal(take(outlet, &reading), ENERGY | JSON);
	reading.total_wh = 3;
	assert_int_equal(take(outlet, &reading), NOTHING);
	assert_int_equal(outlet->now.energy_wh, 1000);
	reading.total_wh = 999;
	assert_int_equal(take(outlet, &reading), NOTHING);
	reading.total_wh = 1001;
	assert_int_equal(take(outlet, &reading), ENERGY | JSON);
	assert_int_equal(outlet->now.energy_wh, 1001);
}

/* A counter that could not be read this time still stands where it stood. */
static void outlet_keeps_its_total_when_a_reading_fails(void **state)
{
	static const struct plug_realtime nothing;
	struct outlet *outlet = *state;

	take(outlet, &kettle);
	take(outlet, &nothing);
	assert_true(outlet->now.has_energy);
	assert_int_equal(outlet->now.energy_wh, kettle.total_wh);
}

static void outlet_quantity_that_disappears_shows_in_json(void **state)
{
	struct outlet *outlet = *state;
	struct plug_realtime reading = kettle;

	take(outlet, &kettle);
	reading.has_current = false;
	assert_int_equal(take(outlet, &reading), JSON);
	assert_false(outlet->now.has_current);
	assert_int_equal(take(outlet, &reading), NOTHING);
	/* It comes back just as it was: its own topic is right, json is not. */
	assert_int_equal(take(outlet, &kettle) & JSON, JSON);
	assert_true(outlet->now.has_current);
}

static void outlet_reading_that_fails_takes_every_quantity_away(void **state)
{
	static const struct plug_realtime nothing;
	struct outlet *outlet = *state;

	take(outlet, &kettle);
	assert_int_equal(take(outlet, &nothing), JSON);
	assert_false(outlet->now.has_power || outlet->now.has_voltage || outlet->now.has_current);
	assert_int_equal(take(outlet, &kettle) & JSON, JSON);
}

static void outlet_takes_the_energy_of_today(void **state)
{
	struct outlet *outlet = *state;

	assert_int_equal(publish(outlet, outlet_take_today(outlet, true, 0, &steps)), TODAY | JSON);
	assert_int_equal(publish(outlet, outlet_take_today(outlet, true, 0, &steps)), NOTHING);
	assert_int_equal(
		publish(outlet, outlet_take_today(outlet, true, 12, &steps)), TODAY | JSON);
	/* Midnight: today's counter, unlike the total, starts again. */
	assert_int_equal(publish(outlet, outlet_take_today(outlet, true, 0, &steps)), TODAY | JSON);
	assert_int_equal(publish(outlet, outlet_take_today(outlet, false, 5, &steps)), JSON);
	assert_false(outlet->now.has_energy_today);
	assert_int_equal(publish(outlet, outlet_take_today(outlet, false, 0, &steps)), NOTHING);
	assert_int_equal(outlet_take_today(outlet, true, 0, &steps) & JSON, JSON);
}

static void outlet_publishes_all_readings_at_each_heartbeat(void **state)
{
	struct outlet *outlet = *state;

	assert_int_equal(outlet_take_heartbeat(outlet, 5000, &steps), LEAVES_READINGS);
	assert_int_equal(outlet_take_heartbeat(outlet, 5001, &steps), NOTHING);
	assert_int_equal(outlet_take_heartbeat(outlet, 5000 + HEARTBEAT_MS - 1, &steps), NOTHING);
	assert_int_equal(
		outlet_take_heartbeat(outlet, 5000 + HEARTBEAT_MS, &steps), LEAVES_READINGS);
	/* Beats that were missed are not made up for. */
	assert_int_equal(
		outlet_take_heartbeat(outlet, 5000 + 10 * HEARTBEAT_MS, &steps), LEAVES_READINGS);
	assert_int_equal(outlet_take_heartbeat(outlet, 5001 + 10 * HEARTBEAT_MS, &steps), NOTHING);
}

static void heartbeat_leaves_state_and_availability_alone(void **state)
{
	(void)state;
	assert_int_equal(LEAVES_READINGS & (STATE | 1U << LEAF_AVAILABILITY), NOTHING);
	assert_int_equal(LEAVES_ALL, LEAVES_READINGS | STATE | 1U << LEAF_AVAILABILITY);
}

static void outlet_has_no_readings_while_offline(void **state)
{
	struct outlet *outlet = *state;

	take(outlet, &kettle);
	assert_true(outlet_current_readings(outlet).has_power);
	box.is_online = false;
	assert_false(outlet_current_readings(outlet).has_power);
	assert_false(outlet_current_readings(outlet).has_energy);
	box.is_online = true;
	assert_true(outlet_current_readings(outlet).has_energy);
}

static void outlet_forgets_what_a_device_measured_before_it_went_offline(void **state)
{
	struct outlet *outlet = *state;
	const struct plug_outlet_info info = { .alias = "" };

	take(outlet, &kettle);
	take_info(outlet, &info);
	publish(outlet, outlet_take_today(outlet, true, 7, &steps));
	outlet_forget_readings(outlet);
	assert_false(outlet->now.has_power || outlet->now.has_voltage || outlet->now.has_current);
	assert_false(outlet->now.has_energy_today || outlet->now.has_rssi);
	assert_true(outlet->now.has_energy);
	assert_int_equal(outlet->now.energy_wh, kettle.total_wh);
	assert_true(outlet->has_state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(outlet_is_called_by_its_name_until_it_is_renamed),
		TEST(outlet_publishes_a_state_that_is_new),
		TEST(outlet_takes_what_sysinfo_says_of_it),
		TEST(outlet_publishes_rssi_by_its_step),
		TEST(outlet_without_rssi_publishes_none),
		TEST(outlet_publishes_readings_by_their_steps),
		TEST(outlet_measures_a_drift_from_what_was_published),
		TEST(outlet_with_steps_of_zero_publishes_changes_only),
		TEST(outlet_does_not_take_a_total_that_went_backwards),
		TEST(outlet_keeps_its_total_when_a_reading_fails),
		TEST(outlet_quantity_that_disappears_shows_in_json),
		TEST(outlet_reading_that_fails_takes_every_quantity_away),
		TEST(outlet_takes_the_energy_of_today),
		TEST(outlet_publishes_all_readings_at_each_heartbeat),
		TEST(heartbeat_leaves_state_and_availability_alone),
		TEST(outlet_has_no_readings_while_offline),
		TEST(outlet_forgets_what_a_device_measured_before_it_went_offline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

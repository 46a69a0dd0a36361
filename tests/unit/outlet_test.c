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
	APPARENT = 1U << LEAF_APPARENT_POWER,
	FACTOR = 1U << LEAF_POWER_FACTOR,
	ENERGY = 1U << LEAF_ENERGY,
	TODAY = 1U << LEAF_ENERGY_TODAY,
	RSSI = 1U << LEAF_RSSI,
	BRIGHTNESS = 1U << LEAF_BRIGHTNESS,
	JSON = 1U << LEAF_JSON,
	ALL_READINGS = POWER | VOLTAGE | CURRENT | APPARENT | FACTOR | JSON,
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

	box = (struct outlet_box) {
		.is_online = true, .has_meter = true, .has_rssi = true, .rssi_dbm = -60
	};
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
			outlet_mark_cleared(outlet, leaf, outlet_is_to_clear(outlet, leaf));
		}
	}
	return leaves;
}

static uint32_t take(struct outlet *outlet, const struct plug_realtime *reading)
{
	return publish(outlet, outlet_take_reading(outlet, reading, &steps));
}

static uint32_t take_energy(struct outlet *outlet, struct energy_told told)
{
	return publish(outlet, outlet_take_energy(outlet, &told, &steps));
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

	assert_int_equal(take_info(outlet, &info), STATE | RSSI | BRIGHTNESS | JSON);
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
	} rows[] = { { -60, RSSI | STATE | BRIGHTNESS | JSON }, { -62, NOTHING }, { -58, NOTHING },
		{ -63, RSSI | JSON }, { -65, NOTHING }, { -60, RSSI | JSON } };
	const struct plug_outlet_info info = { .alias = "" };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		box.rssi_dbm = rows[i].rssi_dbm;
		assert_int_equal(take_info(*state, &info), rows[i].leaves);
	}
}

static void outlet_without_rssi_clears_its_topic_once(void **state)
{
	struct outlet *outlet = *state;
	const struct plug_outlet_info info = { .alias = "" };

	box.has_rssi = false;
	assert_int_equal(take_info(outlet, &info), STATE | RSSI | BRIGHTNESS | JSON);
	assert_int_equal(take_info(outlet, &info), NOTHING);
	box.has_rssi = true;
	assert_int_equal(take_info(outlet, &info), RSSI | JSON);
	box.has_rssi = false;
	assert_int_equal(take_info(outlet, &info), RSSI | JSON);
	assert_int_equal(take_info(outlet, &info), NOTHING);
	box.has_rssi = true;
	assert_true(take_info(outlet, &info) & JSON);
}

static void outlet_publishes_readings_by_their_steps(void **state)
{
	static const struct {
		const char *name;
		int64_t power_mw, voltage_mv, current_ma;
		uint32_t leaves;
	} rows[] = {
		{ "first", 10000, 230000, 100,
			POWER | VOLTAGE | CURRENT | APPARENT | FACTOR | JSON },
		{ "nothing", 10000, 230000, 100, NOTHING },
		{ "less than any step", 10100, 230499, 101, NOTHING },
		{ "power up by a step", 10500, 230000, 100, POWER | FACTOR | JSON },
		{ "back by less", 10001, 230000, 100, FACTOR | JSON },
		{ "back by a step", 10000, 230000, 100, POWER | JSON },
		{ "voltage", 10000, 229500, 100, VOLTAGE | JSON },
		{ "current", 10000, 229500, 105, CURRENT | APPARENT | FACTOR | JSON },
		{ "all, and no factor any more", 0, 0, 0,
			POWER | VOLTAGE | CURRENT | APPARENT | FACTOR | JSON },
		{ "still none", 0, 0, 0, NOTHING },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct plug_realtime reading = { .has_power = true,
			.has_voltage = true,
			.has_current = true,
			.power_mw = rows[i].power_mw,
			.voltage_mv = rows[i].voltage_mv,
			.current_ma = rows[i].current_ma };
		const uint32_t leaves = take(*state, &reading);

		if (leaves != rows[i].leaves) {
			fail_msg("%s: %#x", rows[i].name, leaves);
		}
	}
}

static void outlet_tells_apparent_power_and_its_factor(void **state)
{
	static const struct {
		const char *name;
		int64_t power_mw, voltage_mv, current_ma;
		int apparent_power_mva, power_factor_thousandths; /* -1: none */
	} rows[] = {
		{ "a motor", 61753, 230837, 451, 104107, 593 },
		{ "a heater", 2000000, 230000, 8696, 2000080, 1000 },
		{ "rounded beyond 1", 2010000, 230000, 8696, 2000080, 1000 },
		{ "a voltage that is too low", 2000000, 172000, 8696, 1495712, -1 },
		{ "a voltage that no mains has", 500000, 172000, 8696, 1495712, -1 },
		{ "a voltage of half the world", 2000000, 120000, 17000, 2040000, 980 },
		{ "more power than volts and amperes give", 220000, 230000, 900, 207000, -1 },
		{ "idle", 17, 120000, 4, 480, -1 },
		{ "just enough", 1000, 200000, 10, 2000, 500 },
		{ "off", 0, 230000, 0, 0, -1 },
		{ "nothing but power", 0, 230000, 100, 23000, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct outlet *outlet = *state;
		const struct plug_realtime reading = { .has_power = true,
			.has_voltage = true,
			.has_current = true,
			.power_mw = rows[i].power_mw,
			.voltage_mv = rows[i].voltage_mv,
			.current_ma = rows[i].current_ma };

		(void)take(outlet, &reading);
		if (!outlet->now.has_apparent_power ||
			outlet->now.apparent_power_mva != rows[i].apparent_power_mva ||
			(outlet->now.has_power_factor ? outlet->now.power_factor_thousandths
						      : -1) != rows[i].power_factor_thousandths) {
			fail_msg("%s: %d mVA, factor %d", rows[i].name,
				outlet->now.apparent_power_mva,
				outlet->now.power_factor_thousandths);
		}
	}
}

static void outlet_without_voltage_or_current_has_no_apparent_power(void **state)
{
	struct outlet *outlet = *state;
	struct plug_realtime reading = kettle;

	reading.has_voltage = false;
	assert_int_equal(take(outlet, &reading), ALL_READINGS);
	assert_false(outlet->now.has_apparent_power || outlet->now.has_power_factor);
	reading = kettle;
	reading.has_current = false;
	assert_int_equal(take(outlet, &reading), VOLTAGE | CURRENT | JSON);
	assert_false(outlet->now.has_apparent_power || outlet->now.has_power_factor);
	reading = kettle;
	reading.has_power = false;
	assert_int_equal(take(outlet, &reading), POWER | CURRENT | APPARENT | JSON);
	assert_true(outlet->now.has_apparent_power);
	assert_false(outlet->now.has_power_factor);
}

/* Small moves add up: they are measured from what was published, not from the reading before. */
static void outlet_measures_a_drift_from_what_was_published(void **state)
{
	struct plug_realtime reading = { .has_power = true, .power_mw = 10000 };

	assert_int_equal(take(*state, &reading), ALL_READINGS);
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
		POWER | VOLTAGE | CURRENT | APPARENT | FACTOR | JSON);
	assert_int_equal(outlet_take_reading(*state, &reading, &none), NOTHING);
	reading.power_mw++;
	assert_int_equal(outlet_take_reading(*state, &reading, &none), POWER | JSON);
}

static void outlet_takes_its_counter_from_its_account(void **state)
{
	struct outlet *outlet = *state;
	struct energy_told told = { .has_energy = true, .energy_wh = 1000 };

	take(outlet, &kettle);
	assert_false(outlet->now.has_energy);
	assert_int_equal(take_energy(outlet, told), ENERGY | JSON);
	assert_int_equal(take_energy(outlet, told), NOTHING);
	told.energy_wh = 1001;
	assert_int_equal(take_energy(outlet, told), ENERGY | JSON);
	assert_int_equal(outlet->now.energy_wh, 1001);
	told.has_energy = false;
	assert_int_equal(take_energy(outlet, told), ENERGY | JSON);
	assert_int_equal(take_energy(outlet, told), NOTHING);
}

static void outlet_quantity_that_disappears_is_cleared(void **state)
{
	struct outlet *outlet = *state;
	struct plug_realtime reading = kettle;

	take(outlet, &kettle);
	reading.has_current = false;
	assert_int_equal(take(outlet, &reading), CURRENT | APPARENT | FACTOR | JSON);
	assert_false(outlet->now.has_current);
	assert_int_equal(take(outlet, &reading), NOTHING);
	/* It comes back just as it was. */
	assert_int_equal(take(outlet, &kettle), CURRENT | APPARENT | FACTOR | JSON);
	assert_true(outlet->now.has_current);
}

static void outlet_reading_that_fails_takes_every_quantity_away(void **state)
{
	static const struct plug_realtime nothing;
	struct outlet *outlet = *state;

	take(outlet, &kettle);
	assert_int_equal(take(outlet, &nothing), ALL_READINGS);
	assert_false(outlet->now.has_power || outlet->now.has_voltage || outlet->now.has_current);
	assert_int_equal(take(outlet, &kettle), ALL_READINGS);
}

static void outlet_takes_the_energy_of_today(void **state)
{
	struct outlet *outlet = *state;
	struct energy_told told = { .has_today = true };

	assert_int_equal(take_energy(outlet, told), TODAY | JSON);
	assert_int_equal(take_energy(outlet, told), NOTHING);
	told.today_wh = 12;
	assert_int_equal(take_energy(outlet, told), TODAY | JSON);
	/* Midnight: today's counter, unlike the other, starts again. */
	told.today_wh = 0;
	assert_int_equal(take_energy(outlet, told), TODAY | JSON);
	told.has_today = false;
	assert_int_equal(take_energy(outlet, told), TODAY | JSON);
	assert_false(outlet->now.has_energy_today);
	assert_int_equal(take_energy(outlet, told), NOTHING);
	told.has_today = true;
	assert_int_equal(take_energy(outlet, told) & JSON, JSON);
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
	take_energy(outlet, (struct energy_told) { .has_energy = true });
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
	take_energy(outlet, (struct energy_told) { true, true, 16323, 7 });
	outlet_forget_readings(outlet);
	assert_false(outlet->now.has_power || outlet->now.has_voltage || outlet->now.has_current);
	assert_false(outlet->now.has_energy_today || outlet->now.has_rssi);
	assert_true(outlet->now.has_energy);
	assert_int_equal(outlet->now.energy_wh, 16323);
	assert_true(outlet->has_state);
}

/* They may still be known to the broker from before this run. */
static void counter_that_is_not_known_yet_is_not_cleared(void **state)
{
	struct outlet *outlet = *state;

	assert_int_equal(take_energy(outlet, (struct energy_told) { 0 }), NOTHING);
	assert_false(outlet_is_to_clear(outlet, LEAF_ENERGY));
	assert_false(outlet_is_to_clear(outlet, LEAF_ENERGY_TODAY));
}

static void outlet_without_a_meter_clears_what_one_left_once(void **state)
{
	struct outlet *outlet = *state;
	const struct plug_outlet_info info = { .alias = "" };

	box.has_meter = false;
	assert_int_equal(take_info(outlet, &info) & LEAVES_METER, LEAVES_METER);
	assert_int_equal(take_info(outlet, &info), NOTHING);
	/* The same device comes back. */
	outlet_forget_readings(outlet);
	assert_int_equal(take_info(outlet, &info) & LEAVES_METER, NOTHING);
}

static void outlet_clears_nothing_while_offline_or_before_it_was_asked(void **state)
{
	struct outlet *outlet = *state;
	const struct plug_outlet_info info = { .alias = "" };
	struct plug_realtime reading = kettle;

	take_info(outlet, &info);
	assert_false(outlet_is_to_clear(outlet, LEAF_POWER));
	reading.has_power = false;
	(void)outlet_take_reading(outlet, &reading, &steps);
	assert_true(outlet_is_to_clear(outlet, LEAF_POWER));
	box.is_online = false;
	assert_false(outlet_is_to_clear(outlet, LEAF_POWER));
	outlet_forget_readings(outlet);
	/* Whoever comes back is asked again. */
	box.is_online = true;
	assert_false(outlet_is_to_clear(outlet, LEAF_POWER));
}

static void light_that_became_a_plug_clears_its_brightness(void **state)
{
	struct outlet *outlet = *state;
	const struct plug_outlet_info info = { .alias = "" };

	box.brightness = 40;
	assert_true(take_info(outlet, &info) & BRIGHTNESS);
	assert_false(outlet_is_to_clear(outlet, LEAF_BRIGHTNESS));
	box.brightness = 0;
	assert_int_equal(outlet_take_info(outlet, &info, &steps), BRIGHTNESS | JSON);
	assert_true(outlet_is_to_clear(outlet, LEAF_BRIGHTNESS));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(outlet_is_called_by_its_name_until_it_is_renamed),
		TEST(outlet_publishes_a_state_that_is_new),
		TEST(outlet_takes_what_sysinfo_says_of_it),
		TEST(outlet_publishes_rssi_by_its_step),
		TEST(outlet_without_rssi_clears_its_topic_once),
		TEST(outlet_publishes_readings_by_their_steps),
		TEST(outlet_tells_apparent_power_and_its_factor),
		TEST(outlet_without_voltage_or_current_has_no_apparent_power),
		TEST(outlet_measures_a_drift_from_what_was_published),
		TEST(outlet_with_steps_of_zero_publishes_changes_only),
		TEST(outlet_takes_its_counter_from_its_account),
		TEST(outlet_quantity_that_disappears_is_cleared),
		TEST(outlet_reading_that_fails_takes_every_quantity_away),
		TEST(outlet_takes_the_energy_of_today),
		TEST(outlet_publishes_all_readings_at_each_heartbeat),
		TEST(heartbeat_leaves_state_and_availability_alone),
		TEST(outlet_has_no_readings_while_offline),
		TEST(outlet_forgets_what_a_device_measured_before_it_went_offline),
		TEST(counter_that_is_not_known_yet_is_not_cleared),
		TEST(outlet_without_a_meter_clears_what_one_left_once),
		TEST(outlet_clears_nothing_while_offline_or_before_it_was_asked),
		TEST(light_that_became_a_plug_clears_its_brightness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

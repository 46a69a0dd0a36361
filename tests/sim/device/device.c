#include "tests/sim/device/device.h"

#include "tests/sim/device/calendar.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/device/seed.h"

#include <stdlib.h>
#include <string.h>

/* Which number of a device's row is what. Outlets take FIRST_OUTLET + n. */
enum { SEED_ID, SEED_RSSI, SEED_VOLTAGE, SEED_FACTOR, SEED_NOISE, SEED_FIRST_OUTLET = 16 };

enum {
	RSSI_MIN_DBM = -75,
	RSSI_MAX_DBM = -38,
	VOLTAGE_SPREAD_MV = 2000,
	FACTOR_MIN_PERCENT = 55,
	FACTOR_MAX_PERCENT = 98,
	POWER_NOISE_PER_MILLE = 10,
	VOLTAGE_NOISE_PER_MILLE = 3,
	NOISE_STEP_MS = 1000,
	FACTORY_BRIGHTNESS_PERCENT = 80,
	CENTRAL_EUROPE = 42,
	ID_DIGITS = 40,
};

/* A plug that lost its clock begins here. */
static const int64_t LOST_CLOCK_MS = 946684800000; /* 2000-01-01 */

static uint64_t seed_of(const uint8_t mac[static SIM_MAC_BYTES])
{
	uint64_t seed = 0;

	for (size_t i = 0; i < SIM_MAC_BYTES; i++) {
		seed = seed << 8 | mac[i];
	}
	return seed;
}

static void reset_outlet(struct sim_device *device, size_t index, int64_t now_ms)
{
	struct sim_outlet *outlet = &device->outlets[index];

	free(outlet->alias);
	outlet->alias = NULL;
	sim_rules_free(outlet->rules);
	outlet->rules = NULL;
	outlet->is_on = false;
	outlet->since_ms = now_ms;
}

/* What a factory reset leaves: no names, no rules, everything off. */
static void reset(struct sim_device *device, int64_t now_ms)
{
	free(device->alias);
	device->alias = NULL;
	device->is_led_off = false;
	device->is_reset_due = false;
	device->brightness_percent = FACTORY_BRIGHTNESS_PERCENT;
	for (size_t i = 0; i < device->model->outlet_count; i++) {
		reset_outlet(device, i, now_ms);
		sim_meter_erase(&device->outlets[i].meter);
	}
}

static void init_outlet(struct sim_device *device, size_t index, int64_t now_ms)
{
	const struct sim_model *model = device->model;
	struct sim_outlet *outlet = &device->outlets[index];
	const uint64_t seed = sim_seed_number(device->seed, SEED_FIRST_OUTLET + index);

	outlet->power_mw =
		(uint32_t)sim_seed_between(seed, 0, model->power_min_mw, model->power_max_mw);
	sim_meter_init(&outlet->meter, seed, outlet->power_mw);
	sim_meter_start(&outlet->meter, now_ms, sim_day_of_ms(sim_device_local_ms(device, now_ms)));
	reset_outlet(device, index, now_ms);
}

struct sim_device *sim_device_new(const struct sim_identity *identity, int64_t now_ms)
{
	const struct sim_model *model = identity->model;
	struct sim_device *device =
		sim_allocate(sizeof *device + model->outlet_count * sizeof device->outlets[0]);

	device->model = model;
	device->alias = identity->alias ? sim_duplicate(identity->alias) : NULL;
	memcpy(device->mac, identity->mac, SIM_MAC_BYTES);
	device->seed = seed_of(identity->mac);
	device->has_noise = identity->has_noise;
	device->has_internet = true;
	device->is_clock_set = true;
	device->zone = CENTRAL_EUROPE;
	device->local_offset_ms = identity->local_offset_ms;
	device->true_offset_ms = identity->local_offset_ms;
	device->leaves_ms = INT64_MAX;
	device->boot_ms = SIM_BOOT_MS;
	device->brightness_percent = FACTORY_BRIGHTNESS_PERCENT;
	device->rssi_dbm =
		(int16_t)sim_seed_between(device->seed, SEED_RSSI, RSSI_MIN_DBM, RSSI_MAX_DBM);
	device->voltage_mv =
		(uint32_t)(model->voltage_mv + sim_seed_between(device->seed, SEED_VOLTAGE,
						       -VOLTAGE_SPREAD_MV, VOLTAGE_SPREAD_MV));
	for (size_t i = 0; i < model->outlet_count; i++) {
		init_outlet(device, i, now_ms);
	}
	return device;
}

void sim_device_free(struct sim_device *device)
{
	for (size_t i = 0; device && i < device->model->outlet_count; i++) {
		free(device->outlets[i].alias);
		sim_rules_free(device->outlets[i].rules);
		sim_meter_clear(&device->outlets[i].meter);
	}
	if (device) {
		free(device->alias);
	}
	free(device);
}

int64_t sim_device_local_ms(const struct sim_device *device, int64_t now_ms)
{
	return now_ms + device->local_offset_ms;
}

/* What an outlet draws at this moment, without noise. */
static uint32_t drawn_mw(const struct sim_device *device, const struct sim_outlet *outlet)
{
	if (!outlet->is_on || device->presence == SIM_UNPLUGGED) {
		return 0;
	}
	if (device->model->abilities & (SIM_CAN_DIM | SIM_IS_BULB)) {
		return (uint32_t)((uint64_t)outlet->power_mw * device->brightness_percent / 100);
	}
	return outlet->power_mw;
}

static void run_meters(struct sim_device *device, int64_t now_ms)
{
	for (size_t i = 0; i < device->model->outlet_count; i++) {
		sim_meter_run(&device->outlets[i].meter, now_ms,
			drawn_mw(device, &device->outlets[i]), device->local_offset_ms);
	}
}

void sim_device_switch(struct sim_device *device, size_t outlet, bool is_on, struct sim_step *step)
{
	struct sim_outlet *place = &device->outlets[outlet];

	if (place->is_on != is_on) {
		place->is_on = is_on;
		place->since_ms = step->now_ms;
		device->counters.relay_moves++;
		step->moved |= 1U << outlet;
	}
}

static void end_countdowns(struct sim_device *device, struct sim_step *step)
{
	for (size_t i = 0; i < device->model->outlet_count; i++) {
		struct sim_rules *rules = device->outlets[i].rules;
		struct sim_step then = { .now_ms = sim_rules_due_ms(rules) };

		if (then.now_ms <= step->now_ms) {
			run_meters(device, then.now_ms);
			sim_device_switch(device, i, sim_rules_take_due(rules), &then);
			step->moved |= then.moved;
		}
	}
}

/* Power is back: relays are where they were, times begin anew. */
static void boot(struct sim_device *device, struct sim_step *step)
{
	device->presence = SIM_PRESENT;
	step->has_presence = true;
	for (size_t i = 0; i < device->model->outlet_count; i++) {
		device->outlets[i].since_ms = step->now_ms;
	}
	if (!device->has_internet) {
		sim_device_lose_clock(device, step->now_ms);
	}
}

static void leave(struct sim_device *device, struct sim_step *step)
{
	const int64_t left_ms = device->leaves_ms;

	device->leaves_ms = INT64_MAX;
	device->returns_ms = left_ms + device->boot_ms;
	step->has_presence = true;
	if (device->is_reset_due) {
		reset(device, left_ms);
		device->presence = SIM_UNPLUGGED;
	} else {
		device->presence = SIM_REBOOTING;
	}
}

void sim_device_advance(struct sim_device *device, struct sim_step *step)
{
	if (device->presence != SIM_UNPLUGGED) {
		end_countdowns(device, step);
	}
	run_meters(device, step->now_ms);
	if (device->presence == SIM_PRESENT && device->leaves_ms <= step->now_ms) {
		leave(device, step);
	}
	if (device->presence == SIM_REBOOTING && device->returns_ms <= step->now_ms) {
		boot(device, step);
	}
}

int64_t sim_device_due_ms(const struct sim_device *device)
{
	int64_t due_ms = device->presence == SIM_PRESENT ? device->leaves_ms : INT64_MAX;

	if (device->presence == SIM_UNPLUGGED) {
		return INT64_MAX;
	}
	if (device->presence == SIM_REBOOTING) {
		due_ms = device->returns_ms;
	}
	for (size_t i = 0; i < device->model->outlet_count; i++) {
		const int64_t countdown_ms = sim_rules_due_ms(device->outlets[i].rules);

		due_ms = countdown_ms < due_ms ? countdown_ms : due_ms;
	}
	return due_ms;
}

void sim_device_reboot(struct sim_device *device, int64_t now_ms, int64_t delay_ms, bool is_reset)
{
	device->leaves_ms = now_ms + delay_ms;
	device->is_reset_due = is_reset;
}

static void pull(struct sim_device *device, struct sim_step *step)
{
	device->presence = SIM_UNPLUGGED;
	device->leaves_ms = INT64_MAX;
	step->has_presence = true;
	for (size_t i = 0; i < device->model->outlet_count; i++) {
		if (device->outlets[i].rules) {
			sim_rules_delete_all(device->outlets[i].rules, SIM_COUNTDOWN);
		}
	}
}

void sim_device_plug(struct sim_device *device, bool is_plugged, struct sim_step *step)
{
	if (!is_plugged && device->presence != SIM_UNPLUGGED) {
		pull(device, step);
	} else if (is_plugged && device->presence == SIM_UNPLUGGED) {
		boot(device, step);
	}
}

static void set_offset(struct sim_device *device, int64_t offset_ms, int64_t now_ms)
{
	device->local_offset_ms = offset_ms;
	for (size_t i = 0; i < device->model->outlet_count; i++) {
		sim_meter_set_today(&device->outlets[i].meter, sim_day_of_ms(now_ms + offset_ms));
	}
}

void sim_device_set_clock(struct sim_device *device, int64_t local_ms, int64_t now_ms)
{
	device->is_clock_set = true;
	set_offset(device, local_ms - now_ms, now_ms);
}

void sim_device_lose_clock(struct sim_device *device, int64_t now_ms)
{
	device->is_clock_set = false;
	set_offset(device, LOST_CLOCK_MS - now_ms, now_ms);
}

void sim_device_correct_clock(struct sim_device *device, int64_t now_ms)
{
	device->is_clock_set = true;
	set_offset(device, device->true_offset_ms, now_ms);
}

/* value, a little off when the device has noise; another little each second. */
static int64_t with_noise(
	const struct sim_device *device, int64_t value, int64_t per_mille, uint64_t moment)
{
	const int64_t range = value * per_mille / 1000;

	if (!device->has_noise) {
		return value;
	}
	return value + sim_seed_between(device->seed + SEED_NOISE, moment, -range, range);
}

struct sim_reading sim_device_read(const struct sim_device *device, size_t outlet, int64_t now_ms)
{
	const struct sim_outlet *place = &device->outlets[outlet];
	const uint64_t moment = (uint64_t)(now_ms / NOISE_STEP_MS) * (SIM_OUTLETS_MAX + 1);
	const int64_t factor_percent = sim_seed_between(
		place->meter.seed, SEED_FACTOR, FACTOR_MIN_PERCENT, FACTOR_MAX_PERCENT);
	struct sim_reading reading = {
		.voltage_uv = with_noise(device, (int64_t)device->voltage_mv * 1000,
			VOLTAGE_NOISE_PER_MILLE, moment),
		.power_uw = with_noise(device, (int64_t)drawn_mw(device, place) * 1000,
			POWER_NOISE_PER_MILLE, moment + 1 + outlet),
		.total_wh = (int64_t)sim_meter_total_wh(&place->meter),
	};

	if (device->has_current && reading.power_uw > 0) {
		reading.current_ua = (int64_t)device->current_ma * 1000;
	} else if (device->voltage_mv > 0) {
		reading.current_ua =
			reading.power_uw * 1000 / device->voltage_mv * 100 / factor_percent;
	}
	return reading;
}

int64_t sim_device_on_time_s(const struct sim_device *device, size_t outlet, int64_t now_ms)
{
	const struct sim_outlet *place = &device->outlets[outlet];

	return place->is_on ? (now_ms - place->since_ms) / 1000 : 0;
}

void sim_device_add_id(const struct sim_device *device, struct sim_text *out)
{
	sim_seed_add_hex(out, sim_seed_number(device->seed, SEED_ID), ID_DIGITS);
}

void sim_device_add_child_id(const struct sim_device *device, size_t outlet, struct sim_text *out)
{
	sim_device_add_id(device, out);
	sim_text_add(out, "0");
	sim_text_add_int(out, (int64_t)outlet);
}

void sim_device_add_mac(
	const struct sim_device *device, const char *separator, struct sim_text *out)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < SIM_MAC_BYTES; i++) {
		const char digits[] = { hex[device->mac[i] >> 4], hex[device->mac[i] & 15] };

		sim_text_add(out, i > 0 ? separator : "");
		sim_text_add_bytes(out, digits, sizeof digits);
	}
}

/* The factory's alias ends with the end of the MAC. */
static void add_factory_alias(const struct sim_device *device, struct sim_text *out)
{
	static const char hex[] = "0123456789ABCDEF";

	sim_text_add(out, device->model->alias_stem);
	for (size_t i = SIM_MAC_BYTES - 2; i < SIM_MAC_BYTES; i++) {
		const char digits[] = { hex[device->mac[i] >> 4], hex[device->mac[i] & 15] };

		sim_text_add_bytes(out, digits, sizeof digits);
	}
}

void sim_device_add_alias(const struct sim_device *device, struct sim_text *out)
{
	if (device->alias) {
		sim_text_add_quoted(out, device->alias);
	} else {
		sim_text_add(out, "\"");
		add_factory_alias(device, out);
		sim_text_add(out, "\"");
	}
}

void sim_device_add_outlet_alias(
	const struct sim_device *device, size_t outlet, struct sim_text *out)
{
	if (device->outlets[outlet].alias) {
		sim_text_add_quoted(out, device->outlets[outlet].alias);
	} else {
		sim_text_add(out, "\"Plug ");
		sim_text_add_int(out, (int64_t)outlet + 1);
		sim_text_add(out, "\"");
	}
}

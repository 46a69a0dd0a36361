#include "tests/sim/device/device.h"

#include "protocol/json.h"
#include "tests/sim/device/calendar.h"
#include "tests/sim/device/light.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/device/seed.h"

#include <stdlib.h>
#include <string.h>

/* Which number of a device's row is what; 0 makes its id. Outlets take FIRST_OUTLET + n. */
enum { SEED_RSSI = 1, SEED_VOLTAGE, SEED_FACTOR, SEED_NOISE, SEED_FIRST_OUTLET = 16 };

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
	FACTORY_ZONE = 6, /* the Pacific coast of America */
	FACTORY_KELVIN = 2700,
	FACTORY_VGAIN = 13398,
	FACTORY_IGAIN = 16712,
	/* Drawn while on, it makes a minute of usage look like a watt hour of energy. */
	USAGE_MW = 60000,
	WPA2 = 3,
};

/* A museum that does not exist, in the middle of Germany. */
enum { LATITUDE_UDEG = 51163300, LONGITUDE_UDEG = 10447700 };

static const char HOUSE_SSID[] = "Museum-Plugs";
static const char HOUSE_ACCOUNT[] = "curator@museum.example";

static const struct sim_dimming factory_dimming = {
	.fade_on = 1000,
	.fade_off = 1000,
	.gentle_on = 3000,
	.gentle_off = 10000,
	.ramp_rate = 30,
	.double_click = { .mode = "gentle_on_off", .preset = -1 },
	.long_press = { .mode = "instant_on_off", .preset = -1 },
};

/* What rules tell: 0 is off. */
enum { ACT_ON = 1, ACT_LIGHT = 2 };

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

static void forget(char **text)
{
	free(*text);
	*text = NULL;
}

static void reset_light(struct sim_device *device)
{
	device->brightness_percent = FACTORY_BRIGHTNESS_PERCENT;
	device->hue = 0;
	device->saturation = 0;
	device->kelvin = FACTORY_KELVIN;
	device->dimming = factory_dimming;
}

/* What a factory reset leaves: no names, no rules, no network, everything off. MAC, ids and
 * calibration stay. */
static void reset(struct sim_device *device, int64_t now_ms)
{
	forget(&device->alias);
	forget(&device->icon);
	forget(&device->icon_hash);
	forget(&device->ssid);
	forget(&device->next_ssid);
	sim_account_clear(&device->account);
	device->firmware = (struct sim_firmware) { 0 };
	device->is_led_off = false;
	device->is_reset_due = false;
	device->is_test_mode = false;
	device->has_location = false;
	device->zone = FACTORY_ZONE;
	reset_light(device);
	for (size_t i = 0; i < device->model->outlet_count; i++) {
		reset_outlet(device, i, now_ms);
		sim_meter_erase(&device->outlets[i].meter);
		sim_meter_erase(&device->outlets[i].usage);
	}
}

static void init_outlet(struct sim_device *device, size_t index, int64_t now_ms)
{
	const struct sim_model *model = device->model;
	struct sim_outlet *outlet = &device->outlets[index];
	const uint64_t seed = sim_seed_number(device->seed, SEED_FIRST_OUTLET + index);
	const int32_t today = sim_day_of_ms(sim_device_local_ms(device, now_ms));

	outlet->power_mw =
		(uint32_t)sim_seed_between(seed, 0, model->power_min_mw, model->power_max_mw);
	outlet->vgain = FACTORY_VGAIN;
	outlet->igain = FACTORY_IGAIN;
	sim_meter_init(&outlet->meter, seed, outlet->power_mw);
	sim_meter_start(&outlet->meter, now_ms, today);
	/* The same seed: days that used much were days that ran long. */
	sim_meter_init(&outlet->usage, seed, USAGE_MW);
	sim_meter_start(&outlet->usage, now_ms, today);
	reset_outlet(device, index, now_ms);
}

/* As somebody left it who set it up. */
static void set_up(struct sim_device *device, const struct sim_identity *identity)
{
	device->alias = identity->alias ? sim_duplicate(identity->alias) : NULL;
	device->ssid = sim_duplicate(HOUSE_SSID);
	device->key_type = WPA2;
	device->account.username = sim_duplicate(HOUSE_ACCOUNT);
	device->has_location = true;
	device->latitude_udeg = LATITUDE_UDEG;
	device->longitude_udeg = LONGITUDE_UDEG;
	device->has_internet = true;
	device->is_clock_set = true;
	device->zone = CENTRAL_EUROPE;
	device->local_offset_ms = identity->local_offset_ms;
	device->true_offset_ms = identity->local_offset_ms;
}

struct sim_device *sim_device_new(const struct sim_identity *identity, int64_t now_ms)
{
	const struct sim_model *model = identity->model;
	struct sim_device *device =
		sim_allocate(sizeof *device + model->outlet_count * sizeof device->outlets[0]);

	device->model = model;
	memcpy(device->mac, identity->mac, SIM_MAC_BYTES);
	device->seed = seed_of(identity->mac);
	device->has_noise = identity->has_noise;
	set_up(device, identity);
	reset_light(device);
	device->leaves_ms = INT64_MAX;
	device->boot_ms = SIM_BOOT_MS;
	device->scan_ms = SIM_SCAN_MS;
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

static void free_outlet(struct sim_outlet *outlet)
{
	free(outlet->alias);
	sim_rules_free(outlet->rules);
	sim_meter_clear(&outlet->meter);
	sim_meter_clear(&outlet->usage);
}

void sim_device_free(struct sim_device *device)
{
	if (!device) {
		return;
	}
	for (size_t i = 0; i < device->model->outlet_count; i++) {
		free_outlet(&device->outlets[i]);
	}
	free(device->alias);
	free(device->id);
	free(device->hardware_id);
	free(device->icon);
	free(device->icon_hash);
	free(device->ssid);
	free(device->next_ssid);
	sim_account_clear(&device->account);
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
	const bool is_powered = device->presence != SIM_UNPLUGGED;

	for (size_t i = 0; i < device->model->outlet_count; i++) {
		struct sim_outlet *outlet = &device->outlets[i];

		sim_meter_run(
			&outlet->meter, now_ms, drawn_mw(device, outlet), device->local_offset_ms);
		sim_meter_run(&outlet->usage, now_ms, outlet->is_on && is_powered ? USAGE_MW : 0,
			device->local_offset_ms);
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

struct sim_moment sim_device_moment(const struct sim_device *device, int64_t now_ms)
{
	const double udeg = 1000000;

	return (struct sim_moment) {
		.now_ms = now_ms,
		.local_offset_ms = device->local_offset_ms,
		.is_clock_set = device->is_clock_set,
		.has_location = device->has_location,
		.latitude = device->latitude_udeg / udeg,
		.longitude = device->longitude_udeg / udeg,
	};
}

void sim_device_plan(struct sim_device *device, int64_t now_ms)
{
	const struct sim_moment moment = sim_device_moment(device, now_ms);

	for (size_t i = 0; i < device->model->outlet_count; i++) {
		if (device->outlets[i].rules) {
			sim_rules_plan(device->outlets[i].rules, &moment);
		}
	}
}

bool sim_device_next(const struct sim_device *device, size_t outlet, struct sim_next *next)
{
	return sim_rules_next(device->outlets[outlet].rules, next);
}

const char *sim_device_mode(const struct sim_device *device, size_t outlet)
{
	const struct sim_rules *rules = device->outlets[outlet].rules;

	if (sim_rules_are_active(rules, SIM_COUNTDOWN)) {
		return "count_down";
	}
	return sim_rules_are_active(rules, SIM_SCHEDULE) ? "schedule" : "none";
}

/* What a rule says of the light it wants, and what it calls it. */
static struct json_object *light_of(const struct sim_device *device, const struct sim_next *next)
{
	static const char *const keys[2][2] = { { "s_light", "e_light" },
		{ "s_dimmer", "e_dimmer" } };
	struct json_object *light = NULL;

	if (next->action >= ACT_LIGHT && device->model->abilities & (SIM_IS_BULB | SIM_CAN_DIM)) {
		plug_json_object(next->rule, keys[next->action - ACT_LIGHT][next->is_end], &light);
	}
	return light;
}

/* A rule that wants a light of a device that has none leaves it as it is. */
static void act(struct sim_device *device, size_t outlet, struct sim_step *step)
{
	struct sim_rules *rules = device->outlets[outlet].rules;
	struct json_object *light = NULL;
	struct sim_next next;

	sim_rules_next(rules, &next);
	light = light_of(device, &next);
	if (light) {
		sim_light_apply(device, light, step);
	} else if (next.action < ACT_LIGHT) {
		sim_device_switch(device, outlet, next.action == ACT_ON, step);
	}
	if (next.kind == SIM_COUNTDOWN) {
		sim_rules_end_countdown(rules);
	}
	sim_device_plan(device, step->now_ms);
}

/* Rules that are due at the moment of the step. */
static void act_all(struct sim_device *device, struct sim_step *step)
{
	for (size_t i = 0; i < device->model->outlet_count; i++) {
		while (sim_rules_due_ms(device->outlets[i].rules) <= step->now_ms) {
			act(device, i, step);
		}
	}
}

bool sim_device_is_online(const struct sim_device *device)
{
	return device->has_internet && device->ssid;
}

bool sim_device_has_xor(const struct sim_device *device)
{
	const unsigned abilities = device->model->abilities;

	return !(abilities & SIM_SPEAKS_TDP) || (device->has_xor && !(abilities & SIM_IS_SMART));
}

/* Back from another network, or from nowhere. */
static void arrive(struct sim_device *device)
{
	if (device->next_ssid) {
		free(device->ssid);
		device->ssid = device->next_ssid[0] ? device->next_ssid : NULL;
		if (!device->ssid) {
			free(device->next_ssid);
		}
		device->next_ssid = NULL;
	}
}

/* Power is back: relays are where they were, times begin anew. */
static void boot(struct sim_device *device, struct sim_step *step)
{
	device->presence = SIM_PRESENT;
	step->has_presence = true;
	arrive(device);
	device->firmware = (struct sim_firmware) { 0 };
	for (size_t i = 0; i < device->model->outlet_count; i++) {
		device->outlets[i].since_ms = step->now_ms;
		if (device->is_forgetful) {
			sim_meter_set_total_wh(&device->outlets[i].meter, 0);
		}
	}
	if (!sim_device_is_online(device)) {
		sim_device_lose_clock(device, step->now_ms);
	} else if (!device->is_clock_set) {
		sim_device_correct_clock(device, step->now_ms);
	}
	sim_device_plan(device, step->now_ms);
}

static void leave(struct sim_device *device, struct sim_step *step)
{
	device->leaves_ms = INT64_MAX;
	device->returns_ms = step->now_ms + device->boot_ms;
	step->has_presence = true;
	if (device->is_reset_due) {
		reset(device, step->now_ms);
		device->presence = SIM_UNPLUGGED;
	} else {
		device->presence = SIM_REBOOTING;
	}
}

/* What happens at the moment of the step. */
static void happen(struct sim_device *device, struct sim_step *step)
{
	act_all(device, step);
	if (device->presence == SIM_PRESENT && device->leaves_ms <= step->now_ms) {
		leave(device, step);
	} else if (device->presence == SIM_REBOOTING && device->returns_ms <= step->now_ms) {
		boot(device, step);
	}
}

void sim_device_advance(struct sim_device *device, struct sim_step *step)
{
	int64_t due_ms = sim_device_due_ms(device);

	while (due_ms <= step->now_ms) {
		struct sim_step then = { .now_ms = due_ms };

		run_meters(device, due_ms);
		happen(device, &then);
		step->moved |= then.moved;
		step->has_presence = step->has_presence || then.has_presence;
		due_ms = sim_device_due_ms(device);
	}
	run_meters(device, step->now_ms);
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
		const int64_t rules_ms = sim_rules_due_ms(device->outlets[i].rules);

		due_ms = rules_ms < due_ms ? rules_ms : due_ms;
	}
	return due_ms;
}

void sim_device_reboot(struct sim_device *device, int64_t now_ms, int64_t delay_ms, bool is_reset)
{
	device->leaves_ms = now_ms + delay_ms;
	device->is_reset_due = is_reset;
}

void sim_device_join(struct sim_device *device, const char *ssid, bool is_known, int64_t now_ms)
{
	sim_replace(&device->next_ssid, is_known ? ssid : "");
	sim_device_reboot(device, now_ms, SIM_SPOKEN_MS, false);
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
		sim_meter_set_today(&device->outlets[i].usage, sim_day_of_ms(now_ms + offset_ms));
	}
	sim_device_plan(device, now_ms);
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

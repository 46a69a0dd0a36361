#include "tests/sim/control/state.h"

#include "protocol/json.h"
#include "protocol/mac.h"
#include "tests/sim/device/calendar.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/device/names.h"
#include "tests/sim/net/connection.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ENERGY_MAX_WH = 2000000000,
	VOLTAGE_MAX_MV = 1000000,
	CURRENT_MAX_MA = 1000000,
	DELAY_MAX_MS = 3600000,
};

/* Clocks that are not a date. */
enum { CLOCK_RIGHT = -1, CLOCK_LOST = -2 };

enum type { TYPE_INT, TYPE_FLAG, TYPE_TEXT, TYPE_CLOCK, TYPE_MAC };

/* One setting on its way into one device. */
struct change {
	struct sim_device *device;
	const struct sim_setting *setting;
	const struct sim_settings *all;
	struct sim_step *step;
};

struct sim_property {
	const char *name;
	enum type type;
	int64_t min, max;
	void (*apply)(const struct change *change);
};

static bool is_meant(const struct change *change, size_t outlet)
{
	return !change->all->has_outlet || change->all->outlet == outlet;
}

static void set_relay(const struct change *change)
{
	for (size_t i = 0; i < change->device->model->outlet_count; i++) {
		if (is_meant(change, i)) {
			sim_device_switch(
				change->device, i, change->setting->number != 0, change->step);
		}
	}
}

static void set_power(const struct change *change)
{
	for (size_t i = 0; i < change->device->model->outlet_count; i++) {
		if (is_meant(change, i)) {
			change->device->outlets[i].power_mw = (uint32_t)change->setting->number;
		}
	}
}

static void set_energy(const struct change *change)
{
	for (size_t i = 0; i < change->device->model->outlet_count; i++) {
		if (is_meant(change, i)) {
			sim_meter_set_total_wh(&change->device->outlets[i].meter,
				(uint64_t)change->setting->number);
		}
	}
}

static void set_alias(const struct change *change)
{
	sim_replace(change->all->has_outlet ? &change->device->outlets[change->all->outlet].alias
					    : &change->device->alias,
		change->setting->text);
}

static void set_voltage(const struct change *change)
{
	change->device->voltage_mv = (uint32_t)change->setting->number;
}

/* -1: what power and voltage make of it. */
static void set_current(const struct change *change)
{
	change->device->has_current = change->setting->number >= 0;
	change->device->current_ma =
		change->device->has_current ? (uint32_t)change->setting->number : 0;
}

static void set_rssi(const struct change *change)
{
	change->device->rssi_dbm = (int16_t)change->setting->number;
}

static void set_brightness(const struct change *change)
{
	change->device->brightness_percent = (uint8_t)change->setting->number;
}

static void set_led_off(const struct change *change)
{
	change->device->is_led_off = change->setting->number != 0;
}

static void set_delay(const struct change *change)
{
	change->device->delay_ms = (uint32_t)change->setting->number;
}

static void set_boot(const struct change *change)
{
	change->device->boot_ms = (uint32_t)change->setting->number;
}

static void set_internet(const struct change *change)
{
	change->device->has_internet = change->setting->number != 0;
}

static void set_scan(const struct change *change)
{
	change->device->scan_ms = (uint32_t)change->setting->number;
}

static void set_xor(const struct change *change)
{
	change->device->has_xor = change->setting->number != 0;
}

static void set_forgetful(const struct change *change)
{
	change->device->is_forgetful = change->setting->number != 0;
}

static void set_clock(const struct change *change)
{
	if (change->setting->number == CLOCK_RIGHT) {
		sim_device_correct_clock(change->device, change->step->now_ms);
	} else if (change->setting->number == CLOCK_LOST) {
		sim_device_lose_clock(change->device, change->step->now_ms);
	} else {
		sim_device_set_clock(change->device, change->setting->number, change->step->now_ms);
	}
}

static void set_mac(const struct change *change)
{
	(void)plug_mac_parse(change->setting->text, change->device->mac);
}

static const struct sim_property properties[] = {
	{ "relay", TYPE_FLAG, 0, 1, set_relay },
	{ "power_mw", TYPE_INT, 0, SIM_POWER_MAX_MW, set_power },
	{ "energy_wh", TYPE_INT, 0, ENERGY_MAX_WH, set_energy },
	{ "alias", TYPE_TEXT, 0, SIM_ALIAS_MAX_BYTES, set_alias },
	{ "voltage_mv", TYPE_INT, 0, VOLTAGE_MAX_MV, set_voltage },
	{ "current_ma", TYPE_INT, -1, CURRENT_MAX_MA, set_current },
	{ "rssi_dbm", TYPE_INT, -128, 127, set_rssi },
	{ "brightness", TYPE_INT, 0, 100, set_brightness },
	{ "led_off", TYPE_FLAG, 0, 1, set_led_off },
	{ "delay_ms", TYPE_INT, 0, DELAY_MAX_MS, set_delay },
	{ "boot_ms", TYPE_INT, 0, DELAY_MAX_MS, set_boot },
	{ "scan_ms", TYPE_INT, 0, DELAY_MAX_MS, set_scan },
	{ "internet", TYPE_FLAG, 0, 1, set_internet },
	{ "xor", TYPE_FLAG, 0, 1, set_xor },
	{ "forgets_energy", TYPE_FLAG, 0, 1, set_forgetful },
	{ "clock", TYPE_CLOCK, 0, 0, set_clock },
	{ "mac", TYPE_MAC, 0, 0, set_mac },
};

enum { PROPERTY_COUNT = sizeof properties / sizeof properties[0] };

static const struct sim_property *find(const char *name)
{
	for (size_t i = 0; i < PROPERTY_COUNT; i++) {
		if (strcmp(properties[i].name, name) == 0) {
			return &properties[i];
		}
	}
	return NULL;
}

/* Reads the digits at place into *number. */
static void read_digits(const char *place, size_t digits, int *number)
{
	*number = 0;
	for (size_t i = 0; i < digits; i++) {
		*number = *number * 10 + (place[i] - '0');
	}
}

static bool has_form(const char *text, const char *form)
{
	size_t i = 0;

	for (; form[i] != '\0' && text[i] != '\0'; i++) {
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) {
			return false;
		}
	}
	return form[i] == text[i];
}

/* A date in the device's local time, or "right", or "lost". */
static bool read_clock(const char *text, int64_t *local_ms)
{
	struct sim_date date;

	*local_ms = strcmp(text, "right") == 0 ? CLOCK_RIGHT : CLOCK_LOST;
	if (*local_ms == CLOCK_RIGHT || strcmp(text, "lost") == 0) {
		return true;
	}
	if (!has_form(text, "0000-00-00T00:00:00")) {
		return false;
	}
	read_digits(text, 4, &date.year);
	read_digits(text + 5, 2, &date.month);
	read_digits(text + 8, 2, &date.day);
	read_digits(text + 11, 2, &date.hour);
	read_digits(text + 14, 2, &date.minute);
	read_digits(text + 17, 2, &date.second);
	if (!sim_date_is_valid(&date)) {
		return false;
	}
	*local_ms = sim_date_to_ms(&date);
	return true;
}

static bool read_flag(struct json_object *line, const char *key, int64_t *number)
{
	bool is_set = false;
	const bool is_there = plug_json_flag(line, key, &is_set);

	*number = is_set;
	return is_there;
}

static bool read_value(struct json_object *line, struct sim_setting *setting)
{
	const struct sim_property *property = setting->property;
	uint8_t mac[PLUG_MAC_BYTES];

	switch (property->type) {
	case TYPE_INT:
		return plug_json_int(
			line, property->name, property->min, property->max, &setting->number);
	case TYPE_FLAG:
		return read_flag(line, property->name, &setting->number);
	case TYPE_TEXT:
		return plug_json_string(line, property->name, &setting->text) &&
		       strlen(setting->text) <= (size_t)property->max;
	case TYPE_CLOCK:
		return plug_json_string(line, property->name, &setting->text) &&
		       read_clock(setting->text, &setting->number);
	case TYPE_MAC:
		return plug_json_string(line, property->name, &setting->text) &&
		       plug_mac_parse(setting->text, mac);
	}
	return false;
}

static bool is_among(const char *const *names, const char *name)
{
	for (; *names; names++) {
		if (strcmp(*names, name) == 0) {
			return true;
		}
	}
	return false;
}

static bool read_outlet(struct json_object *line, struct sim_settings *settings)
{
	int64_t outlet = 0;

	settings->has_outlet = plug_json_int(line, "outlet", 0, SIM_OUTLETS_MAX - 1, &outlet);
	settings->outlet = (size_t)outlet;
	return settings->has_outlet;
}

static bool read_member(struct json_object *line, const char *key, struct sim_settings *settings)
{
	struct sim_setting setting = { .property = find(key) };

	if (strcmp(key, "outlet") == 0) {
		return read_outlet(line, settings);
	}
	if (!setting.property || settings->count == SIM_SETTINGS_MAX ||
		!read_value(line, &setting)) {
		return false;
	}
	settings->list[settings->count] = setting;
	settings->count++;
	return true;
}

const char *sim_settings_read(
	struct json_object *line, const char *const *ignored, struct sim_settings *settings)
{
	*settings = (struct sim_settings) { 0 };
	json_object_object_foreach(line, key, value)
	{
		(void)value;
		if (!is_among(ignored, key) && !read_member(line, key, settings)) {
			return key;
		}
	}
	return NULL;
}

const char *sim_settings_check(const struct sim_settings *settings, const struct sim_site *site)
{
	const struct sim_model *model = site->device->model;

	if (settings->has_outlet && settings->outlet >= model->outlet_count) {
		return "no such outlet";
	}
	for (size_t i = 0; i < settings->count; i++) {
		if (settings->list[i].property->apply == set_xor &&
			(model->abilities & SIM_IS_SMART || !(model->abilities & SIM_SPEAKS_TDP))) {
			return "xor is for plugs whose newer firmware has the old protocol too";
		}
	}
	return NULL;
}

void sim_settings_apply(const struct sim_settings *settings, struct sim_site *site)
{
	struct sim_step step = { .now_ms = sim_server_now_ms(site->server) };

	sim_device_advance(site->device, &step);
	for (size_t i = 0; i < settings->count; i++) {
		const struct change change = { site->device, &settings->list[i], settings, &step };

		settings->list[i].property->apply(&change);
	}
	sim_site_settle_at_home(site, &step, SIM_BY_CONTROL);
	sim_site_refresh(site);
}

static void add_address(const struct sim_site *site, struct sim_text *out)
{
	const struct in_addr in = { .s_addr = htonl(site->address) };
	char text[INET_ADDRSTRLEN] = "";

	inet_ntop(AF_INET, &in, text, sizeof text);
	sim_text_string(out, "address", text);
	sim_text_int(out, "port", site->server->port);
}

static const char *presence_name(const struct sim_device *device)
{
	static const char *const names[] = {
		[SIM_PRESENT] = "on",
		[SIM_REBOOTING] = "rebooting",
		[SIM_UNPLUGGED] = "off",
	};

	return names[device->presence];
}

void sim_state_add_brief(const struct sim_site *site, struct sim_text *out)
{
	const struct sim_device *device = site->device;

	sim_text_int(out, "device", site->number);
	add_address(site, out);
	sim_text_string(out, "model", device->model->name);
	sim_text_key(out, "mac");
	sim_text_add(out, "\"");
	sim_device_add_mac(device, ":", out);
	sim_text_add(out, "\"");
	sim_text_key(out, "alias");
	sim_device_add_alias(device, out);
	sim_text_string(out, "power", presence_name(device));
	sim_text_key(out, "relay");
	sim_text_open(out, '[');
	for (size_t i = 0; i < device->model->outlet_count; i++) {
		sim_text_next(out);
		sim_text_add_int(out, device->outlets[i].is_on);
	}
	sim_text_close(out, ']');
}

static void add_outlet(
	const struct sim_device *device, size_t outlet, int64_t now_ms, struct sim_text *out)
{
	const struct sim_reading reading = sim_device_read(device, outlet, now_ms);

	sim_text_next(out);
	sim_text_open(out, '{');
	sim_text_int(out, "outlet", (int64_t)outlet);
	if (device->model->abilities & SIM_HAS_OUTLETS) {
		sim_text_key(out, "child_id");
		sim_text_add(out, "\"");
		sim_device_add_child_id(device, outlet, out);
		sim_text_add(out, "\"");
		sim_text_key(out, "alias");
		sim_device_add_outlet_alias(device, outlet, out);
	}
	sim_text_int(out, "relay", device->outlets[outlet].is_on);
	sim_text_int(out, "on_time_s", sim_device_on_time_s(device, outlet, now_ms));
	sim_text_int(out, "power_mw", device->outlets[outlet].power_mw);
	sim_text_int(out, "drawn_mw", reading.power_uw / 1000);
	sim_text_int(out, "current_ma", reading.current_ua / 1000);
	sim_text_int(out, "energy_wh", reading.total_wh);
	sim_text_string(out, "mode", sim_device_mode(device, outlet));
	sim_text_int(out, "vgain", device->outlets[outlet].vgain);
	sim_text_int(out, "igain", device->outlets[outlet].igain);
	sim_text_close(out, '}');
}

static void add_clock(const struct sim_device *device, int64_t now_ms, struct sim_text *out)
{
	const struct sim_date date = sim_date_from_ms(sim_device_local_ms(device, now_ms));
	char text[80];

	snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", date.year, date.month,
		date.day, date.hour, date.minute, date.second);
	sim_text_string(out, "clock", text);
	sim_text_bool(out, "clock_set", device->is_clock_set);
	sim_text_int(out, "zone", device->zone);
}

/* What was set up in it, or by the factory. */
static void add_setup(const struct sim_device *device, struct sim_text *out)
{
	sim_text_bool(out, "internet", device->has_internet);
	sim_text_bool(out, "xor", sim_device_has_xor(device));
	sim_text_bool(out, "forgets_energy", device->is_forgetful);
	sim_text_string(out, "ssid", device->ssid ? device->ssid : "");
	sim_text_string(out, "account", device->account.username ? device->account.username : "");
	sim_text_string(out, "server", sim_account_server(&device->account));
	if (device->has_location) {
		sim_text_micro(out, "latitude", device->latitude_udeg);
		sim_text_micro(out, "longitude", device->longitude_udeg);
	}
	sim_text_string(out, "icon", device->icon ? device->icon : "");
	sim_text_bool(out, "test_mode", device->is_test_mode);
}

void sim_state_add_all(struct sim_site *site, struct sim_text *out)
{
	struct sim_device *device = site->device;
	struct sim_step step = { .now_ms = sim_server_now_ms(site->server) };

	sim_device_advance(device, &step);
	sim_site_settle_at_home(site, &step, SIM_BY_ITSELF);
	sim_state_add_brief(site, out);
	sim_text_int(out, "voltage_mv", device->voltage_mv);
	sim_text_int(out, "rssi_dbm", device->rssi_dbm);
	sim_text_int(out, "brightness", device->brightness_percent);
	sim_text_int(out, "led_off", device->is_led_off);
	sim_text_int(out, "delay_ms", device->delay_ms);
	sim_text_int(out, "boot_ms", device->boot_ms);
	add_setup(device, out);
	add_clock(device, step.now_ms, out);
	sim_text_int(out, "connections", (int64_t)sim_connection_count(site));
	sim_text_key(out, "faults");
	sim_fault_list(site->faults, out);
	sim_text_key(out, "outlets");
	sim_text_open(out, '[');
	for (size_t i = 0; i < device->model->outlet_count; i++) {
		add_outlet(device, i, step.now_ms, out);
	}
	sim_text_close(out, ']');
}

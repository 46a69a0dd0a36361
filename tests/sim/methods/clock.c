#include "protocol/json.h"
#include "tests/sim/device/calendar.h"
#include "tests/sim/methods/handlers.h"

enum { ZONE_MAX = 109, FIELD_MAX = 9999 };

int sim_get_time(struct sim_call *call)
{
	const struct sim_date date =
		sim_date_from_ms(sim_device_local_ms(call->device, call->step->now_ms));

	sim_text_int(call->out, "year", date.year);
	sim_text_int(call->out, "month", date.month);
	sim_text_int(call->out, "mday", date.day);
	sim_text_int(call->out, "hour", date.hour);
	sim_text_int(call->out, "min", date.minute);
	sim_text_int(call->out, "sec", date.second);
	return SIM_OK;
}

/* The first hardware says more than the index, in words of its own. */
static const struct zone {
	const char *name;
	const char *rule;
	int16_t dst_minutes;
	uint8_t index;
} zones[] = {
	{ "(UTC-08:00) Pacific Time", "PST8PDT,M3.2.0,M11.1.0", 60, 6 },
	{ "(UTC) Coordinated Universal Time", "UTC0", 0, 38 },
	{ "(UTC) Dublin, Edinburgh, Lisbon, London", "GMT0BST,M3.5.0/1,M10.5.0", 60, 39 },
	{ "(UTC+01:00) Central Europe", "CET-1CEST,M3.5.0,M10.5.0", 60, 42 },
};

static void add_zone_text(struct sim_call *call)
{
	const struct zone *zone = NULL;

	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
		if (zones[i].index == call->device->zone) {
			zone = &zones[i];
		}
	}
	if (zone) {
		sim_text_string(call->out, "zone_str", zone->name);
		sim_text_string(call->out, "tz_str", zone->rule);
		sim_text_int(call->out, "dst_offset", zone->dst_minutes);
	}
}

int sim_get_timezone(struct sim_call *call)
{
	sim_text_int(call->out, "index", call->device->zone);
	if (call->device->model->has_zone_text) {
		add_zone_text(call);
	}
	return SIM_OK;
}

static bool read_field(struct json_object *arguments, const char *key, int *value)
{
	int64_t number = 0;
	const bool is_there = plug_json_int(arguments, key, 0, FIELD_MAX, &number);

	*value = (int)number;
	return is_there;
}

static bool read_date(struct json_object *arguments, struct sim_date *date)
{
	return read_field(arguments, "year", &date->year) &&
	       read_field(arguments, "month", &date->month) &&
	       read_field(arguments, "mday", &date->day) &&
	       read_field(arguments, "hour", &date->hour) &&
	       read_field(arguments, "min", &date->minute) &&
	       read_field(arguments, "sec", &date->second) && sim_date_is_valid(date);
}

int sim_set_time(struct sim_call *call)
{
	struct sim_date date = { 0 };

	if (!read_date(call->arguments, &date)) {
		return SIM_INVALID_ARGUMENT;
	}
	sim_device_set_clock(call->device, sim_date_to_ms(&date), call->step->now_ms);
	return SIM_OK;
}

/* Sets zone and clock; a device with internet soon has the right time again. */
int sim_set_timezone(struct sim_call *call)
{
	struct sim_date date = { 0 };
	int64_t index = 0;

	if (!plug_json_int(call->arguments, "index", 0, ZONE_MAX, &index) ||
		!read_date(call->arguments, &date)) {
		return SIM_INVALID_ARGUMENT;
	}
	call->device->zone = (uint8_t)index;
	sim_device_set_clock(call->device, sim_date_to_ms(&date), call->step->now_ms);
	return SIM_OK;
}

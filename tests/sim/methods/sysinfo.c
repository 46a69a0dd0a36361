/* get_sysinfo: every family in the fields and about the size that its devices have. */
#include "tests/sim/methods/handlers.h"

#include "tests/sim/device/light.h"
#include "tests/sim/device/names.h"

/* What devices say that nobody has told where they are; seen on KP115. */
static const int64_t NO_PLACE = -1879048193;

enum { UDEG_OF_TEN_THOUSANDTH = 100 };

static void add_model_id(struct sim_call *call, const char *key, enum sim_model_id which)
{
	sim_text_key(call->out, key);
	sim_text_add(call->out, "\"");
	sim_device_add_model_id(call->device, which, call->out);
	sim_text_add(call->out, "\"");
}

static void add_identity(struct sim_call *call)
{
	const struct sim_model *model = call->device->model;
	const bool is_bulb = model->abilities & SIM_IS_BULB;

	sim_text_string(call->out, "sw_ver", model->firmware);
	sim_text_string(call->out, "hw_ver", model->hardware);
	sim_text_string(
		call->out, model->type_key, is_bulb ? "IOT.SMARTBULB" : "IOT.SMARTPLUGSWITCH");
	sim_text_string(call->out, "model", model->model);
	sim_text_key(call->out, is_bulb ? "mic_mac" : "mac");
	sim_text_add(call->out, "\"");
	sim_device_add_mac(call->device, is_bulb ? "" : ":", call->out);
	sim_text_add(call->out, "\"");
	sim_text_key(call->out, "deviceId");
	sim_text_add(call->out, "\"");
	sim_device_add_id(call->device, call->out);
	sim_text_add(call->out, "\"");
	add_model_id(call, "hwId", SIM_HARDWARE_ID);
	if (model->has_firmware_id) {
		add_model_id(call, "fwId", SIM_FIRMWARE_ID);
	}
	add_model_id(call, "oemId", SIM_OEM_ID);
	sim_text_key(call->out, "alias");
	sim_device_add_alias(call->device, call->out);
}

static void add_integer_place(struct sim_call *call, const char *key, int32_t udeg)
{
	sim_text_int(call->out, key,
		call->device->has_location ? udeg / UDEG_OF_TEN_THOUSANDTH : NO_PLACE);
}

static void add_location(struct sim_call *call)
{
	const struct sim_device *device = call->device;

	if (device->model->location == SIM_LOCATION_FLOAT) {
		sim_text_micro(
			call->out, "latitude", device->has_location ? device->latitude_udeg : 0);
		sim_text_micro(
			call->out, "longitude", device->has_location ? device->longitude_udeg : 0);
	} else if (device->model->location == SIM_LOCATION_INTEGER) {
		add_integer_place(call, "latitude_i", device->latitude_udeg);
		add_integer_place(call, "longitude_i", device->longitude_udeg);
	}
}

static void add_next_action(struct sim_call *call, size_t outlet)
{
	sim_text_key(call->out, "next_action");
	sim_text_open(call->out, '{');
	sim_add_next_action(call, outlet, "schd_sec");
	sim_text_close(call->out, '}');
}

/* The one relay of a plug or dimmer. */
static void add_relay(struct sim_call *call)
{
	const struct sim_device *device = call->device;

	sim_text_string(call->out, "icon_hash", device->icon_hash ? device->icon_hash : "");
	sim_text_int(call->out, "relay_state", device->outlets[0].is_on);
	sim_text_int(call->out, "on_time", sim_device_on_time_s(device, 0, call->step->now_ms));
	sim_text_string(call->out, "active_mode", sim_device_mode(device, 0));
	if (device->model->has_next_action) {
		add_next_action(call, 0);
	}
}

static void add_preset(struct sim_text *out, int index, int brightness)
{
	sim_text_next(out);
	sim_text_open(out, '{');
	sim_text_int(out, "index", index);
	sim_text_int(out, "brightness", brightness);
	sim_text_close(out, '}');
}

static void add_dimming(struct sim_call *call)
{
	static const int presets[] = { 100, 75, 50, 25 };

	sim_text_int(call->out, "brightness", call->device->brightness_percent);
	sim_text_key(call->out, "preferred_state");
	sim_text_open(call->out, '[');
	for (int i = 0; i < 4; i++) {
		add_preset(call->out, i, presets[i]);
	}
	sim_text_close(call->out, ']');
}

static void add_child(struct sim_call *call, size_t outlet)
{
	struct sim_text *out = call->out;

	sim_text_next(out);
	sim_text_open(out, '{');
	sim_text_key(out, "id");
	sim_text_add(out, "\"");
	if (call->is_datagram) {
		sim_text_add(out, "0");
		sim_text_add_int(out, (int64_t)outlet);
	} else {
		sim_device_add_child_id(call->device, outlet, out);
	}
	sim_text_add(out, "\"");
	sim_text_int(out, "state", call->device->outlets[outlet].is_on);
	sim_text_key(out, "alias");
	sim_device_add_outlet_alias(call->device, outlet, out);
	sim_text_int(
		out, "on_time", sim_device_on_time_s(call->device, outlet, call->step->now_ms));
	add_next_action(call, outlet);
	sim_text_close(out, '}');
}

static void add_children(struct sim_call *call)
{
	const size_t count = call->device->model->outlet_count;

	sim_text_key(call->out, "children");
	sim_text_open(call->out, '[');
	for (size_t i = 0; i < count; i++) {
		add_child(call, i);
	}
	sim_text_close(call->out, ']');
	sim_text_int(call->out, "child_num", (int64_t)count);
}

/* What plugs, dimmers and strips have in common. */
static void add_plug(struct sim_call *call)
{
	const struct sim_device *device = call->device;
	const struct sim_model *model = device->model;

	if (model->abilities & SIM_HAS_OUTLETS) {
		add_children(call);
	} else {
		sim_text_string(call->out, "dev_name", model->dev_name);
		add_relay(call);
	}
	if (model->abilities & SIM_CAN_DIM) {
		add_dimming(call);
	}
	sim_text_string(call->out, "feature", model->feature);
	sim_text_int(call->out, "updating",
		sim_firmware_status(&device->firmware, call->step->now_ms) ==
			SIM_FIRMWARE_FLASHING);
	sim_text_int(call->out, "led_off", device->is_led_off);
	add_location(call);
	if (model->has_status) {
		sim_text_string(call->out, "status", device->ssid ? "configured" : "new");
	}
}

/* Presets of colours are white on a bulb that has none. */
struct preset {
	int brightness, hue, saturation, kelvin;
};

static void add_bulb_preset(struct sim_text *out, int index, const struct preset *preset)
{
	sim_text_next(out);
	sim_text_open(out, '{');
	sim_text_int(out, "index", index);
	sim_text_int(out, "hue", preset->hue);
	sim_text_int(out, "saturation", preset->saturation);
	sim_text_int(out, "color_temp", preset->kelvin);
	sim_text_int(out, "brightness", preset->brightness);
	sim_text_close(out, '}');
}

static void add_bulb_presets(struct sim_call *call)
{
	enum { PRESETS = 4 };
	static const struct preset white[PRESETS] = { { 100, 0, 0, 2700 }, { 50, 0, 0, 2700 },
		{ 15, 0, 0, 2700 }, { 1, 0, 0, 2700 } };
	static const struct preset coloured[PRESETS] = { { 50, 0, 0, 2700 }, { 20, 0, 75, 0 },
		{ 100, 120, 75, 0 }, { 100, 240, 75, 0 } };
	const bool is_coloured = call->device->model->abilities & SIM_HAS_COLOUR;

	sim_text_key(call->out, "preferred_state");
	sim_text_open(call->out, '[');
	for (int i = 0; i < PRESETS; i++) {
		add_bulb_preset(call->out, i, is_coloured ? &coloured[i] : &white[i]);
	}
	sim_text_close(call->out, ']');
}

/* Nothing moves on it: an effect is never on. */
static void add_light_strip(struct sim_call *call)
{
	enum { SEGMENTS = 16 };
	struct sim_text *out = call->out;

	sim_text_int(out, "length", SEGMENTS);
	sim_text_key(out, "lighting_effect_state");
	sim_text_open(out, '{');
	sim_text_int(out, "enable", 0);
	sim_text_string(out, "name", "");
	sim_text_int(out, "custom", 0);
	sim_text_string(out, "id", "");
	sim_text_int(out, "brightness", 100);
	sim_text_close(out, '}');
	add_location(call);
	sim_text_string(out, "status", call->device->ssid ? "configured" : "new");
}

static void add_nature(struct sim_call *call)
{
	const struct sim_model *model = call->device->model;
	struct sim_text *out = call->out;

	sim_text_string(out, "description", model->dev_name);
	sim_text_string(out, "active_mode", sim_device_mode(call->device, 0));
	sim_text_string(out, "dev_state", "normal");
	sim_text_bool(out, "is_factory", !call->device->ssid);
	sim_text_string(out, "disco_ver", "1.0");
	sim_text_key(out, "ctrl_protocols");
	sim_text_add(out, "{\"name\":\"Linkie\",\"version\":\"1.0\"}");
	sim_text_int(out, "is_dimmable", 1);
	sim_text_int(out, "is_color", (model->abilities & SIM_HAS_COLOUR) != 0);
	sim_text_int(out, "is_variable_color_temp", model->kelvin_max > 0);
}

static void add_bulb(struct sim_call *call)
{
	add_nature(call);
	if (call->device->model->abilities & SIM_IS_LIGHT_STRIP) {
		add_light_strip(call);
	} else {
		sim_text_int(call->out, "heapsize", 290464);
	}
	sim_text_key(call->out, "light_state");
	sim_text_open(call->out, '{');
	sim_light_add(call->device, call->out);
	sim_text_close(call->out, '}');
	add_bulb_presets(call);
}

int sim_get_sysinfo(struct sim_call *call)
{
	add_identity(call);
	if (call->device->model->abilities & SIM_IS_BULB) {
		add_bulb(call);
	} else {
		add_plug(call);
	}
	sim_text_int(call->out, "rssi", call->device->rssi_dbm);
	return SIM_OK;
}

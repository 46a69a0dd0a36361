/* get_sysinfo: every family in the fields and about the size that its devices have. */
#include "tests/sim/methods/handlers.h"

#include "tests/sim/device/seed.h"

/* Rows of numbers for the ids that all devices of a model share. */
enum { SEED_HARDWARE_ID = 1, SEED_OEM_ID = 2, SEED_FIRMWARE_ID = 3, MODEL_ID_DIGITS = 32 };

/* A museum that does not exist, in the middle of Germany. */
enum { LATITUDE_TEN_THOUSANDTHS = 511633, LONGITUDE_TEN_THOUSANDTHS = 104477 };

static void add_model_id(struct sim_call *call, const char *key, uint64_t which)
{
	const uint64_t model = (uint64_t)(call->device->model - sim_models);

	sim_text_key(call->out, key);
	sim_text_add(call->out, "\"");
	sim_seed_add_hex(call->out, model << 8 | which, MODEL_ID_DIGITS);
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
	add_model_id(call, "hwId", SEED_HARDWARE_ID);
	if (model->has_firmware_id) {
		add_model_id(call, "fwId", SEED_FIRMWARE_ID);
	}
	add_model_id(call, "oemId", SEED_OEM_ID);
	sim_text_key(call->out, "alias");
	sim_device_add_alias(call->device, call->out);
}

static void add_location(struct sim_call *call)
{
	if (call->device->model->location == SIM_LOCATION_FLOAT) {
		sim_text_micro(call->out, "latitude", (int64_t)LATITUDE_TEN_THOUSANDTHS * 100);
		sim_text_micro(call->out, "longitude", (int64_t)LONGITUDE_TEN_THOUSANDTHS * 100);
	} else if (call->device->model->location == SIM_LOCATION_INTEGER) {
		sim_text_int(call->out, "latitude_i", LATITUDE_TEN_THOUSANDTHS);
		sim_text_int(call->out, "longitude_i", LONGITUDE_TEN_THOUSANDTHS);
	}
}

static void add_next_action(struct sim_call *call)
{
	sim_text_key(call->out, "next_action");
	sim_text_add(call->out, "{\"type\":-1}");
}

static bool is_counting_down(const struct sim_device *device)
{
	return sim_rules_due_ms(device->outlets[0].rules) != INT64_MAX;
}

/* The one relay of a plug or dimmer. */
static void add_relay(struct sim_call *call)
{
	const struct sim_device *device = call->device;

	sim_text_string(call->out, "icon_hash", "");
	sim_text_int(call->out, "relay_state", device->outlets[0].is_on);
	sim_text_int(call->out, "on_time", sim_device_on_time_s(device, 0, call->step->now_ms));
	sim_text_string(call->out, "active_mode", is_counting_down(device) ? "count_down" : "none");
	if (device->model->has_next_action) {
		add_next_action(call);
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
	add_next_action(call);
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
	sim_text_int(call->out, "updating", 0);
	sim_text_int(call->out, "led_off", device->is_led_off);
	add_location(call);
	if (model->has_status) {
		sim_text_string(call->out, "status", "configured");
	}
}

static void add_bulb_preset(struct sim_text *out, int index, int brightness)
{
	sim_text_next(out);
	sim_text_open(out, '{');
	sim_text_int(out, "index", index);
	sim_text_int(out, "hue", 0);
	sim_text_int(out, "saturation", 0);
	sim_text_int(out, "color_temp", 2700);
	sim_text_int(out, "brightness", brightness);
	sim_text_close(out, '}');
}

static void add_bulb(struct sim_call *call)
{
	static const int presets[] = { 100, 50, 15, 1 };
	struct sim_text *out = call->out;

	sim_text_string(out, "description", call->device->model->dev_name);
	sim_text_string(out, "active_mode", is_counting_down(call->device) ? "count_down" : "none");
	sim_text_string(out, "dev_state", "normal");
	sim_text_key(out, "is_factory");
	sim_text_add(out, "false");
	sim_text_string(out, "disco_ver", "1.0");
	sim_text_key(out, "ctrl_protocols");
	sim_text_add(out, "{\"name\":\"Linkie\",\"version\":\"1.0\"}");
	sim_text_int(out, "is_dimmable", 1);
	sim_text_int(out, "is_color", 0);
	sim_text_int(out, "is_variable_color_temp", 0);
	sim_text_int(out, "heapsize", 290464);
	sim_text_key(out, "light_state");
	sim_text_open(out, '{');
	sim_add_light_state(call->device, out);
	sim_text_close(out, '}');
	sim_text_key(out, "preferred_state");
	sim_text_open(out, '[');
	for (int i = 0; i < 4; i++) {
		add_bulb_preset(out, i, presets[i]);
	}
	sim_text_close(out, ']');
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

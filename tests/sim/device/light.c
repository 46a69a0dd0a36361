#include "tests/sim/device/light.h"

#include "protocol/json.h"

enum {
	INVALID_ARGUMENT = -3,
	INVALID_COLOUR = -10000,
	PERCENT_MAX = 100,
	HUE_MAX = 360,
	ABSENT = -1,
};

/* ABSENT where nothing is wanted. */
struct wish {
	int64_t on, brightness, hue, saturation, kelvin;
};

static bool read_number(struct json_object *wanted, const char *key, int64_t max, int64_t *number)
{
	*number = ABSENT;
	return !json_object_object_get_ex(wanted, key, NULL) ||
	       plug_json_int(wanted, key, 0, max, number);
}

static bool is_temperature(const struct sim_model *model, int64_t kelvin)
{
	return kelvin <= 0 || !model->kelvin_max ||
	       (kelvin >= model->kelvin_min && kelvin <= model->kelvin_max);
}

static int read_wish(const struct sim_model *model, struct json_object *wanted, struct wish *wish)
{
	bool is_on = false;

	wish->on = ABSENT;
	if (json_object_object_get_ex(wanted, "on_off", NULL)) {
		if (!plug_json_flag(wanted, "on_off", &is_on)) {
			return INVALID_ARGUMENT;
		}
		wish->on = is_on;
	}
	if (!read_number(wanted, "brightness", PERCENT_MAX, &wish->brightness)) {
		return INVALID_ARGUMENT;
	}
	if (!read_number(wanted, "hue", HUE_MAX, &wish->hue) ||
		!read_number(wanted, "saturation", PERCENT_MAX, &wish->saturation) ||
		!read_number(wanted, "color_temp", UINT16_MAX, &wish->kelvin) ||
		!is_temperature(model, wish->kelvin)) {
		return INVALID_COLOUR;
	}
	return 0;
}

static void colour(struct sim_device *device, const struct wish *wish)
{
	if (device->model->kelvin_max && wish->kelvin != ABSENT) {
		device->kelvin = (uint16_t)wish->kelvin;
	}
	if (device->model->abilities & SIM_HAS_COLOUR) {
		device->hue = wish->hue == ABSENT ? device->hue : (uint16_t)wish->hue;
		device->saturation =
			wish->saturation == ABSENT ? device->saturation : (uint8_t)wish->saturation;
	}
}

int sim_light_check(const struct sim_device *device, struct json_object *wanted)
{
	struct wish wish;

	return read_wish(device->model, wanted, &wish);
}

int sim_light_apply(struct sim_device *device, struct json_object *wanted, struct sim_step *step)
{
	struct wish wish;
	const int error = read_wish(device->model, wanted, &wish);

	if (error != 0) {
		return error;
	}
	colour(device, &wish);
	if (wish.brightness > 0 || (wish.brightness == 0 && wish.on == ABSENT)) {
		device->brightness_percent = (uint8_t)wish.brightness;
	}
	if (wish.on != ABSENT || wish.brightness != ABSENT) {
		sim_device_switch(device, 0, wish.on != 0, step);
	}
	return 0;
}

static void add_values(const struct sim_device *device, struct sim_text *out)
{
	sim_text_string(out, "mode", "normal");
	sim_text_int(out, "hue", device->hue);
	sim_text_int(out, "saturation", device->saturation);
	sim_text_int(out, "color_temp", device->kelvin);
	sim_text_int(out, "brightness", device->brightness_percent);
}

void sim_light_add(const struct sim_device *device, struct sim_text *out)
{
	sim_text_int(out, "on_off", device->outlets[0].is_on);
	if (device->outlets[0].is_on) {
		add_values(device, out);
	} else {
		sim_text_key(out, "dft_on_state");
		sim_text_open(out, '{');
		add_values(device, out);
		sim_text_close(out, '}');
	}
}

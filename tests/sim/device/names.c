#include "tests/sim/device/names.h"

#include "tests/sim/device/seed.h"

/* Which number of a device's row its id is made from. */
enum { SEED_ID = 0 };

void sim_device_add_id(const struct sim_device *device, struct sim_text *out)
{
	if (device->id) {
		sim_text_add(out, device->id);
	} else {
		sim_seed_add_hex(out, sim_seed_number(device->seed, SEED_ID), SIM_DEVICE_ID_DIGITS);
	}
}

void sim_device_add_model_id(
	const struct sim_device *device, enum sim_model_id which, struct sim_text *out)
{
	const uint64_t model = (uint64_t)(device->model - sim_models);

	if (which == SIM_HARDWARE_ID && device->hardware_id) {
		sim_text_add(out, device->hardware_id);
	} else {
		sim_seed_add_hex(out, model << 8 | which, SIM_HARDWARE_ID_DIGITS);
	}
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

/* names.h - what a device calls itself and its parts. */
#ifndef SIM_DEVICE_NAMES_H
#define SIM_DEVICE_NAMES_H

#include "tests/sim/device/device.h"

enum { SIM_DEVICE_ID_DIGITS = 40, SIM_HARDWARE_ID_DIGITS = 32 };

/* Ids that all devices of a model share. */
enum sim_model_id { SIM_HARDWARE_ID = 1, SIM_OEM_ID = 2, SIM_FIRMWARE_ID = 3 };

/* Add without quotes; all plain ASCII. */
void sim_device_add_id(const struct sim_device *device, struct sim_text *out);
void sim_device_add_model_id(
	const struct sim_device *device, enum sim_model_id which, struct sim_text *out);
void sim_device_add_child_id(const struct sim_device *device, size_t outlet, struct sim_text *out);
void sim_device_add_mac(
	const struct sim_device *device, const char *separator, struct sim_text *out);

/* Add the alias as a JSON string: of the device, or of one outlet of a strip. */
void sim_device_add_alias(const struct sim_device *device, struct sim_text *out);
void sim_device_add_outlet_alias(
	const struct sim_device *device, size_t outlet, struct sim_text *out);

#endif

/* light.h - dimmers, bulbs and light strips told how to shine.
 *
 *     {"on_off":1,"hue":0,"saturation":0,"color_temp":2700,"brightness":50,...} */
#ifndef SIM_DEVICE_LIGHT_H
#define SIM_DEVICE_LIGHT_H

#include "tests/sim/device/device.h"

#include <json-c/json.h>

/* Does what the members that are there want; brightness alone lights it. What the model cannot do
 * is left alone. Returns 0, or the err_code of a device and changes nothing. */
int sim_light_apply(struct sim_device *device, struct json_object *wanted, struct sim_step *step);

/* As sim_light_apply, but changes nothing at all. */
int sim_light_check(const struct sim_device *device, struct json_object *wanted);

/* Add "on_off":... and what belongs to it, without brackets: off, it lies one level deeper. */
void sim_light_add(const struct sim_device *device, struct sim_text *out);

#endif

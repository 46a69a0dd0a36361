/* light.h - bulbs, light strips and dimmers: brightness, colour, warmth, how they fade.
 *
 * PLUG_EUNSUPPORTED, without asking, for a device that is none of these. Otherwise each returns
 * what plug_device_call returns, and the errors of the builders. Shapes, units and sources:
 * protocol headers light.h and dimmer.h. */
#ifndef PLUG_PROTOCOL_BLOCKING_LIGHT_H
#define PLUG_PROTOCOL_BLOCKING_LIGHT_H

#include "protocol/blocking/device.h"
#include "protocol/dimmer.h"
#include "protocol/error.h"
#include "protocol/light.h"

#include <stdbool.h>

/* How a light stood at the last plug_device_refresh, without asking. False and zeroes when the
 * device is no light. Texts are borrowed until the next plug_device_refresh. */
bool plug_device_light(const struct plug_device *device, struct plug_light *light);

enum plug_error plug_device_set_light(
	struct plug_device *device, const struct plug_light_order *order);

/* What is printed on the box; zeroes on failure. */
enum plug_error plug_device_light_details(
	struct plug_device *device, struct plug_light_details *details);

/* percent 1 to 100. A dimmer keeps its relay as it is, a bulb lights. */
enum plug_error plug_device_set_brightness(struct plug_device *device, int percent);

/* Of dimmers: percent 0 (off) to 100, reached after duration_ms. */
enum plug_error plug_device_fade(struct plug_device *device, int percent, int duration_ms);

/* What a dimmer is set to; all unknown on failure. */
enum plug_error plug_device_dimmer(struct plug_device *device, struct plug_dimmer *dimmer);
enum plug_error plug_device_set_dimmer(
	struct plug_device *device, enum plug_dimmer_number number, int value);

/* What a dimmer's button does; borrowed until the next call, NULL on failure. */
enum plug_error plug_device_dimmer_behavior(
	struct plug_device *device, struct plug_dimmer_behavior *behavior);
enum plug_error plug_device_set_dimmer_press(
	struct plug_device *device, enum plug_dimmer_press press, const char *mode);

#endif

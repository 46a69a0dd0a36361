/* settings.h - what can be set of a device beside its outlets: LED, location, icon, clock.
 *
 * What is known without asking (LED, location) is in device.h. Each returns what
 * plug_device_call returns, and the errors of the builders. Shapes and sources: protocol headers
 * settings.h and clock.h. */
#ifndef PLUG_PROTOCOL_BLOCKING_SETTINGS_H
#define PLUG_PROTOCOL_BLOCKING_SETTINGS_H

#include "protocol/blocking/device.h"
#include "protocol/error.h"
#include "protocol/reply.h"
#include "protocol/settings.h"

#include <stdbool.h>

enum plug_error plug_device_set_led(struct plug_device *device, bool is_on);

/* Ten-thousandths of a degree; PLUG_EINVAL for a place that is on no globe. */
enum plug_error plug_device_set_location(
	struct plug_device *device, const struct plug_location *location);

/* icon->icon and icon->hash are borrowed until the next call; NULL on failure. */
enum plug_error plug_device_icon(struct plug_device *device, struct plug_icon *icon);

/* PLUG_ETOOBIG when both texts together do not fit a request. */
enum plug_error plug_device_set_icon(struct plug_device *device, const struct plug_icon *icon);

/* The device's local time; zeroes on failure. */
enum plug_error plug_device_time(struct plug_device *device, struct plug_time *time);

/* The vendor's number of its time zone, which plug_zone_name knows the name of; 0 on failure. */
enum plug_error plug_device_timezone(struct plug_device *device, int *zone);

/* Sets zone and clock together, which is the one way that all devices take. PLUG_EINVAL for a
 * zone outside 0 to PLUG_ZONE_COUNT - 1, or a time that no calendar has. */
enum plug_error plug_device_set_clock(
	struct plug_device *device, int zone, const struct plug_time *time);

#endif

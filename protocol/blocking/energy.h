/* energy.h - what a device measures and counts: power now, energy and switched-on time by day and
 * month.
 *
 *     outlet   as in outlet.h; each outlet of a strip has a meter of its own
 *
 * Each returns PLUG_EINVAL for an outlet that is not there (for a strip PLUG_DEVICE_ITSELF is
 * none), PLUG_EUNSUPPORTED without asking when energy is wanted of a device without a meter (some
 * crash when they are asked), and what plug_device_call returns. Shapes, units and sources:
 * reading.h, statistics.h and calibration.h. */
#ifndef PLUG_PROTOCOL_BLOCKING_ENERGY_H
#define PLUG_PROTOCOL_BLOCKING_ENERGY_H

#include "protocol/blocking/device.h"
#include "protocol/calibration.h"
#include "protocol/error.h"
#include "protocol/reading.h"
#include "protocol/statistics.h"

/* mW, mV, mA, and Wh since the counter was erased; zeroes on failure. PLUG_EPROTO for a reading
 * that no meter can have. */
enum plug_error plug_device_reading(
	struct plug_device *device, int outlet, struct plug_realtime *reading);

/* Days of a month, or with month 0 the months of a year: Wh, or minutes switched on. Empty on
 * failure. PLUG_EINVAL for a period in no calendar. */
enum plug_error plug_device_energy(struct plug_device *device, int outlet,
	const struct plug_period *period, struct plug_statistics *energy);
enum plug_error plug_device_usage(struct plug_device *device, int outlet,
	const struct plug_period *period, struct plug_statistics *usage);

/* For good, the total of plug_device_reading too. */
enum plug_error plug_device_erase_energy(struct plug_device *device, int outlet);
enum plug_error plug_device_erase_usage(struct plug_device *device, int outlet);

/* The gains of the meter; zeroes on failure. */
enum plug_error plug_device_calibration(
	struct plug_device *device, int outlet, struct plug_calibration *gains);

/* Spoils every reading until the right gains are set again: note them first. */
enum plug_error plug_device_set_calibration(
	struct plug_device *device, int outlet, const struct plug_calibration *gains);

/* Lets the meter find its gains itself, from what a reference instrument shows at this moment. */
enum plug_error plug_device_calibrate(
	struct plug_device *device, int outlet, const struct plug_calibration *targets);

#endif

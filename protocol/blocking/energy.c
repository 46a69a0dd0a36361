#include "protocol/blocking/energy.h"

#include <stdbool.h>
#include <stddef.h>

#include "protocol/family.h"
#include "protocol/request.h"

static enum plug_family family_of(const struct plug_device *device)
{
	return plug_device_info(device)->family;
}

/* Whose meter or clock is meant. */
static enum plug_error find(
	const struct plug_device *device, int outlet, bool needs_meter, const char **child_id)
{
	const struct plug_sysinfo *info = plug_device_info(device);
	const enum plug_error error = plug_device_child_id(device, outlet, child_id);

	if (error == PLUG_OK && info->family == PLUG_FAMILY_STRIP && !*child_id) {
		return PLUG_EINVAL;
	}
	return error == PLUG_OK && needs_meter && !info->has_energy ? PLUG_EUNSUPPORTED : error;
}

enum plug_error plug_device_reading(
	struct plug_device *device, int outlet, struct plug_realtime *reading)
{
	const enum plug_family family = family_of(device);
	const struct plug_method method = { plug_family_traits(family)->energy_module,
		"get_realtime" };
	struct plug_request request;
	const char *child_id;
	enum plug_error error = find(device, outlet, true, &child_id);
	enum plug_error read;

	if (error == PLUG_OK) {
		error = plug_request_realtime(&request, family, child_id);
	}
	error = plug_device_call(device, error, &request, method);
	read = plug_reply_realtime(plug_device_reply(device), family, reading);
	return error != PLUG_OK ? error : read;
}

static enum plug_error begin_statistic(
	const struct plug_device *device, int outlet, struct plug_statistic_ask *ask)
{
	ask->family = family_of(device);
	return find(device, outlet, ask->statistic == PLUG_STATISTIC_ENERGY, &ask->child_id);
}

/* Asks for what *ask says, of a device's outlet that begin_statistic found or not. */
static enum plug_error ask_statistic(struct plug_device *device, enum plug_error found,
	const struct plug_statistic_ask *ask, const struct plug_period *period)
{
	const struct plug_method method = { plug_statistic_module(ask->statistic, ask->family),
		plug_statistic_method(period) };
	struct plug_request request;

	if (found == PLUG_OK) {
		found = plug_request_statistic(&request, ask, period);
	}
	return plug_device_call(device, found, &request, method);
}

enum plug_error plug_device_energy(struct plug_device *device, int outlet,
	const struct plug_period *period, struct plug_statistics *energy)
{
	struct plug_statistic_ask ask = { .statistic = PLUG_STATISTIC_ENERGY };
	const enum plug_error found = begin_statistic(device, outlet, &ask);
	const enum plug_error asked = ask_statistic(device, found, &ask, period);
	const enum plug_error read =
		plug_reply_statistic(plug_device_reply(device), &ask, period, energy);

	return asked != PLUG_OK ? asked : read;
}

enum plug_error plug_device_usage(struct plug_device *device, int outlet,
	const struct plug_period *period, struct plug_statistics *usage)
{
	struct plug_statistic_ask ask = { .statistic = PLUG_STATISTIC_USAGE };
	const enum plug_error found = begin_statistic(device, outlet, &ask);
	const enum plug_error asked = ask_statistic(device, found, &ask, period);
	const enum plug_error read =
		plug_reply_statistic(plug_device_reply(device), &ask, period, usage);

	return asked != PLUG_OK ? asked : read;
}

static enum plug_error erase(struct plug_device *device, enum plug_statistic statistic, int outlet)
{
	struct plug_statistic_ask ask = { .statistic = statistic };
	struct plug_request request;
	enum plug_error error = begin_statistic(device, outlet, &ask);
	const struct plug_method method = { plug_statistic_module(statistic, ask.family),
		plug_statistic_erase_method(statistic) };

	if (error == PLUG_OK) {
		error = plug_request_erase_statistic(&request, &ask);
	}
	return plug_device_call_once(device, error, &request, method);
}

enum plug_error plug_device_erase_energy(struct plug_device *device, int outlet)
{
	return erase(device, PLUG_STATISTIC_ENERGY, outlet);
}

enum plug_error plug_device_erase_usage(struct plug_device *device, int outlet)
{
	return erase(device, PLUG_STATISTIC_USAGE, outlet);
}

typedef enum plug_error call(struct plug_device *device, enum plug_error built,
	const struct plug_request *request, struct plug_method method);

static enum plug_error ask_calibration(struct plug_device *device, int outlet,
	enum plug_calibration_call what, const struct plug_calibration *values)
{
	struct plug_calibration_ask ask = { .call = what, .family = family_of(device) };
	call *how = what == PLUG_CALIBRATION_GET ? plug_device_call : plug_device_call_once;
	struct plug_request request;
	enum plug_error error = find(device, outlet, true, &ask.child_id);

	if (error == PLUG_OK) {
		error = plug_request_calibration(&request, &ask, values);
	}
	return how(device, error, &request, plug_calibration_method(what, ask.family));
}

enum plug_error plug_device_calibration(
	struct plug_device *device, int outlet, struct plug_calibration *gains)
{
	const enum plug_error asked = ask_calibration(device, outlet, PLUG_CALIBRATION_GET, NULL);
	const enum plug_error read =
		plug_reply_calibration(plug_device_reply(device), family_of(device), gains);

	return asked != PLUG_OK ? asked : read;
}

enum plug_error plug_device_set_calibration(
	struct plug_device *device, int outlet, const struct plug_calibration *gains)
{
	return ask_calibration(device, outlet, PLUG_CALIBRATION_SET, gains);
}

enum plug_error plug_device_calibrate(
	struct plug_device *device, int outlet, const struct plug_calibration *targets)
{
	return ask_calibration(device, outlet, PLUG_CALIBRATION_START, targets);
}

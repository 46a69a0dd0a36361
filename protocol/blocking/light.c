#include "protocol/blocking/light.h"

#include "protocol/family.h"
#include "protocol/request.h"
#include "protocol/settings.h"

static enum plug_family family_of(const struct plug_device *device)
{
	return plug_device_info(device)->family;
}

bool plug_device_light(const struct plug_device *device, struct plug_light *light)
{
	return plug_sysinfo_light(plug_device_sysinfo(device), light);
}

enum plug_error plug_device_set_light(
	struct plug_device *device, const struct plug_light_order *order)
{
	const enum plug_family family = family_of(device);
	struct plug_request request;

	return plug_device_call(device, plug_request_light(&request, family, order), &request,
		plug_light_method(family));
}

enum plug_error plug_device_light_details(
	struct plug_device *device, struct plug_light_details *details)
{
	const enum plug_family family = family_of(device);
	const enum plug_error possible = plug_family_is_light(family) ? PLUG_OK : PLUG_EUNSUPPORTED;
	struct plug_request request;
	const enum plug_error asked = plug_device_call(device,
		possible == PLUG_OK ? plug_request_light_details(&request, family) : possible,
		&request, plug_light_details_method(family));
	const enum plug_error read =
		plug_reply_light_details(plug_device_reply(device), family, details);

	return asked != PLUG_OK ? asked : read;
}

enum plug_error plug_device_set_brightness(struct plug_device *device, int percent)
{
	const enum plug_family family = family_of(device);
	struct plug_request request;

	return plug_device_call(device, plug_request_set_brightness(&request, family, percent),
		&request, plug_brightness_method(family));
}

/* Some devices crash on modules that they do not know. */
static enum plug_error call_dimmer(struct plug_device *device, enum plug_error built,
	const struct plug_request *request, struct plug_method method)
{
	const bool is_dimmer = family_of(device) == PLUG_FAMILY_DIMMER;

	return plug_device_call(device, is_dimmer ? built : PLUG_EUNSUPPORTED, request, method);
}

enum plug_error plug_device_fade(struct plug_device *device, int percent, int duration_ms)
{
	struct plug_request request;

	return call_dimmer(device, plug_request_dimmer_transition(&request, percent, duration_ms),
		&request, plug_dimmer_transition_method);
}

enum plug_error plug_device_dimmer(struct plug_device *device, struct plug_dimmer *dimmer)
{
	struct plug_request request;
	const enum plug_error asked = call_dimmer(
		device, plug_request_dimmer(&request), &request, plug_dimmer_get_method);
	const enum plug_error read = plug_reply_dimmer(plug_device_reply(device), dimmer);

	return asked != PLUG_OK ? asked : read;
}

enum plug_error plug_device_set_dimmer(
	struct plug_device *device, enum plug_dimmer_number number, int value)
{
	struct plug_request request;

	return call_dimmer(device, plug_request_set_dimmer(&request, number, value), &request,
		plug_dimmer_method(number));
}

enum plug_error plug_device_dimmer_behavior(
	struct plug_device *device, struct plug_dimmer_behavior *behavior)
{
	struct plug_request request;
	const enum plug_error asked = call_dimmer(device, plug_request_dimmer_behavior(&request),
		&request, plug_dimmer_behavior_method);
	const enum plug_error read =
		plug_reply_dimmer_behavior(plug_device_reply(device), behavior);

	return asked != PLUG_OK ? asked : read;
}

enum plug_error plug_device_set_dimmer_press(
	struct plug_device *device, enum plug_dimmer_press press, const char *mode)
{
	struct plug_request request;

	return call_dimmer(device, plug_request_set_dimmer_press(&request, press, mode), &request,
		plug_dimmer_press_method(press));
}

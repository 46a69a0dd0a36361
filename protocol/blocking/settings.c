#include "protocol/blocking/settings.h"

#include "protocol/clock.h"
#include "protocol/family.h"
#include "protocol/request.h"

enum plug_error plug_device_set_led(struct plug_device *device, bool is_on)
{
	struct plug_request request;

	return plug_device_call(
		device, plug_request_set_led(&request, is_on), &request, plug_led_method);
}

enum plug_error plug_device_set_location(
	struct plug_device *device, const struct plug_location *location)
{
	struct plug_request request;

	return plug_device_call(device, plug_request_set_location(&request, location), &request,
		plug_location_method);
}

enum plug_error plug_device_icon(struct plug_device *device, struct plug_icon *icon)
{
	struct plug_request request;
	const enum plug_error asked = plug_device_call(
		device, plug_request_icon(&request), &request, plug_get_icon_method);
	const enum plug_error read = plug_reply_icon(plug_device_reply(device), icon);

	return asked != PLUG_OK ? asked : read;
}

enum plug_error plug_device_set_icon(struct plug_device *device, const struct plug_icon *icon)
{
	struct plug_request request;

	return plug_device_call(
		device, plug_request_set_icon(&request, icon), &request, plug_set_icon_method);
}

static struct plug_method time_method(enum plug_family family, const char *method)
{
	return (struct plug_method) { plug_family_traits(family)->time_module, method };
}

enum plug_error plug_device_time(struct plug_device *device, struct plug_time *time)
{
	const enum plug_family family = plug_device_info(device)->family;
	struct plug_request request;
	const enum plug_error asked = plug_device_call(device, plug_request_time(&request, family),
		&request, time_method(family, "get_time"));
	const enum plug_error read = plug_reply_time(plug_device_reply(device), family, time);

	return asked != PLUG_OK ? asked : read;
}

enum plug_error plug_device_timezone(struct plug_device *device, int *zone)
{
	const enum plug_family family = plug_device_info(device)->family;
	struct plug_request request;
	const enum plug_error asked =
		plug_device_call(device, plug_request_timezone(&request, family), &request,
			time_method(family, "get_timezone"));
	const enum plug_error read = plug_reply_timezone(plug_device_reply(device), family, zone);

	return asked != PLUG_OK ? asked : read;
}

enum plug_error plug_device_set_clock(
	struct plug_device *device, int zone, const struct plug_time *time)
{
	const enum plug_family family = plug_device_info(device)->family;
	struct plug_request request;

	return plug_device_call(device, plug_request_set_timezone(&request, family, zone, time),
		&request, time_method(family, "set_timezone"));
}

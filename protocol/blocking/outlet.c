#include "protocol/blocking/outlet.h"

#include <stddef.h>

#include "protocol/family.h"
#include "protocol/request.h"
#include "protocol/settings.h"

static enum plug_family family_of(const struct plug_device *device)
{
	return plug_device_info(device)->family;
}

enum plug_error plug_device_switch(struct plug_device *device, int outlet, bool is_on)
{
	const enum plug_family family = family_of(device);
	const struct plug_family_traits *traits = plug_family_traits(family);
	const struct plug_method method = { traits->switch_module, traits->switch_method };
	struct plug_request request;
	const char *child_id;
	enum plug_error error = plug_device_child_id(device, outlet, &child_id);

	if (error == PLUG_OK && family == PLUG_FAMILY_STRIP && !child_id) {
		error = PLUG_EINVAL;
	}
	if (error == PLUG_OK) {
		error = plug_request_switch(&request, family, child_id, is_on);
	}
	return plug_device_call(device, error, &request, method);
}

enum plug_error plug_device_toggle(struct plug_device *device, int outlet, bool *is_on)
{
	const struct plug_sysinfo *info = plug_device_info(device);
	const char *child_id;
	bool wanted = false;
	enum plug_error error = plug_device_refresh(device);

	if (error == PLUG_OK) {
		error = plug_device_child_id(device, outlet, &child_id);
	}
	if (error == PLUG_OK && outlet == PLUG_DEVICE_ITSELF) {
		error = PLUG_EINVAL;
	}
	if (error == PLUG_OK) {
		wanted = !info->outlets[outlet].is_on;
		error = plug_device_switch(device, outlet, wanted);
	}
	if (is_on) {
		*is_on = error == PLUG_OK && wanted;
	}
	return error;
}

enum plug_error plug_device_set_alias(struct plug_device *device, int outlet, const char *alias)
{
	const enum plug_family family = family_of(device);
	struct plug_request request;
	const char *child_id;
	enum plug_error error = plug_device_child_id(device, outlet, &child_id);

	if (error == PLUG_OK) {
		error = plug_request_set_alias(&request, family, child_id, alias);
	}
	return plug_device_call(device, error, &request, plug_alias_method(family));
}

/* outlet.h - what one outlet of a device does: on and off, its name.
 *
 *     outlet   0 to plug_device_info(device)->outlet_count - 1; 0 for what is no strip
 *
 * How outlets stand is in plug_device_info, as old as the last plug_device_refresh. Each returns
 * PLUG_EINVAL for an outlet that is not there, and what plug_device_call returns. Shapes and
 * sources: request.h and settings.h. */
#ifndef PLUG_PROTOCOL_BLOCKING_OUTLET_H
#define PLUG_PROTOCOL_BLOCKING_OUTLET_H

#include "protocol/blocking/device.h"
#include "protocol/error.h"

#include <stdbool.h>

/* PLUG_DEVICE_ITSELF is PLUG_EINVAL for a strip, the outlets of which are switched one by one. */
enum plug_error plug_device_switch(struct plug_device *device, int outlet, bool is_on);

/* Reads how the outlet stands, then switches it over. *is_on, which may be NULL, is what it was
 * asked to be; false on failure. */
enum plug_error plug_device_toggle(struct plug_device *device, int outlet, bool *is_on);

/* alias is UTF-8 and not empty: PLUG_EINVAL; it must fit a request: PLUG_ETOOBIG. outlet may be
 * PLUG_DEVICE_ITSELF: a strip has a name beside those of its outlets. */
enum plug_error plug_device_set_alias(struct plug_device *device, int outlet, const char *alias);

#endif

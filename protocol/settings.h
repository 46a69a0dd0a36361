/* settings.h - what can be set of a device beside its relay: name, LED, location, icon,
 * brightness; and reboot.
 *
 * Shapes as HS1xx, HS220, HS300 and KL1xx take them. Each builder returns PLUG_OK, PLUG_ETOOBIG, or
 * PLUG_EINVAL for a value out of range. The answers hold nothing but err_code: plug_reply_method
 * with the names in the table below. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_SETTINGS_H
#define PLUG_PROTOCOL_SETTINGS_H

#include "protocol/error.h"
#include "protocol/family.h"
#include "protocol/reply.h"
#include "protocol/request.h"

#include <stdbool.h>
#include <stdint.h>

struct json_object;

/* What to look for in the answers. */
struct plug_method plug_alias_method(enum plug_family family);
struct plug_method plug_brightness_method(enum plug_family family);
extern const struct plug_method plug_led_method, plug_location_method, plug_get_icon_method,
	plug_set_icon_method, plug_reboot_method, plug_reset_method;

/* alias is UTF-8 and not empty. child_id is one outlet of a strip, or NULL for the device: a strip
 * has a name of its own. */
enum plug_error plug_request_set_alias(struct plug_request *request, enum plug_family family,
	const char *child_id, const char *alias);

/* The device says it the other way round: 1 is dark. */
enum plug_error plug_request_set_led(struct plug_request *request, bool is_on);

/* Degrees times 10,000, as firmwares keep them: latitude -900000 to 900000, longitude -1800000 to
 * 1800000. Both forms are sent: HS1xx hardware 1 wants degrees, later ones the integers. */
struct plug_location {
	int64_t latitude_i, longitude_i;
};
enum plug_error plug_request_set_location(
	struct plug_request *request, const struct plug_location *location);

/* sysinfo is the object below system.get_sysinfo. False and zeroes when it has none, or one that
 * is on no globe: KP115 says -1879048193 when nobody has set it. */
bool plug_sysinfo_location(struct json_object *sysinfo, struct plug_location *location);

/* The picture that the vendor's app shows: a name or data that only it understands, and its hash.
 * Neither may be NULL. A picture must fit into a request. */
struct plug_icon {
	const char *icon;
	const char *hash;
};
enum plug_error plug_request_icon(struct plug_request *request);
enum plug_error plug_request_set_icon(struct plug_request *request, const struct plug_icon *icon);

/* Texts are borrowed until the reply is cleared. PLUG_EPROTO when one is missing; otherwise as
 * plug_reply_method. *icon is zeroed on failure. */
enum plug_error plug_reply_icon(const struct plug_reply *reply, struct plug_icon *icon);

/* percent 1 to 100. A dimmer keeps its relay as it is; a bulb lights. PLUG_EUNSUPPORTED for what
 * cannot be dimmed. dimmer.h and light.h know more ways. */
enum plug_error plug_request_set_brightness(
	struct plug_request *request, enum plug_family family, int percent);

/* The same, and on: a dimmer's relay goes with it, in one request. A dimmer answers to both. */
enum plug_error plug_request_light_up(
	struct plug_request *request, enum plug_family family, int percent);

/* delay_s 1 to 3600: with 0 a device may be gone before it has answered. */
enum plug_error plug_request_reboot(struct plug_request *request, int delay_s);

/* To factory settings: the device leaves the network and forgets name, rules and account. */
enum plug_error plug_request_reset(struct plug_request *request, int delay_s);

#endif

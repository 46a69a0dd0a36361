/* light.h - bulbs and light strips: brightness, colour, warmth of white.
 *
 *     lit    {"on_off":1,"mode":"normal","hue":0,"saturation":0,"color_temp":2700,"brightness":50}
 *     dark   {"on_off":0,"dft_on_state":{...}}: what it will light with, one level deeper
 *     strip  {"on_off":1,"groups":[[first,last,hue,saturation,brightness,kelvin], ...]} on some
 *
 * A colour temperature of 0 means colour: hue and saturation count. Bulbs take transition_light_
 * state with transition_period, strips set_light_state with transition, both in milliseconds.
 * Shapes: recordings of KL110, KL125, KL130, KL400, KL430 and LB110. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_LIGHT_H
#define PLUG_PROTOCOL_LIGHT_H

#include "protocol/error.h"
#include "protocol/family.h"
#include "protocol/reply.h"
#include "protocol/request.h"

#include <stdbool.h>

struct json_object;

enum {
	PLUG_HUE_MAX_DEGREES = 360,
	PLUG_KELVIN_MIN = 1000, /* of anything that is sold as a lamp */
	PLUG_KELVIN_MAX = 20000,
	PLUG_TRANSITION_MAX_MS = 24 * 3600 * 1000,
};

/* How a light stands, or while it is off will stand. */
struct plug_light {
	bool is_on;
	struct plug_figure brightness_percent, hue_degrees, saturation_percent;
	struct plug_figure kelvin; /* not known while it shows a colour */
	const char *mode;	   /* "normal", "circadian"; borrowed, NULL when it tells none */
	const char *effect;	   /* what a strip is playing; borrowed, NULL for nothing */
	bool can_dim, can_colour, can_kelvin;
	struct plug_figure kelvin_min, kelvin_max; /* of this model, where they are known */
};

/* sysinfo is the object below system.get_sysinfo; texts are borrowed from it. False and zeroes when
 * it has no light. */
bool plug_sysinfo_light(struct json_object *sysinfo, struct plug_light *light);

struct plug_method plug_light_method(enum plug_family family);

/* What shall be. Unknown figures stay as they are; without any, the light comes on as it did
 * before. */
struct plug_light_order {
	bool is_on;
	struct plug_figure brightness_percent; /* 1 to 100 */
	struct plug_figure hue_degrees;	       /* 0 to 360 */
	struct plug_figure saturation_percent; /* 0 to 100 */
	struct plug_figure kelvin;	       /* not together with a colour */
	struct plug_figure transition_ms;      /* the device's own when it is not known */
};

/* PLUG_OK; PLUG_EUNSUPPORTED for what is no light; PLUG_EINVAL for a figure out of range, a colour
 * temperature with a colour, or figures for a light that shall be off. May be repeated. */
enum plug_error plug_request_light(struct plug_request *request, enum plug_family family,
	const struct plug_light_order *order);

/* What is printed on the box. */
struct plug_light_details {
	struct plug_figure beam_degrees, voltage_min_v, voltage_max_v, power_w, incandescent_w,
		lumens, colour_rendering;
};
struct plug_method plug_light_details_method(enum plug_family family);
enum plug_error plug_request_light_details(struct plug_request *request, enum plug_family family);

/* As plug_reply_method; *details is zeroed on failure. */
enum plug_error plug_reply_light_details(const struct plug_reply *reply, enum plug_family family,
	struct plug_light_details *details);

#endif

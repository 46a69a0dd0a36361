/* family.h - what kind of device a get_sysinfo answer describes, and how each kind is asked.
 *
 * Decided by the fields of the answer, never by the model name: labels and hardware versions
 * disagree on some HS110. Order of the rules and names of the modules: the recordings of 84
 * devices (family table of the protocol notes). */
#ifndef PLUG_PROTOCOL_FAMILY_H
#define PLUG_PROTOCOL_FAMILY_H

#include <json-c/json.h>
#include <stdbool.h>

enum plug_family {
	PLUG_FAMILY_UNSUPPORTED, /* cameras, and what has no relay we know */
	PLUG_FAMILY_PLUG,
	PLUG_FAMILY_WALL_SWITCH,
	PLUG_FAMILY_DIMMER,
	PLUG_FAMILY_STRIP,
	PLUG_FAMILY_BULB,
	PLUG_FAMILY_LIGHT_STRIP,
	PLUG_FAMILY_COUNT,
};

/* What each family calls its modules and methods. */
struct plug_family_traits {
	const char *name;	     /* "plug", "wall switch", ... for people */
	const char *energy_module;   /* "emeter" or "smartlife.iot.common.emeter" */
	const char *time_module;     /* "time" or "smartlife.iot.common.timesetting" */
	const char *switch_module;   /* "system" or a lighting module */
	const char *switch_method;   /* "set_relay_state", "transition_light_state", ... */
	const char *switch_argument; /* "state" or "on_off" */
};

/* sysinfo is the object below system.get_sysinfo. */
enum plug_family plug_family_classify(struct json_object *sysinfo);

/* True for bulbs and light strips, which have modules of their own for everything. */
bool plug_family_is_light(enum plug_family family);

/* Static; the traits of a plug for values outside the enum. */
const struct plug_family_traits *plug_family_traits(enum plug_family family);

#endif

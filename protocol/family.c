#include "protocol/family.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "protocol/json.h"

static const struct plug_family_traits traits[PLUG_FAMILY_COUNT] = {
	[PLUG_FAMILY_UNSUPPORTED] = { "unsupported", "emeter", "time", "system", "set_relay_state",
		"state" },
	[PLUG_FAMILY_PLUG] = { "plug", "emeter", "time", "system", "set_relay_state", "state" },
	[PLUG_FAMILY_WALL_SWITCH] = { "wall switch", "emeter", "time", "system", "set_relay_state",
		"state" },
	[PLUG_FAMILY_DIMMER] = { "dimmer", "emeter", "time", "system", "set_relay_state", "state" },
	[PLUG_FAMILY_STRIP] = { "strip", "emeter", "time", "system", "set_relay_state", "state" },
	[PLUG_FAMILY_BULB] = { "bulb", "smartlife.iot.common.emeter",
		"smartlife.iot.common.timesetting", "smartlife.iot.smartbulb.lightingservice",
		"transition_light_state", "on_off" },
	[PLUG_FAMILY_LIGHT_STRIP] = { "light strip", "smartlife.iot.common.emeter",
		"smartlife.iot.common.timesetting", "smartlife.iot.lightStrip", "set_light_state",
		"on_off" },
};

/* Capitals differ between firmwares: IOT.SMARTPLUGSWITCH, IOT.RANGEEXTENDER.SMARTPLUG, "Light".
 * word is in small letters; comparing its first letter here spares most calls, at every poll. */
static bool contains(const char *text, const char *word)
{
	enum { TO_SMALL_LETTER = 0x20 };
	const size_t word_size = strlen(word);

	for (; *text != '\0'; text++) {
		if ((*text | TO_SMALL_LETTER) == *word && strncasecmp(text, word, word_size) == 0) {
			return true;
		}
	}
	return false;
}

static bool has(struct json_object *sysinfo, const char *key)
{
	return json_object_object_get_ex(sysinfo, key, NULL);
}

static enum plug_family classify_smartplug(struct json_object *sysinfo, const char *dev_name)
{
	struct json_object *children;

	if (plug_json_array(sysinfo, "children", &children)) {
		return PLUG_FAMILY_STRIP;
	}
	return contains(dev_name, "light") ? PLUG_FAMILY_WALL_SWITCH : PLUG_FAMILY_PLUG;
}

enum plug_family plug_family_classify(struct json_object *sysinfo)
{
	const char *type;
	const char *dev_name;

	/* Cameras answer one level deeper. */
	if (has(sysinfo, "system")) {
		return PLUG_FAMILY_UNSUPPORTED;
	}
	if (!plug_json_string(sysinfo, "type", &type) &&
		!plug_json_string(sysinfo, "mic_type", &type)) {
		return PLUG_FAMILY_UNSUPPORTED;
	}
	if (!plug_json_string(sysinfo, "dev_name", &dev_name)) {
		dev_name = "";
	}
	if (contains(dev_name, "dimmer") ||
		(has(sysinfo, "brightness") && has(sysinfo, "relay_state"))) {
		return PLUG_FAMILY_DIMMER;
	}
	if (contains(type, "smartplug")) {
		return classify_smartplug(sysinfo, dev_name);
	}
	if (contains(type, "smartbulb")) {
		return has(sysinfo, "length") ? PLUG_FAMILY_LIGHT_STRIP : PLUG_FAMILY_BULB;
	}
	return has(sysinfo, "relay_state") ? PLUG_FAMILY_PLUG : PLUG_FAMILY_UNSUPPORTED;
}

bool plug_family_is_light(enum plug_family family)
{
	return family == PLUG_FAMILY_BULB || family == PLUG_FAMILY_LIGHT_STRIP;
}

const struct plug_family_traits *plug_family_traits(enum plug_family family)
{
	return &traits[family < PLUG_FAMILY_COUNT ? family : PLUG_FAMILY_PLUG];
}

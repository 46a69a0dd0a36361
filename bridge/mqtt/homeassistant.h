/* homeassistant.h - what Home Assistant is told of a device: topics and payloads of its MQTT
 * discovery.
 *
 *     <prefix>/device/<id>/config                        one message for a device, with
 *         {"dev":{...},"o":{...},"availability":[...],"cmps":{"<component>":{"p":"sensor",...}}}
 *     <prefix>/<platform>/<id>/<component>/config        or one for each component, with
 *         {"dev":{...},"o":{...},"availability":[...],...}
 *
 * Home Assistant builds its own id of a component from <id> and <component> in both forms, so they
 * can be exchanged without losing anything. Nothing but what its schema names may stand at the
 * root, in dev or in o: one unknown key costs the whole device. A light speaks the default schema:
 * the JSON schema sends transitions and flashes, which no plug has and no set takes.
 * Source: components/mqtt of Home Assistant (discovery.py, schemas.py, entity.py, light) and its
 * documentation of the integration. Pure: no I/O. */
#ifndef PLUG_BRIDGE_MQTT_HOMEASSISTANT_H
#define PLUG_BRIDGE_MQTT_HOMEASSISTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mqtt/topics.h"

enum {
	/* Every component with topics and label of the greatest length, every byte escaped. */
	HOMEASSISTANT_PAYLOAD_MAX_BYTES = 24 * 1024,
	/* "kasa_50c7bf000001_16" and ids that people write, with the NUL. */
	HOMEASSISTANT_ID_BYTES = 64,
};

/* In the order in which they are announced. Kept as bits in the state file: add at the end. */
enum homeassistant_component {
	HOMEASSISTANT_SWITCH,
	HOMEASSISTANT_LIGHT,
	HOMEASSISTANT_POWER,
	HOMEASSISTANT_VOLTAGE,
	HOMEASSISTANT_CURRENT,
	HOMEASSISTANT_ENERGY,
	HOMEASSISTANT_ENERGY_TODAY,
	HOMEASSISTANT_RSSI,
	HOMEASSISTANT_CONNECTION,
	HOMEASSISTANT_BRIDGE_CONNECTION,
	HOMEASSISTANT_DEVICES_ONLINE,
	HOMEASSISTANT_DEVICES_OFFLINE,
	HOMEASSISTANT_STARTED,
	HOMEASSISTANT_APPARENT_POWER,
	HOMEASSISTANT_POWER_FACTOR,
	HOMEASSISTANT_COMPONENT_COUNT,
};

enum {
	HOMEASSISTANT_COMPONENTS_ALL = (1U << HOMEASSISTANT_COMPONENT_COUNT) - 1,
	HOMEASSISTANT_COMPONENTS_COUNTERS =
		1U << HOMEASSISTANT_ENERGY | 1U << HOMEASSISTANT_ENERGY_TODAY,
	/* With volts and amperes. */
	HOMEASSISTANT_COMPONENTS_METER =
		1U << HOMEASSISTANT_POWER | 1U << HOMEASSISTANT_VOLTAGE |
		1U << HOMEASSISTANT_CURRENT | 1U << HOMEASSISTANT_APPARENT_POWER |
		1U << HOMEASSISTANT_POWER_FACTOR | HOMEASSISTANT_COMPONENTS_COUNTERS,
	HOMEASSISTANT_COMPONENTS_BRIDGE =
		1U << HOMEASSISTANT_BRIDGE_CONNECTION | 1U << HOMEASSISTANT_DEVICES_ONLINE |
		1U << HOMEASSISTANT_DEVICES_OFFLINE | 1U << HOMEASSISTANT_STARTED,
};

/* One device as Home Assistant shall see it. Texts are borrowed for the call. */
struct homeassistant_device {
	const char *id;	   /* never changes: the history hangs on it */
	const char *via;   /* id of the device it is reached through; NULL for the bridge */
	const char *name;  /* [a-z0-9_-]: entity ids are made of it */
	const char *plug;  /* the outlet whose topics it shows; NULL for the bridge */
	const char *label; /* its name for people */
	const char *room;  /* "" for none */
	const char *model; /* "" for none */
	bool is_wall_switch;
	uint32_t components; /* bits of enum homeassistant_component */
	uint32_t gone;	     /* announced before, no longer there: the device form says so */
};

/* Where everything is. */
struct homeassistant_place {
	const char *prefix;
	const struct topics *topics;
	const char *version; /* of this program */
};

/* Writes the id of a device with this MAC, or of its outlet, counted from 1; 0 for the device
 * itself. ha_id, when it is not empty, is the id of the device that was replaced, or its MAC. */
const char *homeassistant_id(const uint8_t mac[static 6], const char *ha_id, size_t outlet,
	char id[static HOMEASSISTANT_ID_BYTES]);
/* The same for a bridge. */
const char *homeassistant_bridge_id(const char *bridge_id, char id[static HOMEASSISTANT_ID_BYTES]);

/* Each writes a topic and returns text. */
const char *homeassistant_device_topic(
	const char *prefix, const char *id, char text[static TOPIC_MAX_BYTES]);
const char *homeassistant_component_topic(const char *prefix, const char *id,
	enum homeassistant_component component, char text[static TOPIC_MAX_BYTES]);
/* Where Home Assistant says that it has started. */
const char *homeassistant_status_topic(const char *prefix, char text[static TOPIC_MAX_BYTES]);

/* Each writes a payload and returns its size; always fits. */
size_t homeassistant_device_payload(const struct homeassistant_place *place,
	const struct homeassistant_device *device,
	char payload[static HOMEASSISTANT_PAYLOAD_MAX_BYTES]);
size_t homeassistant_component_payload(const struct homeassistant_place *place,
	const struct homeassistant_device *device, enum homeassistant_component component,
	char payload[static HOMEASSISTANT_PAYLOAD_MAX_BYTES]);

/* What makes Home Assistant let go of a form without forgetting what it knew, before the other
 * form is sent and this one cleared. */
extern const char homeassistant_migration[];

#endif

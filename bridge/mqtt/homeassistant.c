#include "bridge/mqtt/homeassistant.h"

#include <string.h>

#include "bridge/text.h"

const char homeassistant_migration[] = "{\"migrate_discovery\":true}";

static const char id_start[] = "kasa_";

/* Where a component finds its state. */
enum source { SOURCE_PLUG, SOURCE_BRIDGE };

/* Units, device classes and state classes go together: Home Assistant drops what does not. */
static const struct component {
	const char *key; /* never changes: Home Assistant's id of the component has it */
	const char *platform;
	const char *name; /* NULL: the device's own, for its main component */
	const char *leaf;
	const char *device_class, *state_class, *unit; /* NULL for none */
	const char *value;			       /* template; NULL for the payload itself */
	enum source source;
	bool is_diagnostic, is_disabled;
} components[HOMEASSISTANT_COMPONENT_COUNT] = {
	[HOMEASSISTANT_SWITCH] = { .key = "switch",
		.platform = "switch",
		.leaf = "state",
		.device_class = "outlet" },
	[HOMEASSISTANT_LIGHT] = { .key = "light", .platform = "light", .leaf = "state" },
	[HOMEASSISTANT_POWER] = { .key = "power",
		.platform = "sensor",
		.name = "Power",
		.leaf = "power",
		.device_class = "power",
		.state_class = "measurement",
		.unit = "W" },
	[HOMEASSISTANT_VOLTAGE] = { .key = "voltage",
		.platform = "sensor",
		.name = "Voltage",
		.leaf = "voltage",
		.device_class = "voltage",
		.state_class = "measurement",
		.unit = "V" },
	[HOMEASSISTANT_CURRENT] = { .key = "current",
		.platform = "sensor",
		.name = "Current",
		.leaf = "current",
		.device_class = "current",
		.state_class = "measurement",
		.unit = "A" },
	[HOMEASSISTANT_APPARENT_POWER] = { .key = "apparent_power",
		.platform = "sensor",
		.name = "Apparent power",
		.leaf = "apparent_power",
		.device_class = "apparent_power",
		.state_class = "measurement",
		.unit = "VA",
		.is_disabled = true },
	/* From 0 to 1, which is the class's form without a unit. */
	[HOMEASSISTANT_POWER_FACTOR] = { .key = "power_factor",
		.platform = "sensor",
		.name = "Power factor",
		.leaf = "power_factor",
		.device_class = "power_factor",
		.state_class = "measurement",
		.is_disabled = true },
	[HOMEASSISTANT_ENERGY] = { .key = "energy",
		.platform = "sensor",
		.name = "Energy",
		.leaf = "energy",
		.device_class = "energy",
		.state_class = "total_increasing",
		.unit = "kWh" },
	/* Starts again from 0 each day, which this state class allows. */
	[HOMEASSISTANT_ENERGY_TODAY] = { .key = "energy_today",
		.platform = "sensor",
		.name = "Energy today",
		.leaf = "energy_today",
		.device_class = "energy",
		.state_class = "total_increasing",
		.unit = "kWh" },
	[HOMEASSISTANT_RSSI] = { .key = "rssi",
		.platform = "sensor",
		.name = "Signal strength",
		.leaf = "rssi",
		.device_class = "signal_strength",
		.state_class = "measurement",
		.unit = "dBm",
		.is_diagnostic = true,
		.is_disabled = true },
	[HOMEASSISTANT_CONNECTION] = { .key = "connection",
		.platform = "binary_sensor",
		.name = "Connection",
		.leaf = "availability",
		.device_class = "connectivity",
		.is_diagnostic = true },
	[HOMEASSISTANT_BRIDGE_CONNECTION] = { .key = "connection",
		.platform = "binary_sensor",
		.name = "Connection",
		.leaf = "availability",
		.device_class = "connectivity",
		.source = SOURCE_BRIDGE,
		.is_diagnostic = true },
	[HOMEASSISTANT_DEVICES_ONLINE] = { .key = "devices_online",
		.platform = "sensor",
		.name = "Devices online",
		.leaf = "health",
		.state_class = "measurement",
		.value = "{{ value_json.devices.online }}",
		.source = SOURCE_BRIDGE,
		.is_diagnostic = true },
	[HOMEASSISTANT_DEVICES_OFFLINE] = { .key = "devices_offline",
		.platform = "sensor",
		.name = "Devices offline",
		.leaf = "health",
		.state_class = "measurement",
		.value = "{{ value_json.devices.offline }}",
		.source = SOURCE_BRIDGE,
		.is_diagnostic = true },
	[HOMEASSISTANT_STARTED] = { .key = "started",
		.platform = "sensor",
		.name = "Started",
		.leaf = "info",
		.device_class = "timestamp",
		.value = "{{ value_json.started }}",
		.source = SOURCE_BRIDGE,
		.is_diagnostic = true },
};

/* The payload under construction. */
struct writer {
	struct text text;
	const struct homeassistant_place *place;
	const struct homeassistant_device *device;
};

/* Letters and digits of text in small letters, so that a MAC may be written in any way. */
static void put_id_part(struct text *id, const char *text)
{
	for (; *text != '\0'; text++) {
		const bool is_capital = *text >= 'A' && *text <= 'Z';
		const char letter = (char)(is_capital ? *text - 'A' + 'a' : *text);

		if ((letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
			letter == '_') {
			text_put_bytes(id, &letter, 1);
		}
	}
}

static void put_mac(struct text *id, const uint8_t mac[static 6])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 6; i++) {
		text_put_bytes(id, &digits[mac[i] >> 4], 1);
		text_put_bytes(id, &digits[mac[i] & 0x0f], 1);
	}
}

const char *homeassistant_id(const uint8_t mac[static 6], const char *ha_id, size_t outlet,
	char id[static HOMEASSISTANT_ID_BYTES])
{
	struct text text;

	text_init(&text, id, HOMEASSISTANT_ID_BYTES);
	if (strncmp(ha_id, id_start, strlen(id_start)) != 0) {
		text_put(&text, id_start);
	}
	if (ha_id[0] != '\0') {
		put_id_part(&text, ha_id);
	} else {
		put_mac(&text, mac);
	}
	if (outlet > 0) {
		text_put(&text, "_");
		text_put_integer(&text, (int64_t)outlet);
	}
	return id;
}

const char *homeassistant_bridge_id(const char *bridge_id, char id[static HOMEASSISTANT_ID_BYTES])
{
	struct text text;

	text_init(&text, id, HOMEASSISTANT_ID_BYTES);
	text_put(&text, "plugbridge_");
	text_put(&text, bridge_id);
	return id;
}

static const char *join(
	char text[static TOPIC_MAX_BYTES], const char *const *parts, size_t part_count)
{
	struct text topic;

	text_init(&topic, text, TOPIC_MAX_BYTES);
	for (size_t i = 0; i < part_count; i++) {
		text_put(&topic, i > 0 ? "/" : "");
		text_put(&topic, parts[i]);
	}
	return text;
}

const char *homeassistant_device_topic(
	const char *prefix, const char *id, char text[static TOPIC_MAX_BYTES])
{
	return join(text, (const char *[]) { prefix, "device", id, "config" }, 4);
}

const char *homeassistant_component_topic(const char *prefix, const char *id,
	enum homeassistant_component component, char text[static TOPIC_MAX_BYTES])
{
	return join(text,
		(const char *[]) { prefix, components[component].platform, id,
			components[component].key, "config" },
		5);
}

const char *homeassistant_status_topic(const char *prefix, char text[static TOPIC_MAX_BYTES])
{
	return join(text, (const char *[]) { prefix, "status" }, 2);
}

static void put_optional(struct text *text, const char *key, const char *value)
{
	if (value && value[0] != '\0') {
		text_member_string(text, key, value);
	}
}

/* The topic of a leaf of the plug, or of the bridge. */
static void put_topic(struct writer *writer, const char *key, enum source source, const char *leaf)
{
	const struct topics *topics = writer->place->topics;
	char topic[TOPIC_MAX_BYTES];

	text_member_string(&writer->text, key,
		source == SOURCE_BRIDGE ? topics_bridge(topics, leaf, topic)
					: topics_outlet(topics, writer->device->plug, leaf, topic));
}

static void put_device(struct writer *writer)
{
	const struct homeassistant_device *device = writer->device;
	struct text *text = &writer->text;

	text_open(text, "dev", '{');
	text_open(text, "identifiers", '[');
	text_member_string(text, NULL, device->id);
	text_close(text, ']');
	text_member_string(text, "name", device->label);
	if (device->via) {
		text_member_string(text, "manufacturer", "TP-Link");
		put_optional(text, "model", device->model);
		put_optional(text, "suggested_area", device->room);
		text_member_string(text, "via_device", device->via);
	} else {
		text_member_string(text, "model", "plugbridge");
		text_member_string(text, "sw_version", writer->place->version);
	}
	text_close(text, '}');
}

static void put_origin(struct writer *writer)
{
	text_open(&writer->text, "o", '{');
	text_member_string(&writer->text, "name", "plugbridge");
	text_member_string(&writer->text, "sw_version", writer->place->version);
	text_close(&writer->text, '}');
}

static void put_available(struct writer *writer, enum source source)
{
	text_open(&writer->text, NULL, '{');
	put_topic(writer, "topic", source, "availability");
	text_close(&writer->text, '}');
}

/* On whom it depends whether a component can be used. */
enum dependence { DEPENDS_ON_NOTHING, DEPENDS_ON_BRIDGE, DEPENDS_ON_PLUG };

/* A connection that is down must still be shown as down. */
static enum dependence dependence_of(enum homeassistant_component component)
{
	if (component == HOMEASSISTANT_BRIDGE_CONNECTION) {
		return DEPENDS_ON_NOTHING;
	}
	if (component == HOMEASSISTANT_CONNECTION) {
		return DEPENDS_ON_BRIDGE;
	}
	return components[component].source == SOURCE_PLUG ? DEPENDS_ON_PLUG : DEPENDS_ON_BRIDGE;
}

static void put_availability(struct writer *writer, enum dependence dependence)
{
	text_open(&writer->text, "availability", '[');
	if (dependence != DEPENDS_ON_NOTHING) {
		put_available(writer, SOURCE_BRIDGE);
	}
	if (dependence == DEPENDS_ON_PLUG) {
		put_available(writer, SOURCE_PLUG);
	}
	text_close(&writer->text, ']');
	text_member_string(&writer->text, "availability_mode", "all");
}

/* "switch.steam_engine", "sensor.steam_engine_power": single underscores between letters and
 * digits, as Home Assistant wants its ids. */
static void put_entity_id(struct writer *writer, const struct component *component)
{
	const struct homeassistant_device *device = writer->device;
	const char *name = device->name;
	char bytes[2 * HOMEASSISTANT_ID_BYTES + 32];
	struct text id;
	size_t start = 0;

	text_init(&id, bytes, sizeof bytes);
	text_put(&id, component->platform);
	text_put(&id, ".");
	start = id.size;
	for (; *name != '\0'; name++) {
		const bool is_gap = *name == '-' || *name == '_';

		if (!is_gap) {
			text_put_bytes(&id, name, 1);
		} else if (id.size > start && bytes[id.size - 1] != '_') {
			text_put(&id, "_");
		}
	}
	if (id.size == start) {
		text_put(&id, device->id);
	} else if (bytes[id.size - 1] == '_') {
		bytes[--id.size] = '\0';
	}
	if (component->name) {
		text_put(&id, "_");
		text_put(&id, component->key);
	}
	text_member_string(&writer->text, "default_entity_id", bytes);
}

static void put_unique_id(struct writer *writer, const struct component *component)
{
	char bytes[HOMEASSISTANT_ID_BYTES + 32];
	struct text id;

	text_init(&id, bytes, sizeof bytes);
	text_put(&id, writer->device->id);
	text_put(&id, "_");
	text_put(&id, component->key);
	text_member_string(&writer->text, "uniq_id", bytes);
}

/* What can be commanded. One command for a brightness: it says ON, too. */
static void put_control(struct writer *writer, enum homeassistant_component component)
{
	struct text *text = &writer->text;

	put_topic(writer, "command_topic", SOURCE_PLUG, "set");
	text_member_string(text, "payload_on", "ON");
	text_member_string(text, "payload_off", "OFF");
	text_member_integer(text, "qos", 1);
	if (component == HOMEASSISTANT_LIGHT) {
		put_topic(writer, "brightness_state_topic", SOURCE_PLUG, "brightness");
		put_topic(writer, "brightness_command_topic", SOURCE_PLUG, "set");
		text_member_string(text, "brightness_command_template",
			"{\"state\":\"ON\",\"brightness\":{{ value }} }");
		text_member_integer(text, "brightness_scale", 100);
		text_member_string(text, "on_command_type", "brightness");
	}
}

static void put_component(struct writer *writer, enum homeassistant_component component)
{
	const struct component *row = &components[component];
	const bool is_switch = component == HOMEASSISTANT_SWITCH;
	struct text *text = &writer->text;

	text_member_string(text, "name", row->name);
	put_unique_id(writer, row);
	put_entity_id(writer, row);
	put_topic(writer, "state_topic", row->source, row->leaf);
	put_optional(text, "value_template", row->value);
	put_optional(text, "device_class",
		is_switch && writer->device->is_wall_switch ? "switch" : row->device_class);
	put_optional(text, "state_class", row->state_class);
	put_optional(text, "unit_of_measurement", row->unit);
	if (is_switch || component == HOMEASSISTANT_LIGHT) {
		put_control(writer, component);
	}
	if (strcmp(row->leaf, "availability") == 0) {
		text_member_string(text, "payload_on", "online");
		text_member_string(text, "payload_off", "offline");
	}
	if (row->is_diagnostic) {
		text_member_string(text, "entity_category", "diagnostic");
	}
	if (row->is_disabled) {
		text_member_flag(text, "enabled_by_default", false);
	}
}

static void begin(struct writer *writer, char payload[static HOMEASSISTANT_PAYLOAD_MAX_BYTES])
{
	text_init(&writer->text, payload, HOMEASSISTANT_PAYLOAD_MAX_BYTES);
	text_open(&writer->text, NULL, '{');
	put_device(writer);
	put_origin(writer);
}

/* In the device form what stands at the root holds for every component that does not say it
 * itself. What is gone is named by its platform alone. */
static void put_components(struct writer *writer, enum dependence root)
{
	struct text *text = &writer->text;

	text_open(text, "cmps", '{');
	for (int i = 0; i < HOMEASSISTANT_COMPONENT_COUNT; i++) {
		const enum homeassistant_component component = (enum homeassistant_component)i;
		const bool is_there = writer->device->components & 1U << i;

		if (!is_there && !(writer->device->gone & 1U << i)) {
			continue;
		}
		text_open(text, components[i].key, '{');
		text_member_string(text, "p", components[i].platform);
		if (is_there) {
			put_component(writer, component);
		}
		if (is_there && dependence_of(component) != root) {
			put_availability(writer, dependence_of(component));
		}
		text_close(text, '}');
	}
	text_close(text, '}');
}

size_t homeassistant_device_payload(const struct homeassistant_place *place,
	const struct homeassistant_device *device,
	char payload[static HOMEASSISTANT_PAYLOAD_MAX_BYTES])
{
	const enum dependence root = device->plug ? DEPENDS_ON_PLUG : DEPENDS_ON_BRIDGE;
	struct writer writer = { .place = place, .device = device };

	begin(&writer, payload);
	put_availability(&writer, root);
	put_components(&writer, root);
	text_close(&writer.text, '}');
	return writer.text.size;
}

size_t homeassistant_component_payload(const struct homeassistant_place *place,
	const struct homeassistant_device *device, enum homeassistant_component component,
	char payload[static HOMEASSISTANT_PAYLOAD_MAX_BYTES])
{
	struct writer writer = { .place = place, .device = device };

	begin(&writer, payload);
	put_component(&writer, component);
	put_availability(&writer, dependence_of(component));
	text_close(&writer.text, '}');
	return writer.text.size;
}

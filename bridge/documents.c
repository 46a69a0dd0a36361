#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/bridge.h"
#include "bridge/mem.h"
#include "bridge/text.h"
#include "bridge/version.h"

enum {
	DOCUMENT_BYTES = 4096,
	/* The devices named in health when many are offline; the counts tell of the rest. */
	OFFLINE_NAMED_MAX = 50,
	/* A byte of text takes at most six in JSON. */
	ESCAPE_BYTES = 6,
	INVENTORY_OUTLET_BYTES = 160,
};

static void open_text(struct text *text, size_t capacity)
{
	text_init(text, mem_array(capacity, 1), capacity);
	text_open(text, NULL, '{');
}

static char *close_text(struct text *text)
{
	text_close(text, '}');
	return text->bytes;
}

static uint64_t uptime_s(const struct bridge *bridge)
{
	return (uv_now(&bridge->loop) - bridge->started_ms) / 1000;
}

/* Versions and counts. */
static char *format_info(const struct bridge *bridge)
{
	struct text text;

	open_text(&text, DOCUMENT_BYTES);
	text_member_string(&text, "name", "plugbridge");
	text_member_string(&text, "version", PLUGBRIDGE_VERSION);
	text_member_string(&text, "id", bridge->config->bridge.id);
	text_member_integer(&text, "mqtt", bridge->config->broker.protocol);
	text_member_integer(&text, "devices", (int64_t)bridge->device_count);
	text_member_integer(&text, "outlets", (int64_t)bridge->outlet_count);
	text_member_time(&text, "started", bridge->started_wall_ms);
	text_member_integer(&text, "uptime_s", (int64_t)uptime_s(bridge));
	text_open(&text, "libraries", '{');
	text_member_string(&text, "json_c", json_c_version());
	text_member_string(&text, "libuv", uv_version_string());
	text_close(&text, '}');
	return close_text(&text);
}

static void put_devices(struct text *text, const struct bridge *bridge)
{
	const struct device_counters *counters = &bridge->host.counters;

	text_open(text, "devices", '{');
	text_member_integer(text, "total", (int64_t)bridge->device_count);
	text_member_integer(text, "online", (int64_t)counters->online);
	text_member_integer(text, "offline", (int64_t)(bridge->device_count - counters->online));
	text_member_integer(text, "reads", (int64_t)counters->reads);
	text_member_integer(text, "misses", (int64_t)counters->misses);
	text_member_integer(text, "energy_errors", (int64_t)counters->energy_errors);
	text_member_integer(text, "switches", (int64_t)counters->switches);
	text_close(text, '}');
}

static void put_broker(struct text *text, const struct bridge *bridge)
{
	struct mqtt_counters mqtt = { 0 };
	struct publisher_counters publisher = { 0 };

	if (bridge->mqtt) {
		mqtt_counters(bridge->mqtt, &mqtt);
	}
	publisher_counters(bridge->publisher, &publisher);
	text_open(text, "broker", '{');
	text_member_integer(text, "connects", (int64_t)mqtt.connects);
	text_member_integer(text, "received", (int64_t)mqtt.received);
	text_member_integer(text, "received_dropped", (int64_t)mqtt.dropped);
	text_member_integer(text, "published", (int64_t)mqtt.published);
	text_member_integer(text, "failed", (int64_t)mqtt.failed);
	text_member_integer(text, "refused", (int64_t)publisher.refused);
	text_member_string(text, "refused_topic", bridge->refused_topic);
	text_member_integer(text, "waiting", (int64_t)publisher.waiting);
	text_member_integer(text, "dropped", (int64_t)publisher.dropped);
	text_close(text, '}');
}

static void put_energy(struct text *text, const struct bridge *bridge)
{
	const struct energy_counters *counters = &bridge->host.energy.counters;

	text_open(text, "energy", '{');
	text_member_integer(text, "glitches", (int64_t)counters->glitches);
	text_member_integer(text, "resets", (int64_t)counters->resets);
	text_member_integer(text, "gaps_filled", (int64_t)counters->gaps_filled);
	text_close(text, '}');
}

static void put_commands(struct text *text, const struct bridge *bridge)
{
	const struct bridge_counters *counters = &bridge->counters;

	text_open(text, "commands", '{');
	text_member_integer(text, "received", (int64_t)counters->commands);
	for (int status = 0; status < ORDER_STATUS_COUNT; status++) {
		text_member_integer(text, order_status_text((enum order_status)status),
			(int64_t)counters->results[status]);
	}
	text_member_integer(text, "ignored", (int64_t)counters->ignored);
	text_member_integer(text, "unknown_names", (int64_t)counters->unknown_names);
	text_close(text, '}');
}

/* How long ago the device that was not read for longest was read, among those online. */
static uint64_t oldest_read_ms(const struct bridge *bridge)
{
	const uint64_t now_ms = uv_now(&bridge->loop);
	uint64_t oldest_ms = 0;

	for (size_t i = 0; i < bridge->device_count; i++) {
		const struct outlet_box *box = &bridge->devices[i]->box;
		const uint64_t age_ms = now_ms - box->read_ms;

		if (box->is_online && age_ms > oldest_ms) {
			oldest_ms = age_ms;
		}
	}
	return oldest_ms;
}

static void put_offline(struct text *text, const struct bridge *bridge)
{
	size_t named = 0;

	text_open(text, "offline", '[');
	for (size_t i = 0; i < bridge->device_count && named < OFFLINE_NAMED_MAX; i++) {
		const struct device *device = bridge->devices[i];

		if (!device->box.is_online) {
			text_open(text, NULL, '{');
			text_member_string(text, "name", device->name);
			text_member_string(text, "reason", device->box.reason);
			text_close(text, '}');
			named++;
		}
	}
	text_close(text, ']');
}

/* Devices of the configuration that answer, but not in a way this version speaks. */
static void put_unsupported(struct text *text, const struct bridge *bridge)
{
	size_t named = 0;

	text_open(text, "unsupported", '[');
	for (size_t i = 0; i < bridge->device_count && named < OFFLINE_NAMED_MAX; i++) {
		const struct device *device = bridge->devices[i];

		if (device->dialect != PLUG_DIALECT_XOR) {
			text_open(text, NULL, '{');
			text_member_string(text, "name", device->name);
			text_member_string(text, "dialect", plug_dialect_name(device->dialect));
			text_member_string(text, "advice", plug_dialect_advice(device->dialect));
			text_close(text, '}');
			named++;
		}
	}
	text_close(text, ']');
}

static char *format_health(const struct bridge *bridge)
{
	struct text text;

	open_text(&text, DOCUMENT_BYTES + OFFLINE_NAMED_MAX * 1536);
	text_member_time(&text, "time", bridge_wall_ms());
	text_member_integer(&text, "uptime_s", (int64_t)uptime_s(bridge));
	text_member_integer(&text, "loop_lag_ms", (int64_t)bridge->lag_shown_ms);
	text_member_integer(&text, "oldest_read_ms", (int64_t)oldest_read_ms(bridge));
	put_devices(&text, bridge);
	put_broker(&text, bridge);
	put_commands(&text, bridge);
	put_energy(&text, bridge);
	put_offline(&text, bridge);
	finder_put_health(bridge->finder, &text);
	put_unsupported(&text, bridge);
	timekeeper_put_health(bridge, &text);
	return close_text(&text);
}

static size_t inventory_bytes(const struct bridge *bridge)
{
	size_t bytes = DOCUMENT_BYTES;

	for (size_t i = 0; i < bridge->outlet_count; i++) {
		const struct outlet *outlet = bridge->outlets[i];

		bytes += INVENTORY_OUTLET_BYTES +
			 ESCAPE_BYTES * (strlen(outlet->label) + strlen(outlet->room));
	}
	return bytes;
}

/* The outlets as configured: nothing here changes with what devices answer. */
static char *format_inventory(const struct bridge *bridge)
{
	struct text text;

	open_text(&text, inventory_bytes(bridge));
	text_open(&text, "outlets", '[');
	for (size_t i = 0; i < bridge->outlet_count; i++) {
		const struct outlet *outlet = bridge->outlets[i];

		text_open(&text, NULL, '{');
		text_member_string(&text, "name", outlet->name);
		text_member_string(&text, "label", outlet->label);
		text_member_string(&text, "room", outlet->room);
		text_member_string(&text, "device", outlet->box->device->name);
		text_close(&text, '}');
	}
	text_close(&text, ']');
	return close_text(&text);
}

char *bridge_format_document(void *arg, enum document document)
{
	const struct bridge *bridge = arg;

	switch (document) {
	case DOCUMENT_INFO:
		return format_info(bridge);
	case DOCUMENT_HEALTH:
		return format_health(bridge);
	case DOCUMENT_INVENTORY:
		return format_inventory(bridge);
	default:
		return mem_copy("online");
	}
}

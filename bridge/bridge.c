#include "bridge/bridge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bridge/event.h"
#include "bridge/log.h"
#include "bridge/mem.h"
#include "bridge/mqtt/command.h"
#include "bridge/requests/request.h"
#include "bridge/result.h"
#include "bridge/search/news.h"

enum {
	/* Requests written or answers handled between two looks at the inbox. */
	SLICES_PER_LOOK = 16,
};

int64_t bridge_wall_ms(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t hr_ms(void)
{
	return uv_hrtime() / 1000000;
}

static int compare_name(const void *key, const void *element)
{
	const struct outlet *const *outlet = element;

	return strcmp(key, (*outlet)->name);
}

struct outlet *bridge_find_outlet(const struct bridge *bridge, const char *name)
{
	struct outlet **found = NULL;

	if (bridge->outlet_count > 0) {
		found = bsearch(name, bridge->outlets, bridge->outlet_count,
			sizeof *bridge->outlets, compare_name);
	}
	return found ? *found : NULL;
}

struct device *bridge_find_mac(const struct bridge *bridge, const uint8_t *mac)
{
	for (size_t i = 0; i < bridge->device_count; i++) {
		struct device *device = bridge->devices[i];

		if (device->has_mac && memcmp(device->mac, mac, PLUG_MAC_BYTES) == 0) {
			return device;
		}
	}
	return NULL;
}

/* Results: one for every command, behind the outlet's state. */

static void send_result(struct bridge *bridge, struct outlet *outlet, const struct order *order,
	const struct publisher_message *result)
{
	char topic[TOPIC_MAX_BYTES];
	struct publisher_message message = *result;

	message.topic = topics_outlet(&bridge->topics, outlet->name, "result", topic);
	if (outlet->has_state) {
		publisher_mark(bridge->publisher, outlet, 1U << LEAF_STATE);
	}
	publisher_send(bridge->publisher, &message);
	for (size_t i = 0; i < order->route_count; i++) {
		message.topic = order->routes[i].topic;
		message.correlation = order->routes[i].correlation;
		message.correlation_size = order->routes[i].correlation_size;
		publisher_send(bridge->publisher, &message);
	}
}

/* Frees order. A second delivery of its id gets this result again. */
static void decide(struct bridge *bridge, struct outlet *outlet, struct order *order,
	enum order_status status, const char *error)
{
	const uint64_t now_ms = hr_ms();
	const bool is_readable = status != ORDER_STATUS_INVALID;
	const struct result result = {
		.status = status,
		.command = is_readable ? order_kind_text(order->kind) : NULL,
		.has_state = outlet->has_state,
		.is_on = outlet->is_on,
		.brightness = outlet->brightness,
		.took_ms = now_ms > order->arrived_ms ? now_ms - order->arrived_ms : 0,
		.id = order->id,
		.source = order->source,
		.error = error,
	};
	char text[RESULT_MAX_BYTES];
	const struct publisher_message message = {
		.payload = text,
		.is_expendable = status == ORDER_STATUS_SUPERSEDED,
	};

	(void)result_format(&result, text);
	bridge->counters.results[status]++;
	if (order->id && order->is_admitted && order->kind != ORDER_READ) {
		order_remember(&outlet->orders, order->id, text, now_ms);
	}
	send_result(bridge, outlet, order, &message);
	log_debug("%s: %s", outlet->name, text);
	order_free(order);
}

/* Commands: from the broker to an outlet's book. */

/* The topic's, which a broker's access rules vouch for, before what the sender says. */
static const char *source_of(const struct mqtt_message *message, const struct topic *topic,
	const struct command *command)
{
	if (topic->source) {
		return topic->source;
	}
	return command->source[0] != '\0' ? command->source : message->source;
}

/* Topics and user properties may be longer than what a result has room for. */
static bool is_too_long(const char *source)
{
	return source && strlen(source) > ORDER_SOURCE_MAX_BYTES;
}

static struct order *new_order(struct bridge *bridge, const struct mqtt_message *message,
	const struct topic *topic, const struct command *command)
{
	const uint64_t left_ms = command_time_left_ms(command, bridge_wall_ms(),
		bridge->config->bridge.command_ttl_s, message->has_expiry, message->expiry_s);
	const char *source = source_of(message, topic, command);
	struct order *order =
		order_new(command->kind, message->arrived_ms, message->arrived_ms + left_ms);

	order->brightness = command->brightness;
	order->is_redelivered = message->is_duplicate;
	order->id = command->id[0] != '\0' ? mem_copy(command->id) : NULL;
	order->source = is_too_long(source) ? NULL : mem_copy(source);
	if (message->response_topic &&
		topics_may_answer(&bridge->topics, bridge->config->homeassistant.prefix,
			message->response_topic)) {
		(void)order_add_route(order, message->response_topic, message->correlation,
			message->correlation_size);
	}
	return order;
}

/* Through the one door. Takes order. */
static void submit(struct bridge *bridge, struct outlet *outlet, struct order *order)
{
	struct device *device = outlet->box->device;
	const struct order_view view = {
		.now_ms = hr_ms(),
		.is_known = device_knows_state(device, outlet),
		.is_on = outlet->is_on,
		.cannot_dim = device_cannot_dim(device),
	};
	struct order_verdict verdict;

	order->is_admitted = true;
	verdict = order_admit(&outlet->orders, order, &view);
	if (verdict.superseded) {
		decide(bridge, outlet, verdict.superseded, ORDER_STATUS_SUPERSEDED,
			verdict.superseded->was_sent
				? "a newer command came before the device had answered"
				: "a newer command came before this one was sent");
	}
	switch (verdict.admission) {
	case ORDER_ADMITTED:
		device_kick(device);
		break;
	case ORDER_JOINED:
		break;
	case ORDER_REPEATED:
		send_result(bridge, outlet, verdict.order,
			&(struct publisher_message) { .payload = verdict.stored });
		order_free(verdict.order);
		break;
	case ORDER_DECIDED:
		decide(bridge, outlet, verdict.order, verdict.status, verdict.error);
		break;
	}
}

static void take_set(struct bridge *bridge, struct outlet *outlet,
	const struct mqtt_message *message, const struct topic *topic)
{
	struct command command = { .error = "the payload is longer than 1024 bytes" };
	struct order *order = NULL;

	if (message->payload) {
		command_parse(&command, message->payload, message->payload_size);
	}
	if (is_too_long(source_of(message, topic, &command))) {
		command.is_valid = false;
		(void)snprintf(command.error, sizeof command.error,
			"the source is longer than %d bytes", ORDER_SOURCE_MAX_BYTES);
	}
	order = new_order(bridge, message, topic, &command);
	if (message->is_retained) {
		decide(bridge, outlet, order, ORDER_STATUS_REFUSED,
			"a retained command is never executed: send it without the retain flag");
		if (bridge->config->bridge.clear_retained_set) {
			publisher_clear_topic(bridge->publisher, message->topic);
		}
	} else if (!command.is_valid) {
		decide(bridge, outlet, order, ORDER_STATUS_INVALID, command.error);
	} else {
		submit(bridge, outlet, order);
	}
}

static void take_get(struct bridge *bridge, struct outlet *outlet,
	const struct mqtt_message *message, const struct topic *topic)
{
	struct command command = { .is_valid = true, .kind = ORDER_READ };

	if (message->is_retained) {
		bridge->counters.ignored++;
		return;
	}
	if (message->payload) {
		command_parse_id(&command, message->payload, message->payload_size);
	}
	submit(bridge, outlet, new_order(bridge, message, topic, &command));
}

static void on_message(void *arg, const struct mqtt_message *message)
{
	struct bridge *bridge = arg;
	const struct topic topic = topics_parse(&bridge->topics, message->topic);
	struct outlet *outlet = bridge_find_outlet(bridge, topic.name);

	if (bridge->is_stopping || announcer_take_status(bridge->announcer, message) ||
		topic.kind == TOPIC_OTHER) {
		return;
	}
	if (topic.kind == TOPIC_REQUEST) {
		request_take(bridge, message, &topic);
	} else if (topic.kind == TOPIC_ENERGY) {
		if (outlet) {
			recall_take(bridge, outlet, message);
		}
	} else if (!outlet) {
		bridge->counters.unknown_names++;
	} else if (topic.kind == TOPIC_GET) {
		bridge->counters.commands++;
		take_get(bridge, outlet, message, &topic);
	} else if (message->payload_size == 0) {
		/* Also our own clearing of a retained command, which comes back to us. */
		bridge->counters.ignored++;
	} else {
		bridge->counters.commands++;
		take_set(bridge, outlet, message, &topic);
	}
	publisher_pump(bridge->publisher);
}

/* The broker comes and goes. */

void bridge_publish_everything(void *arg)
{
	struct bridge *bridge = arg;

	for (int document = 0; document < DOCUMENT_COUNT; document++) {
		publisher_mark_document(bridge->publisher, (enum document)document);
	}
	for (size_t i = 0; i < bridge->outlet_count; i++) {
		publisher_mark_all(bridge->publisher, bridge->outlets[i]);
	}
	for (size_t i = 0; i < bridge->device_count; i++) {
		if (bridge->devices[i]->whole) {
			publisher_mark_all(bridge->publisher, bridge->devices[i]->whole);
		}
	}
	publisher_pump(bridge->publisher);
}

static void on_connected(void *arg)
{
	struct bridge *bridge = arg;

	log_info("mqtt: connected to %s:%d", bridge->config->broker.host,
		bridge->config->broker.port);
	announcer_repeat(bridge->announcer);
	recall_on_connected(bridge);
	bridge_publish_everything(bridge);
}

static void on_disconnected(void *arg, enum mqtt_reason reason, const char *text)
{
	(void)reason;
	recall_on_disconnected(arg);
	log_warn("mqtt: %s; trying again", text);
}

static void on_published(void *arg, uint64_t tag, bool is_delivered, int refused)
{
	struct bridge *bridge = arg;

	publisher_on_published(bridge->publisher, tag, is_delivered, refused);
	bridge_continue_stop(bridge);
}

static void on_room(void *arg)
{
	struct bridge *bridge = arg;

	publisher_pump(bridge->publisher);
}

static void on_subscribed(void *arg)
{
	recall_on_subscribed(arg);
}

const struct mqtt_events bridge_mqtt_events = {
	.on_connected = on_connected,
	.on_disconnected = on_disconnected,
	.on_message = on_message,
	.on_published = on_published,
	.on_room = on_room,
	.on_subscribed = on_subscribed,
};

/* Devices answer. */

static void on_outlet(void *arg, struct outlet *outlet, uint32_t leaves)
{
	struct bridge *bridge = arg;

	publisher_mark(bridge->publisher, outlet, leaves);
	/* What a bulb counts is told when it is seen. */
	if (leaves & LEAVES_COUNTERS && plug_family_is_light(outlet->box->device->family)) {
		announcer_look(bridge->announcer, outlet->box->device);
	}
}

static void on_result(void *arg, struct outlet *outlet, struct order *order,
	enum order_status status, const char *error)
{
	decide(arg, outlet, order, status, error);
}

/* That every device is online after a start is no news, and neither is a new reason to be offline:
 * ten thousand outlets would keep it. */
static void note_availability(struct outlet *outlet, const struct outlet_box *box)
{
	enum history_kind last = HISTORY_ONLINE;

	for (size_t i = history_count(outlet->history); i > 0 && last != HISTORY_OFFLINE; i--) {
		const struct history_entry *entry = history_at(outlet->history, i - 1);

		if (entry->kind == HISTORY_ONLINE) {
			break;
		}
		last = entry->kind == HISTORY_OFFLINE ? HISTORY_OFFLINE : last;
	}
	if (box->is_online != (last == HISTORY_ONLINE)) {
		history_add(&outlet->history,
			&(struct history_entry) {
				.wall_ms = bridge_wall_ms(),
				.kind = box->is_online ? HISTORY_ONLINE : HISTORY_OFFLINE,
				.words = box->reason,
			});
	}
}

/* Who ordered what the relay did. */
static const char *mover(const struct outlet *outlet)
{
	const struct order *order =
		outlet->orders.running ? outlet->orders.running : outlet->orders.pending;

	return order ? order->source : NULL;
}

/* What was ordered here has its result; the rest is news. */
static void on_moved(void *arg, struct outlet *outlet, enum cause cause)
{
	struct bridge *bridge = arg;
	struct event event;

	history_add(&outlet->history,
		&(struct history_entry) {
			.wall_ms = bridge_wall_ms(),
			.kind = HISTORY_RELAY,
			.cause = (uint8_t)cause,
			.is_on = outlet->seen.is_on,
			.words = cause == CAUSE_COMMAND ? (char *)mover(outlet) : NULL,
		});
	if (cause == CAUSE_COMMAND) {
		return;
	}
	log_info("%s: switched %s %s", outlet->name, outlet->seen.is_on ? "on" : "off",
		cause_words(cause));
	event_begin(&event, "relay_moved");
	text_member_string(&event.text, "name", outlet->name);
	text_member_string(&event.text, "label", outlet->label);
	text_member_string(&event.text, "state", outlet->seen.is_on ? "ON" : "OFF");
	text_member_string(&event.text, "cause", cause_name(cause));
	event_send(&event, bridge, outlet);
}

static void on_availability(void *arg, struct device *device)
{
	struct bridge *bridge = arg;
	const uint32_t leaves = device->box.is_online ? LEAVES_ALL : LEAVES_OFFLINE;

	for (size_t i = 0; i < device->outlet_count; i++) {
		note_availability(&device->outlets[i], &device->box);
		publisher_mark(bridge->publisher, &device->outlets[i], leaves);
	}
	if (device->whole) {
		publisher_mark(bridge->publisher, device->whole, leaves);
	}
	if (device->box.is_online) {
		announcer_look(bridge->announcer, device);
		log_info("%s: online: %s", device->name, device->box.model);
	} else {
		log_warn("%s: offline: %s", device->name, device->box.reason);
	}
}

static const struct device *find_owner(void *arg, const uint8_t *mac)
{
	return bridge_find_mac(arg, mac);
}

static void on_pin(void *arg, struct device *device)
{
	struct bridge *bridge = arg;
	char mac[PLUG_MAC_TEXT_BYTES];

	plug_mac_format(device->mac, mac);
	log_info("%s: is MAC %s from now on; write mac = \"%s\" into the configuration to pin it",
		device->name, mac, mac);
	bridge_store_pin(bridge, device);
	store_save(bridge->store);
	bridge_claim_energy(bridge, device);
}

static void on_lost(void *arg, struct device *device)
{
	struct bridge *bridge = arg;

	finder_seek(bridge->finder, device);
}

static void on_back(void *arg, struct device *device)
{
	struct bridge *bridge = arg;

	finder_forget(bridge->finder, device);
}

static void on_stranger(void *arg, struct device *device, const uint8_t *mac)
{
	news_swapped(arg, device, mac);
}

static void on_slice(void *arg)
{
	struct bridge *bridge = arg;

	publisher_pump(bridge->publisher);
	if (++bridge->slices % SLICES_PER_LOOK == 0 && bridge->mqtt) {
		mqtt_drain(bridge->mqtt);
	}
}

static void on_known(void *arg, struct device *device, const struct plug_snapshot *snapshot)
{
	struct bridge *bridge = arg;

	known_keep(bridge->known, device->name, snapshot);
}

const struct device_events bridge_device_events = {
	.on_outlet = on_outlet,
	.on_result = on_result,
	.on_moved = on_moved,
	.on_availability = on_availability,
	.find_owner = find_owner,
	.on_pin = on_pin,
	.on_lost = on_lost,
	.on_back = on_back,
	.on_stranger = on_stranger,
	.on_known = on_known,
	.on_slice = on_slice,
};

/* What the publisher asks for. */

static void on_publisher_slice(void *arg)
{
	struct bridge *bridge = arg;

	if (bridge->mqtt) {
		mqtt_drain(bridge->mqtt);
	}
}

/* The topics that left the configuration are gone at the broker: nothing to remember of them. */
static void on_cleared(void *arg)
{
	struct bridge *bridge = arg;

	store_forget_others(bridge->store);
	store_save(bridge->store);
}

static void on_refused(void *arg, const char *topic, int reason)
{
	struct bridge *bridge = arg;

	(void)mem_replace(&bridge->refused_topic, topic);
	log_warn("mqtt: the broker refuses messages to %s (reason %d): check its access rules",
		topic, reason);
}

static enum publisher_found find_announcement(
	void *arg, struct publisher_announcement *announcement)
{
	struct bridge *bridge = arg;

	return announcer_find(bridge->announcer, announcement);
}

static void on_announced(void *arg, uint64_t key, enum publisher_fate fate)
{
	struct bridge *bridge = arg;

	announcer_on_announced(bridge->announcer, key, fate);
}

const struct publisher_events bridge_publisher_events = {
	.format = bridge_format_document,
	.find_announcement = find_announcement,
	.on_announced = on_announced,
	.on_cleared = on_cleared,
	.on_slice = on_publisher_slice,
	.on_refused = on_refused,
};

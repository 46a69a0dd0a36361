#include "bridge/mqtt/publisher.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/mem.h"
#include "bridge/mqtt/flight.h"
#include "bridge/mqtt/message.h"

enum {
	/* Messages sent before other work on the loop has its turn: about 2 ms. */
	PUMP_MESSAGES = 128,
	/* Messages between two looks at incoming commands. */
	SLICE_MESSAGES = 16,
	/* A reading that was not renewed for this many heartbeats expires at the broker. */
	EXPIRY_HEARTBEATS = 3,
};

TAILQ_HEAD(outlet_list, outlet);

struct publisher {
	uv_idle_t more; /* runs while a slice left something to send */
	const struct publisher_events *events;
	void *arg;
	struct mqtt *mqtt;
	const struct topics *topics;
	uint32_t expiry_s;
	size_t message_max;
	struct message_queue messages;
	struct message_queue clears;
	struct outlet_list urgent; /* outlets with a dirty leaf of LEAVES_URGENT */
	struct outlet_list all;	   /* the same, but they can wait */
	struct outlet_list others; /* outlets with other dirty leaves only */
	uint32_t documents;	   /* dirty bits of enum document */
	bool has_announcements;
	bool is_clearing; /* on_cleared is due when the last clear is through */
	bool is_pumping;
	bool is_asked; /* to pump, while it was pumping */
	bool has_told_refusal;
	uint64_t sent;
	struct flights flights;
	struct publisher_counters counters;
};

static const char *const document_names[DOCUMENT_COUNT] = {
	[DOCUMENT_AVAILABILITY] = "availability",
	[DOCUMENT_INFO] = "info",
	[DOCUMENT_HEALTH] = "health",
	[DOCUMENT_INVENTORY] = "inventory",
};

struct publisher *publisher_new(uv_loop_t *loop, const struct publisher_events *events, void *arg)
{
	struct publisher *publisher = mem_new(sizeof *publisher);

	publisher->events = events;
	publisher->arg = arg;
	publisher->message_max = PUBLISHER_MESSAGES_BASE;
	message_queue_init(&publisher->messages);
	message_queue_init(&publisher->clears);
	TAILQ_INIT(&publisher->urgent);
	TAILQ_INIT(&publisher->all);
	TAILQ_INIT(&publisher->others);
	uv_idle_init(loop, &publisher->more);
	publisher->more.data = publisher;
	return publisher;
}

void publisher_configure(struct publisher *publisher, size_t outlet_count, uint64_t heartbeat_ms)
{
	publisher->expiry_s = (uint32_t)(EXPIRY_HEARTBEATS * heartbeat_ms / 1000);
	publisher->message_max =
		PUBLISHER_MESSAGES_BASE + PUBLISHER_MESSAGES_PER_OUTLET * outlet_count;
}

static struct outlet_list *list_of(struct publisher *publisher, enum outlet_queue queue)
{
	switch (queue) {
	case OUTLET_URGENT:
		return &publisher->urgent;
	case OUTLET_ALL:
		return &publisher->all;
	default:
		return &publisher->others;
	}
}

static void move(struct publisher *publisher, struct outlet *outlet, enum outlet_queue queue)
{
	if (queue == outlet->queue) {
		return;
	}
	if (outlet->queue != OUTLET_NOT_QUEUED) {
		TAILQ_REMOVE(list_of(publisher, outlet->queue), outlet, link);
	}
	outlet->queue = queue;
	if (queue != OUTLET_NOT_QUEUED) {
		TAILQ_INSERT_TAIL(list_of(publisher, queue), outlet, link);
	}
}

/* Puts the outlet where its dirty leaves want it. */
static void enqueue(struct publisher *publisher, struct outlet *outlet)
{
	enum outlet_queue queue = OUTLET_NOT_QUEUED;

	if (outlet->dirty != LEAVES_NONE) {
		queue = outlet->dirty & LEAVES_URGENT ? OUTLET_URGENT : OUTLET_QUEUED;
	}
	move(publisher, outlet, queue);
}

void publisher_mark(struct publisher *publisher, struct outlet *outlet, uint32_t leaves)
{
	outlet->dirty |= leaves;
	/* A reading alone does not make an outlet urgent that can wait. */
	if (outlet->queue != OUTLET_ALL || leaves & LEAVES_URGENT) {
		enqueue(publisher, outlet);
	}
}

void publisher_mark_all(struct publisher *publisher, struct outlet *outlet)
{
	outlet->dirty |= LEAVES_ALL;
	move(publisher, outlet, OUTLET_ALL);
}

void publisher_mark_announcements(struct publisher *publisher)
{
	publisher->has_announcements = true;
}

void publisher_mark_document(struct publisher *publisher, enum document document)
{
	publisher->documents |= 1U << document;
}

void publisher_send(struct publisher *publisher, const struct publisher_message *from)
{
	struct message *message = message_add(&publisher->messages, from->topic, from->payload);

	if (from->correlation) {
		message->correlation = mem_copy_bytes(from->correlation, from->correlation_size);
		message->correlation_size = from->correlation_size;
	}
	message->is_expendable = from->is_expendable;
	/* The new one counts, too: it may be the one that can be spared. */
	if (publisher->messages.count > publisher->message_max) {
		message_drop_one(&publisher->messages);
		publisher->counters.dropped++;
	}
}

void publisher_clear_topic(struct publisher *publisher, const char *topic)
{
	(void)message_add(&publisher->clears, topic, "");
}

void publisher_clear_own(struct publisher *publisher, const char *topic)
{
	publisher_clear_topic(publisher, topic);
	publisher->is_clearing = true;
}

static void clear_leaf(struct publisher *publisher, const char *prefix, const char *leaf)
{
	char *topic = mem_printf("%s/%s", prefix, leaf);

	publisher_clear_own(publisher, topic);
	free(topic);
}

void publisher_clear_outlet(struct publisher *publisher, const char *prefix)
{
	for (int leaf = 0; leaf < LEAF_COUNT; leaf++) {
		clear_leaf(publisher, prefix, topics_leaf_name((enum leaf)leaf));
	}
}

void publisher_clear_bridge(struct publisher *publisher, const char *prefix)
{
	for (int document = 0; document < DOCUMENT_COUNT; document++) {
		clear_leaf(publisher, prefix, document_names[document]);
	}
}

void publisher_forget(struct publisher *publisher, struct outlet *outlet)
{
	outlet->dirty = LEAVES_NONE;
	enqueue(publisher, outlet);
	flight_forget(&publisher->flights, outlet);
}

/* With QoS 1 *flight is to be filled by the caller when it is not NULL. */
static enum mqtt_sent launch(
	struct publisher *publisher, struct mqtt_publish *publish, struct flight **flight)
{
	enum mqtt_sent sent = MQTT_FULL;

	*flight = NULL;
	if (publish->qos > 0) {
		sent = flight_launch(&publisher->flights, publisher->mqtt, publish, flight);
	} else {
		sent = mqtt_publish(publisher->mqtt, publish);
	}
	publisher->sent += sent == MQTT_SENT;
	return sent;
}

static enum mqtt_sent send_document(struct publisher *publisher, enum document document)
{
	char topic[TOPIC_MAX_BYTES];
	char *payload = publisher->events->format(publisher->arg, document);
	struct mqtt_publish publish = {
		.topic = topics_bridge(publisher->topics, document_names[document], topic),
		.payload = payload,
		.payload_size = strlen(payload),
		.qos = 1,
		.is_retained = true,
		.is_json = document != DOCUMENT_AVAILABILITY,
	};
	struct flight *flight = NULL;
	const enum mqtt_sent sent = launch(publisher, &publish, &flight);

	if (flight) {
		flight->kind = FLIGHT_DOCUMENT;
		flight->document = document;
		publisher->documents &= ~(1U << document);
	}
	free(payload);
	return sent;
}

/* The first of list; it moves into the flight. */
static enum mqtt_sent send_message(
	struct publisher *publisher, struct message_queue *queue, enum flight_kind kind)
{
	struct message *message = message_first(queue);
	struct mqtt_publish publish = {
		.topic = message->topic,
		.payload = message->payload,
		.payload_size = strlen(message->payload),
		.qos = 1,
		.is_retained = kind == FLIGHT_CLEAR,
		.is_json = kind == FLIGHT_MESSAGE,
		.correlation = message->correlation,
		.correlation_size = message->correlation_size,
	};
	struct flight *flight = NULL;
	const enum mqtt_sent sent = launch(publisher, &publish, &flight);

	if (flight) {
		message_take(queue, message);
		flight->kind = kind;
		flight->message = message;
	}
	return sent;
}

static enum mqtt_sent send_found(
	struct publisher *publisher, const struct publisher_announcement *announcement)
{
	struct mqtt_publish publish = {
		.topic = announcement->topic,
		.payload = announcement->payload,
		.payload_size = announcement->payload_size,
		.qos = 1,
		.is_retained = true,
		.is_json = announcement->payload_size > 0,
	};
	struct flight *flight = NULL;
	const enum mqtt_sent sent = launch(publisher, &publish, &flight);

	if (flight) {
		flight->kind = FLIGHT_ANNOUNCEMENT;
		flight->key = announcement->key;
		flight->topic = mem_copy(announcement->topic);
		publisher->events->on_announced(publisher->arg, announcement->key, PUBLISHER_SENT);
	}
	return sent;
}

static enum mqtt_sent send_announcement(struct publisher *publisher)
{
	struct publisher_announcement announcement;

	/* Writing one is the work: not for nothing. */
	if (!flight_has_room(&publisher->flights)) {
		return MQTT_FULL;
	}
	switch (publisher->events->find_announcement(publisher->arg, &announcement)) {
	case PUBLISHER_FOUND:
		return send_found(publisher, &announcement);
	case PUBLISHER_LOOK_AGAIN:
		publisher->sent++;
		return MQTT_SENT;
	case PUBLISHER_NOTHING:
		break;
	}
	publisher->has_announcements = false;
	return MQTT_SENT;
}

static enum mqtt_sent send_leaf(struct publisher *publisher, struct outlet *outlet, enum leaf leaf)
{
	char topic[TOPIC_MAX_BYTES];
	char payload[LEAF_PAYLOAD_MAX_BYTES];
	const size_t size = topics_payload(outlet, leaf, payload);
	const bool is_clear = size == 0;
	/* A clear is not repeated with each heartbeat: it must arrive. */
	struct mqtt_publish publish = {
		.topic = topics_leaf(publisher->topics, outlet, leaf, topic),
		.payload = payload,
		.payload_size = size,
		.qos = is_clear ? 1 : topics_leaf_qos(leaf),
		.is_retained = true,
		.is_json = leaf == LEAF_JSON,
		.expiry_s = topics_leaf_expires(leaf) && !is_clear ? publisher->expiry_s : 0,
	};
	struct flight *flight = NULL;
	enum mqtt_sent sent = MQTT_SENT;

	/* Nothing to say yet is no reason to clear the topic. */
	if (is_clear && !outlet_is_to_clear(outlet, leaf)) {
		outlet->dirty &= ~(1U << leaf);
		return MQTT_SENT;
	}
	sent = launch(publisher, &publish, &flight);
	if (flight) {
		flight->kind = FLIGHT_LEAF;
		flight->outlet = outlet;
		flight->leaf = leaf;
	}
	if (sent == MQTT_SENT) {
		outlet->dirty &= ~(1U << leaf);
		outlet_mark_published(outlet, leaf);
		outlet_mark_cleared(outlet, leaf, is_clear);
	}
	return sent;
}

/* The dirty leaves of one outlet among mask, in order. */
static enum mqtt_sent send_leaves(struct publisher *publisher, struct outlet *outlet, uint32_t mask)
{
	enum mqtt_sent sent = MQTT_SENT;

	for (int leaf = 0; leaf < LEAF_COUNT && sent == MQTT_SENT; leaf++) {
		if (outlet->dirty & mask & 1U << leaf) {
			sent = send_leaf(publisher, outlet, (enum leaf)leaf);
		}
	}
	if (outlet->queue != OUTLET_ALL || !(outlet->dirty & LEAVES_URGENT)) {
		enqueue(publisher, outlet);
	}
	return sent;
}

static enum mqtt_sent send_dirty_document(struct publisher *publisher)
{
	enum document document = DOCUMENT_AVAILABILITY;

	while ((publisher->documents & 1U << document) == 0) {
		document++;
	}
	return send_document(publisher, document);
}

static bool is_availability_due(const struct publisher *publisher)
{
	return publisher->documents & 1U << DOCUMENT_AVAILABILITY;
}

static bool has_urgent_work(const struct publisher *publisher)
{
	return is_availability_due(publisher) || publisher->clears.count > 0 ||
	       !TAILQ_EMPTY(&publisher->urgent) || publisher->messages.count > 0;
}

static bool has_work(const struct publisher *publisher)
{
	return has_urgent_work(publisher) || publisher->has_announcements ||
	       !TAILQ_EMPTY(&publisher->all) || publisher->documents != 0 ||
	       !TAILQ_EMPTY(&publisher->others);
}

static enum mqtt_sent send_most_important(struct publisher *publisher)
{
	if (is_availability_due(publisher)) {
		return send_document(publisher, DOCUMENT_AVAILABILITY);
	}
	if (publisher->clears.count > 0) {
		return send_message(publisher, &publisher->clears, FLIGHT_CLEAR);
	}
	if (!TAILQ_EMPTY(&publisher->urgent)) {
		return send_leaves(publisher, TAILQ_FIRST(&publisher->urgent), LEAVES_URGENT);
	}
	if (publisher->messages.count > 0) {
		return send_message(publisher, &publisher->messages, FLIGHT_MESSAGE);
	}
	if (publisher->has_announcements) {
		return send_announcement(publisher);
	}
	if (!TAILQ_EMPTY(&publisher->all)) {
		return send_leaves(publisher, TAILQ_FIRST(&publisher->all), LEAVES_URGENT);
	}
	if (publisher->documents != 0) {
		return send_dirty_document(publisher);
	}
	return send_leaves(publisher, TAILQ_FIRST(&publisher->others), LEAVES_ALL);
}

/* Sends while is_wanted says that there is something, for one slice. */
static enum mqtt_sent send_slice(
	struct publisher *publisher, bool (*is_wanted)(const struct publisher *publisher))
{
	const uint64_t end = publisher->sent + PUMP_MESSAGES;
	enum mqtt_sent sent = MQTT_SENT;

	publisher->is_pumping = true;
	while (sent == MQTT_SENT && publisher->sent < end && is_wanted(publisher)) {
		const uint64_t before = publisher->sent / SLICE_MESSAGES;

		sent = send_most_important(publisher);
		if (publisher->sent / SLICE_MESSAGES != before) {
			publisher->events->on_slice(publisher->arg);
		}
	}
	publisher->is_pumping = false;
	return sent;
}

static void on_more(uv_idle_t *more);

static void pump(struct publisher *publisher, bool (*is_wanted)(const struct publisher *publisher))
{
	enum mqtt_sent sent = MQTT_DOWN;

	/* Asked from within: what was full may have room by now. */
	publisher->is_asked = publisher->is_pumping;
	if (publisher->is_pumping) {
		return;
	}
	if (publisher->mqtt && mqtt_is_connected(publisher->mqtt)) {
		sent = send_slice(publisher, is_wanted);
	}
	if ((sent == MQTT_SENT || publisher->is_asked) && has_work(publisher)) {
		uv_idle_start(&publisher->more, on_more);
	} else {
		uv_idle_stop(&publisher->more);
	}
}

static void on_more(uv_idle_t *more)
{
	pump(more->data, has_work);
}

void publisher_pump(struct publisher *publisher)
{
	pump(publisher, has_urgent_work);
}

/* What was not delivered is dirty again, or in line again. */
static void send_again(struct publisher *publisher, struct flight *flight)
{
	switch (flight->kind) {
	case FLIGHT_LEAF:
		outlet_mark_cleared(flight->outlet, flight->leaf, false);
		publisher_mark(publisher, flight->outlet, 1U << flight->leaf);
		break;
	case FLIGHT_DOCUMENT:
		publisher_mark_document(publisher, flight->document);
		break;
	case FLIGHT_MESSAGE:
		message_put_back(&publisher->messages, flight->message);
		flight->message = NULL;
		break;
	case FLIGHT_CLEAR:
		message_put_back(&publisher->clears, flight->message);
		flight->message = NULL;
		break;
	case FLIGHT_ANNOUNCEMENT:
		publisher->events->on_announced(publisher->arg, flight->key, PUBLISHER_LOST);
		break;
	case FLIGHT_NONE:
		break;
	}
}

/* Nothing more is heard of the flights of a connection that is given up. */
static void land_all(struct publisher *publisher)
{
	struct flight flight;

	while (flight_land_any(&publisher->flights, &flight)) {
		send_again(publisher, &flight);
		flight_clear(&flight);
	}
}

void publisher_connect(struct publisher *publisher, struct mqtt *mqtt, const struct topics *topics)
{
	land_all(publisher);
	publisher->mqtt = mqtt;
	publisher->topics = topics;
	publisher->has_told_refusal = false;
}

/* A refusal is final: the same message would be refused again. */
static void note_refusal(struct publisher *publisher, const struct flight *flight, int reason)
{
	char topic[TOPIC_MAX_BYTES] = "";
	const char *text = NULL;

	publisher->counters.refused++;
	if (publisher->has_told_refusal || flight->kind == FLIGHT_NONE) {
		return;
	}
	publisher->has_told_refusal = true;
	if (flight->message || flight->topic) {
		text = flight->message ? flight->message->topic : flight->topic;
	} else if (flight->kind == FLIGHT_LEAF) {
		text = topics_leaf(publisher->topics, flight->outlet, flight->leaf, topic);
	} else {
		text = topics_bridge(publisher->topics, document_names[flight->document], topic);
	}
	publisher->events->on_refused(publisher->arg, text, reason);
}

static void note_cleared(struct publisher *publisher)
{
	if (publisher->is_clearing && publisher->clears.count == 0 &&
		!flight_is_under_way(&publisher->flights, FLIGHT_CLEAR)) {
		publisher->is_clearing = false;
		publisher->events->on_cleared(publisher->arg);
	}
}

void publisher_on_published(
	struct publisher *publisher, uint64_t tag, bool is_delivered, int refused)
{
	struct flight flight;

	if (!flight_land(&publisher->flights, tag, &flight)) {
		return;
	}
	if (refused != 0) {
		note_refusal(publisher, &flight, refused);
	} else if (!is_delivered) {
		send_again(publisher, &flight);
	}
	if (flight.kind == FLIGHT_ANNOUNCEMENT && (is_delivered || refused != 0)) {
		publisher->events->on_announced(publisher->arg, flight.key,
			refused != 0 ? PUBLISHER_REFUSED : PUBLISHER_DELIVERED);
	}
	flight_clear(&flight);
	if (flight.kind == FLIGHT_CLEAR) {
		note_cleared(publisher);
	}
	publisher_pump(publisher);
}

bool publisher_is_idle(const struct publisher *publisher)
{
	return !flight_is_under_way(&publisher->flights, FLIGHT_NONE) && !has_work(publisher);
}

void publisher_counters(const struct publisher *publisher, struct publisher_counters *counters)
{
	*counters = publisher->counters;
	counters->waiting = publisher->messages.count;
}

static void on_closed(uv_handle_t *handle)
{
	struct publisher *publisher = handle->data;

	struct flight flight;

	while (flight_land_any(&publisher->flights, &flight)) {
		flight_clear(&flight);
	}
	message_queue_clear(&publisher->messages);
	message_queue_clear(&publisher->clears);
	free(publisher);
}

void publisher_close(struct publisher *publisher)
{
	uv_close((uv_handle_t *)&publisher->more, on_closed);
}

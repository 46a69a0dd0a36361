/* publisher.h - what still has to be published, and in which order.
 *
 * Values are not queued: an outlet has a dirty bit for each leaf, and topic and payload are made
 * when they are sent, so the newest wins and memory is bounded by the number of outlets. What must
 * not overwrite each other (results, events) waits in a bounded queue. A leaf is dirty until its
 * publish succeeded.
 *
 * Order: the bridge's own availability, topics to clear, availability and state of outlets, results
 * (so that each comes behind the state it speaks of); announcements, what publisher_mark_all
 * marked, documents and readings when the loop has nothing more urgent to do. */
#ifndef PLUG_BRIDGE_MQTT_PUBLISHER_H
#define PLUG_BRIDGE_MQTT_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "bridge/mqtt/mqtt.h"
#include "bridge/mqtt/topics.h"
#include "bridge/outlet.h"

enum {
	/* Messages waiting for the broker beyond four for each outlet. */
	PUBLISHER_MESSAGES_BASE = 256,
	PUBLISHER_MESSAGES_PER_OUTLET = 4,
};

/* The bridge's own retained topics. */
enum document {
	DOCUMENT_AVAILABILITY,
	DOCUMENT_INFO,
	DOCUMENT_HEALTH,
	DOCUMENT_INVENTORY,
	DOCUMENT_COUNT,
};

/* A retained message that somebody else writes at the moment it is sent. */
struct publisher_announcement {
	char topic[TOPIC_MAX_BYTES];
	const char *payload; /* borrowed until the next one is asked for; "" clears the topic */
	size_t payload_size;
	uint64_t key; /* given back with its fate */
};

enum publisher_found { PUBLISHER_NOTHING, PUBLISHER_LOOK_AGAIN, PUBLISHER_FOUND };

/* Sent comes first, then one of the others; what was refused will be refused again. */
enum publisher_fate { PUBLISHER_SENT, PUBLISHER_DELIVERED, PUBLISHER_LOST, PUBLISHER_REFUSED };

struct publisher_events {
	/* Gives the payload of a document (freed by the publisher). */
	char *(*format)(void *arg, enum document document);
	/* Gives the next announcement without taking it: it is asked for again until it was sent.
	 * PUBLISHER_LOOK_AGAIN after work that gave none. */
	enum publisher_found (*find_announcement)(
		void *arg, struct publisher_announcement *announcement);
	void (*on_announced)(void *arg, uint64_t key, enum publisher_fate fate);
	/* Every topic that publisher_clear_outlet and its like were told of is cleared. */
	void (*on_cleared)(void *arg);
	/* Called between messages of a long slice: a chance to look at commands. */
	void (*on_slice)(void *arg);
	/* The broker refused a message, for the first time since it was connected. */
	void (*on_refused)(void *arg, const char *topic, int reason);
};

/* One message of its own: a result or an event. */
struct publisher_message {
	const char *topic;
	const char *payload;	    /* JSON */
	const uint8_t *correlation; /* NULL for none */
	size_t correlation_size;
	bool is_expendable; /* dropped before others when the queue is full */
};

struct publisher_counters {
	size_t waiting;
	uint64_t dropped;
	uint64_t refused;
};

struct publisher;

struct publisher *publisher_new(uv_loop_t *loop, const struct publisher_events *events, void *arg);
/* Borrows mqtt and topics until the next call or publisher_close; mqtt NULL for none. What was in
 * flight will be sent again. */
void publisher_connect(struct publisher *publisher, struct mqtt *mqtt, const struct topics *topics);
/* The number of outlets bounds the queue; readings expire after three heartbeats. */
void publisher_configure(struct publisher *publisher, size_t outlet_count, uint64_t heartbeat_ms);

/* Marks leaves of an outlet; they are sent by publisher_pump. */
void publisher_mark(struct publisher *publisher, struct outlet *outlet, uint32_t leaves);
/* Everything of an outlet, behind the announcements and what is urgent. */
void publisher_mark_all(struct publisher *publisher, struct outlet *outlet);
/* There are announcements to find. */
void publisher_mark_announcements(struct publisher *publisher);
void publisher_mark_document(struct publisher *publisher, enum document document);
/* Copies the message. */
void publisher_send(struct publisher *publisher, const struct publisher_message *message);
/* The outlet goes away: nothing of it is sent any more. */
void publisher_forget(struct publisher *publisher, struct outlet *outlet);
/* Clears one retained topic. */
void publisher_clear_topic(struct publisher *publisher, const char *topic);
/* Clears a retained topic that was ours, every one of an outlet ("museum/plug/kettle"), or of a
 * bridge ("museum/bridge/main"); on_cleared tells when all are through. */
void publisher_clear_own(struct publisher *publisher, const char *topic);
void publisher_clear_outlet(struct publisher *publisher, const char *prefix);
void publisher_clear_bridge(struct publisher *publisher, const char *prefix);

/* Sends what is urgent now; the rest follows in the next turn of the loop, by itself. */
void publisher_pump(struct publisher *publisher);
/* From mqtt's callbacks. */
void publisher_on_published(
	struct publisher *publisher, uint64_t tag, bool is_delivered, int refused);

/* True when nothing waits and nothing is in flight. */
bool publisher_is_idle(const struct publisher *publisher);
void publisher_counters(const struct publisher *publisher, struct publisher_counters *counters);

/* Frees everything on a later turn of the loop. */
void publisher_close(struct publisher *publisher);

#endif

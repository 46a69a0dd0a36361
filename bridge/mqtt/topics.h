/* topics.h - every topic under the base, and the payload of each leaf.
 *
 *     <base>/plug/<name>/set, /set/<source>, /get        in
 *     <base>/bridge/<id>/request/<verb>                  in
 *     <base>/plug/<name>/<leaf>, /result, /event         out
 *     <base>/strip/<name>/<leaf>                         out; beside plug, so that the leaves of
 *                                                        <base>/plug/+ add up
 *     <base>/bridge/<id>/availability, info, event, response/<verb>, ...    out
 *
 * Units are turned here and nowhere else: W, V, A, kWh as bare decimal numbers.
 * Pure: no I/O, no allocation but in topics_init. */
#ifndef PLUG_BRIDGE_MQTT_TOPICS_H
#define PLUG_BRIDGE_MQTT_TOPICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/outlet.h"

enum {
	TOPIC_MAX_BYTES = 512,
	/* A json leaf with label, room, alias and reason of generous length. */
	LEAF_PAYLOAD_MAX_BYTES = 4096,
};

struct topics {
	char *base;
	char *bridge_id;
};

enum topic_kind { TOPIC_OTHER, TOPIC_SET, TOPIC_GET, TOPIC_REQUEST, TOPIC_ENERGY };

/* What a topic asks for; the texts point into the topic. */
struct topic {
	enum topic_kind kind;
	char name[33];	    /* the outlet or the verb; "" when it is not one we could own */
	const char *source; /* of set/<source>, else NULL */
};

/* Copies. */
void topics_init(struct topics *topics, const char *base, const char *bridge_id);
void topics_clear(struct topics *topics);

struct topic topics_parse(const struct topics *topics, const char *text);

/* Each writes a topic of at most TOPIC_MAX_BYTES and returns text. */
const char *topics_outlet(const struct topics *topics, const char *name, const char *leaf,
	char text[static TOPIC_MAX_BYTES]);
/* Of an outlet's leaf, or of a strip's. */
const char *topics_leaf(const struct topics *topics, const struct outlet *outlet, enum leaf leaf,
	char text[static TOPIC_MAX_BYTES]);
const char *topics_bridge(
	const struct topics *topics, const char *leaf, char text[static TOPIC_MAX_BYTES]);

/* "power", "json", ... */
const char *topics_leaf_name(enum leaf leaf);
/* 1 for what must arrive, 0 for readings. */
int topics_leaf_qos(enum leaf leaf);
/* Readings expire with MQTT 5; state, availability and counters never do. */
bool topics_leaf_expires(enum leaf leaf);

/* Writes the payload of one leaf and returns its size; 0 when there is nothing to say. */
size_t topics_payload(
	const struct outlet *outlet, enum leaf leaf, char text[static LEAF_PAYLOAD_MAX_BYTES]);

/* True when a result may be sent to this response topic: no wildcard, nothing under the base but
 * <base>/reply/, nothing of the broker's own ($) or of Home Assistant's. A result looks like a
 * command, and must not be aimed at a plug. */
bool topics_may_answer(
	const struct topics *topics, const char *discovery_prefix, const char *topic);

#endif

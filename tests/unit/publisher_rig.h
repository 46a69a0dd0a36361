/* publisher_rig.h - what the tests of publisher.h stand on: a publisher on a loop of its own, a
 * broker's side that writes down what it is given, and outlets that are off. */
#ifndef PLUG_TESTS_UNIT_PUBLISHER_RIG_H
#define PLUG_TESTS_UNIT_PUBLISHER_RIG_H

#include "bridge/mqtt/publisher.h"
#include "tests/unit/mqtt_sink.h"

enum {
	OUTLETS = 600,
	HEARTBEAT_MS = 60000,
	STATE = 1U << LEAF_STATE,
	AVAILABILITY = 1U << LEAF_AVAILABILITY,
	RSSI = 1U << LEAF_RSSI,
	POWER = 1U << LEAF_POWER,
	NOT_AUTHORISED = 135,
};

/* What the publisher told the bridge. */
struct told {
	int documents; /* formatted so far: their payload, to tell the newest */
	size_t cleared, slices, refusals;
	char refused_topic[TOPIC_MAX_BYTES];
	void (*on_slice)(void); /* NULL for none */
	/* Announcements "ha/<n>" to give, n counted from 0; what became of them. */
	int announcements, announced, delivered, lost, refused;
	int looks; /* in vain before each */
};

extern uv_loop_t loop;
extern struct mqtt mqtt;
extern struct topics topics; /* base "m", bridge "main" */
extern struct publisher *publisher;
extern struct outlet_box box; /* of all outlets; online */
extern struct outlet outlets[OUTLETS];
extern struct told told;

int publisher_rig_setup(void **state);
int publisher_rig_teardown(void **state);

struct publisher_message message(const char *topic, const char *payload);
void send_text(const char *topic, const char *payload);

/* Pumps, and lets the loop turn until nothing more can be sent. */
void pump_all(void);

/* Does the same, and compares everything sent since the last time ("topic=payload\n..."). */
void expect_sent(const char *expected);

/* The broker has acknowledged one message. */
void deliver(uint64_t tag);
/* The broker is gone before it has acknowledged any of them. */
void lose(const uint64_t *tags, size_t count);
/* The tags of all that waits to be acknowledged. */
size_t take_tags(uint64_t tags[static MQTT_WINDOW]);
/* Delivers all that is sent until nothing is left. */
void deliver_everything(void);

#endif

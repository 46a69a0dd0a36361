/* mqtt_sink.h - stands in for the broker's side of bridge/mqtt/mqtt.h: it takes publishes, as many
 * as a test allows, and writes down what they were. */
#ifndef PLUG_TESTS_UNIT_MQTT_SINK_H
#define PLUG_TESTS_UNIT_MQTT_SINK_H

#include "bridge/mqtt/mqtt.h"

/* One publish that was taken. */
struct sink_sent {
	char *topic;
	char *payload; /* NUL-terminated */
	int qos;
	bool is_retained, is_json;
	uint32_t expiry_s;
	char *correlation; /* NULL for none */
	size_t correlation_size;
	uint64_t tag;
};

struct mqtt {
	bool is_connected;
	size_t room;	/* publishes still taken before MQTT_FULL */
	bool says_down; /* takes nothing although connected, as Paho does for a moment */
	struct sink_sent *sent;
	size_t sent_count, sent_capacity;
};

void mqtt_sink_init(struct mqtt *mqtt);
/* Forgets what was sent. */
void mqtt_sink_forget(struct mqtt *mqtt);
void mqtt_sink_clear(struct mqtt *mqtt);

/* The publishes so far as "topic=payload", one to a line; the caller frees. */
char *mqtt_sink_lines(const struct mqtt *mqtt);

#endif

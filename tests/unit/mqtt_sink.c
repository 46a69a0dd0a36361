#include "tests/unit/mqtt_sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/mem.h"

void mqtt_sink_init(struct mqtt *mqtt)
{
	*mqtt = (struct mqtt) { .is_connected = true, .room = SIZE_MAX };
}

void mqtt_sink_forget(struct mqtt *mqtt)
{
	for (size_t i = 0; i < mqtt->sent_count; i++) {
		free(mqtt->sent[i].topic);
		free(mqtt->sent[i].payload);
		free(mqtt->sent[i].correlation);
	}
	mqtt->sent_count = 0;
}

void mqtt_sink_clear(struct mqtt *mqtt)
{
	mqtt_sink_forget(mqtt);
	free(mqtt->sent);
	mqtt->sent = NULL;
	mqtt->sent_capacity = 0;
}

char *mqtt_sink_lines(const struct mqtt *mqtt)
{
	char *lines = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&lines, &size);

	for (size_t i = 0; out && i < mqtt->sent_count; i++) {
		fprintf(out, "%s=%s\n", mqtt->sent[i].topic, mqtt->sent[i].payload);
	}
	if (out) {
		fclose(out);
	}
	return lines;
}

bool mqtt_is_connected(const struct mqtt *mqtt)
{
	return mqtt->is_connected;
}

static char *copy_bytes(const void *bytes, size_t size)
{
	char *copy = mem_array(size + 1, 1);

	if (size > 0) {
		memcpy(copy, bytes, size);
	}
	return copy;
}

enum mqtt_sent mqtt_publish(struct mqtt *mqtt, const struct mqtt_publish *publish)
{
	if (!mqtt->is_connected || mqtt->says_down) {
		return MQTT_DOWN;
	}
	if (mqtt->room == 0) {
		return MQTT_FULL;
	}
	mqtt->room--;
	if (mqtt->sent_count == mqtt->sent_capacity) {
		mqtt->sent_capacity = mqtt->sent_capacity > 0 ? 2 * mqtt->sent_capacity : 64;
		mqtt->sent = mem_resize(mqtt->sent, mqtt->sent_capacity, sizeof *mqtt->sent);
	}
	mqtt->sent[mqtt->sent_count++] = (struct sink_sent) {
		.topic = mem_copy(publish->topic),
		.payload = copy_bytes(publish->payload, publish->payload_size),
		.qos = publish->qos,
		.is_retained = publish->is_retained,
		.is_json = publish->is_json,
		.expiry_s = publish->expiry_s,
		.correlation = publish->correlation
				       ? copy_bytes(publish->correlation, publish->correlation_size)
				       : NULL,
		.correlation_size = publish->correlation_size,
		.tag = publish->tag,
	};
	return MQTT_SENT;
}

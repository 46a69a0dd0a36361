#include "bridge/mqtt/flight.h"

#include <stddef.h>
#include <stdlib.h>

enum { SLOT_BITS = 8 };

/* MQTT_WINDOW when there is none. */
static size_t free_slot(const struct flights *flights)
{
	size_t slot = 0;

	while (slot < MQTT_WINDOW && flights->slots[slot].kind != FLIGHT_NONE) {
		slot++;
	}
	return slot;
}

bool flight_has_room(const struct flights *flights)
{
	return free_slot(flights) < MQTT_WINDOW;
}

bool flight_is_under_way(const struct flights *flights, enum flight_kind kind)
{
	for (size_t i = 0; i < MQTT_WINDOW; i++) {
		const enum flight_kind other = flights->slots[i].kind;

		if (other != FLIGHT_NONE && (kind == FLIGHT_NONE || kind == other)) {
			return true;
		}
	}
	return false;
}

enum mqtt_sent flight_launch(struct flights *flights, struct mqtt *mqtt,
	struct mqtt_publish *publish, struct flight **flight)
{
	const size_t slot = free_slot(flights);
	enum mqtt_sent sent = MQTT_FULL;

	*flight = NULL;
	if (slot == MQTT_WINDOW) {
		return MQTT_FULL;
	}
	publish->tag = flights->launched << SLOT_BITS | slot;
	sent = mqtt_publish(mqtt, publish);
	if (sent == MQTT_SENT) {
		*flight = &flights->slots[slot];
		**flight = (struct flight) { .number = flights->launched++ };
	}
	return sent;
}

static bool take(struct flight *slot, struct flight *flight)
{
	*flight = *slot;
	*slot = (struct flight) { .kind = FLIGHT_NONE };
	return true;
}

bool flight_land(struct flights *flights, uint64_t tag, struct flight *flight)
{
	const size_t slot = tag & ((1U << SLOT_BITS) - 1);

	return slot < MQTT_WINDOW && flights->slots[slot].number == tag >> SLOT_BITS &&
	       take(&flights->slots[slot], flight);
}

bool flight_land_any(struct flights *flights, struct flight *flight)
{
	for (size_t i = 0; i < MQTT_WINDOW; i++) {
		if (flights->slots[i].kind != FLIGHT_NONE) {
			return take(&flights->slots[i], flight);
		}
	}
	return false;
}

void flight_clear(struct flight *flight)
{
	message_free(flight->message);
	free(flight->topic);
	flight->message = NULL;
	flight->topic = NULL;
}

void flight_forget(struct flights *flights, const struct outlet *outlet)
{
	for (size_t i = 0; i < MQTT_WINDOW; i++) {
		struct flight *flight = &flights->slots[i];

		if (flight->outlet == outlet && flight->kind == FLIGHT_LEAF) {
			flight->kind = FLIGHT_NONE;
		}
	}
}

/* flight.h - QoS 1 messages that the broker has not acknowledged, each in a slot. */
#ifndef PLUG_BRIDGE_MQTT_FLIGHT_H
#define PLUG_BRIDGE_MQTT_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/mqtt/message.h"
#include "bridge/mqtt/mqtt.h"
#include "bridge/mqtt/publisher.h"

enum flight_kind {
	FLIGHT_NONE,
	FLIGHT_LEAF,
	FLIGHT_DOCUMENT,
	FLIGHT_MESSAGE,
	FLIGHT_CLEAR,
	FLIGHT_ANNOUNCEMENT,
};

struct flight {
	enum flight_kind kind;
	uint64_t number; /* tells this use of the slot from an earlier one */
	struct outlet *outlet;
	enum leaf leaf;
	enum document document;
	struct message *message; /* its own, as topic is; NULL for none */
	uint64_t key;		 /* of the announcement */
	char *topic;
};

/* Zeroed memory is empty. */
struct flights {
	struct flight slots[MQTT_WINDOW];
	uint64_t launched;
};

bool flight_has_room(const struct flights *flights);
/* True when one of this kind is under way; FLIGHT_NONE: any. */
bool flight_is_under_way(const struct flights *flights, enum flight_kind kind);

/* Publishes with QoS 1. Takes nothing unless it returns MQTT_SENT; then **flight is to be filled
 * by the caller. */
enum mqtt_sent flight_launch(struct flights *flights, struct mqtt *mqtt,
	struct mqtt_publish *publish, struct flight **flight);

/* Takes the flight with this tag, or the first that is under way; false when there is none. */
bool flight_land(struct flights *flights, uint64_t tag, struct flight *flight);
bool flight_land_any(struct flights *flights, struct flight *flight);
/* Frees what a flight that landed still holds. */
void flight_clear(struct flight *flight);

/* The leaves of this outlet are nobody's any more. */
void flight_forget(struct flights *flights, const struct outlet *outlet);

#endif

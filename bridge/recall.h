/* recall.h - what the broker retains of our counters, before any of them is told.
 *
 * At the first connect of a run <base>/plug/+/energy is subscribed to until nothing more comes.
 * Whoever is higher then counts, the file or the broker; from there on the counters are
 * published. A broker that says nothing leaves it to the file. */
#ifndef PLUG_BRIDGE_RECALL_H
#define PLUG_BRIDGE_RECALL_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "bridge/mqtt/mqtt.h"

struct bridge;
struct outlet;

struct recall {
	uv_timer_t timer;
	uint64_t end_ms; /* when it is over whatever comes; 0 while nothing is asked */
};

void recall_init(struct bridge *bridge);

/* From the broker's events. */
void recall_on_connected(struct bridge *bridge);
void recall_on_subscribed(struct bridge *bridge);
void recall_on_disconnected(struct bridge *bridge);
/* A message to the energy topic of an outlet of ours. */
void recall_take(struct bridge *bridge, struct outlet *outlet, const struct mqtt_message *message);

void recall_close(struct bridge *bridge);

#endif

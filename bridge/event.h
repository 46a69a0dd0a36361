/* event.h - what happened, for whoever listens.
 *
 *     {"type":"device_moved","time":"2026-11-21T09:30:00.123Z", ...}
 *
 * to <base>/bridge/<id>/event, not retained, QoS 1; what happened to one outlet goes also to
 * <base>/plug/<name>/event. Never a location, an account or a secret. */
#ifndef PLUG_BRIDGE_EVENT_H
#define PLUG_BRIDGE_EVENT_H

#include "bridge/outlet.h"
#include "bridge/text.h"

enum { EVENT_MAX_BYTES = 2048 };

struct bridge;

/* Between event_begin and event_send the caller puts members into text. */
struct event {
	struct text text;
	char bytes[EVENT_MAX_BYTES];
};

void event_begin(struct event *event, const char *type);

/* outlet NULL: of the bridge or a device as a whole. */
void event_send(struct event *event, struct bridge *bridge, const struct outlet *outlet);

#endif

#include "bridge/event.h"

#include "bridge/bridge.h"
#include "bridge/log.h"

void event_begin(struct event *event, const char *type)
{
	text_init(&event->text, event->bytes, sizeof event->bytes);
	text_open(&event->text, NULL, '{');
	text_member_string(&event->text, "type", type);
	text_member_time(&event->text, "time", bridge_wall_ms());
}

void event_send(struct event *event, struct bridge *bridge, const struct outlet *outlet)
{
	char topic[TOPIC_MAX_BYTES];
	/* Results are promised, events are not: they make room first. */
	struct publisher_message message = { .payload = event->bytes, .is_expendable = true };

	text_close(&event->text, '}');
	if (event->text.is_cut) {
		log_warn("bridge: an event was too long to be told: %.80s...", event->bytes);
		return;
	}
	if (outlet) {
		message.topic = topics_outlet(&bridge->topics, outlet->name, "event", topic);
		publisher_send(bridge->publisher, &message);
	}
	message.topic = topics_bridge(&bridge->topics, "event", topic);
	publisher_send(bridge->publisher, &message);
}

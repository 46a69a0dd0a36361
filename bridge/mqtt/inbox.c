#include "bridge/mqtt/inbox.h"

#include <stdlib.h>
#include <string.h>

enum { NS_PER_MS = 1000000 };

int inbox_init(struct inbox *inbox, uv_async_t *wake)
{
	*inbox = (struct inbox) { .wake = wake };
	inbox->end = &inbox->first;
	return uv_mutex_init(&inbox->lock);
}

void inbox_clear(struct inbox *inbox)
{
	struct inbox_entry *entry;

	while ((entry = inbox_take(inbox))) {
		if (entry->kind == INBOX_MESSAGE) {
			free(entry);
		}
	}
	uv_mutex_destroy(&inbox->lock);
}

void inbox_silence(struct inbox *inbox)
{
	uv_mutex_lock(&inbox->lock);
	inbox->wake = NULL;
	uv_mutex_unlock(&inbox->lock);
}

/* Strings end in a NUL, so none may be inside. */
static bool is_text(const struct inbox_bytes *bytes, size_t max_bytes)
{
	return bytes->data && bytes->size > 0 && bytes->size <= max_bytes &&
	       !memchr(bytes->data, '\0', bytes->size);
}

/* Copies bytes to *room with a NUL behind, moves *room on and gives the copy; NULL for nothing. */
static char *put_bytes(char **room, const struct inbox_bytes *bytes)
{
	char *copy = *room;

	if (!bytes->data) {
		return NULL;
	}
	memcpy(copy, bytes->data, bytes->size);
	copy[bytes->size] = '\0';
	*room += bytes->size + 1;
	return copy;
}

/* What of an arrival is copied: oversized parts and broken strings are left out. */
static struct inbox_arrival keep(const struct inbox_arrival *arrival)
{
	const struct inbox_bytes none = { NULL, 0 };
	struct inbox_arrival kept = *arrival;

	if (kept.payload.size > MQTT_PAYLOAD_MAX_BYTES) {
		kept.payload = none;
	} else if (!kept.payload.data) {
		kept.payload = (struct inbox_bytes) { "", 0 };
	}
	if (!is_text(&kept.response_topic, INBOX_PROPERTY_MAX_BYTES)) {
		kept.response_topic = none;
	}
	if (kept.correlation.size > INBOX_PROPERTY_MAX_BYTES) {
		kept.correlation = none;
	}
	if (!is_text(&kept.source, INBOX_PROPERTY_MAX_BYTES)) {
		kept.source = none;
	}
	return kept;
}

static struct inbox_message *copy_message(const struct inbox_arrival *arrival)
{
	const struct inbox_arrival kept = keep(arrival);
	const size_t bytes = kept.topic.size + kept.payload.size + kept.response_topic.size +
			     kept.correlation.size + kept.source.size + 5;
	struct inbox_message *copy = malloc(sizeof *copy + bytes);
	char *room;

	if (!copy) {
		return NULL;
	}
	room = (char *)(copy + 1);
	copy->entry = (struct inbox_entry) { .kind = INBOX_MESSAGE };
	copy->message = (struct mqtt_message) {
		.topic = put_bytes(&room, &kept.topic),
		.payload_size = arrival->payload.size,
		.is_retained = arrival->is_retained,
		.is_duplicate = arrival->is_duplicate,
		.correlation_size = kept.correlation.size,
		.has_expiry = arrival->has_expiry,
		.expiry_s = arrival->expiry_s,
		.arrived_ms = uv_hrtime() / NS_PER_MS,
	};
	copy->message.payload = put_bytes(&room, &kept.payload);
	copy->message.response_topic = put_bytes(&room, &kept.response_topic);
	copy->message.correlation = (const uint8_t *)put_bytes(&room, &kept.correlation);
	copy->message.source = put_bytes(&room, &kept.source);
	return copy;
}

/* With the lock held. */
static void append(struct inbox *inbox, struct inbox_entry *entry)
{
	entry->next = NULL;
	entry->is_waiting = true;
	*inbox->end = entry;
	inbox->end = &entry->next;
	if (inbox->wake) {
		uv_async_send(inbox->wake);
	}
}

bool inbox_put_message(struct inbox *inbox, const struct inbox_arrival *arrival)
{
	struct inbox_message *copy = NULL;
	bool has_room;

	if (is_text(&arrival->topic, INBOX_TOPIC_MAX_BYTES)) {
		copy = copy_message(arrival);
	}
	uv_mutex_lock(&inbox->lock);
	has_room = copy && inbox->message_count < MQTT_INBOX_MAX;
	if (has_room) {
		inbox->message_count++;
		append(inbox, &copy->entry);
	} else {
		inbox->dropped++;
	}
	uv_mutex_unlock(&inbox->lock);
	if (!has_room) {
		free(copy);
	}
	return has_room;
}

void inbox_count_dropped(struct inbox *inbox)
{
	uv_mutex_lock(&inbox->lock);
	inbox->dropped++;
	uv_mutex_unlock(&inbox->lock);
}

void inbox_put(struct inbox *inbox, struct inbox_entry *entry)
{
	uv_mutex_lock(&inbox->lock);
	if (!entry->is_waiting) {
		append(inbox, entry);
	}
	uv_mutex_unlock(&inbox->lock);
}

struct inbox_entry *inbox_take(struct inbox *inbox)
{
	struct inbox_entry *entry;

	uv_mutex_lock(&inbox->lock);
	entry = inbox->first;
	if (entry) {
		inbox->first = entry->next;
		if (!inbox->first) {
			inbox->end = &inbox->first;
		}
		entry->is_waiting = false;
		if (entry->kind == INBOX_MESSAGE) {
			inbox->message_count--;
		}
	}
	uv_mutex_unlock(&inbox->lock);
	return entry;
}

void inbox_count(struct inbox *inbox, size_t *messages, uint64_t *dropped)
{
	uv_mutex_lock(&inbox->lock);
	*messages = inbox->message_count;
	*dropped = inbox->dropped;
	uv_mutex_unlock(&inbox->lock);
}

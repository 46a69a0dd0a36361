/* inbox.h - what other threads have to say, waiting for the loop thread.
 *
 * Any thread puts, one thread takes, in order. Messages are copied here, one allocation each, and
 * bounded: what comes on top is dropped and counted. All other entries belong to whoever puts them;
 * they are never refused and never allocated here, so that a result cannot get lost. */
#ifndef PLUG_BRIDGE_MQTT_INBOX_H
#define PLUG_BRIDGE_MQTT_INBOX_H

#include "bridge/mqtt/mqtt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum {
	/* Topics of messages; a longer one cannot be a command for us, the message is dropped. */
	INBOX_TOPIC_MAX_BYTES = 1024,
	/* Response topic, correlation data, source; a longer one is left out. */
	INBOX_PROPERTY_MAX_BYTES = 1024,
};

/* Everything but INBOX_MESSAGE is the business of mqtt.c. */
enum inbox_kind {
	INBOX_MESSAGE,
	INBOX_CONNECT,
	INBOX_SUBSCRIBE,
	INBOX_LATE_SUBSCRIBE,
	INBOX_UNSUBSCRIBE,
	INBOX_PUBLISH,
	INBOX_LOST,
	INBOX_DESTROYED,
};

struct inbox_entry {
	struct inbox_entry *next;
	enum inbox_kind kind;
	bool is_waiting; /* in the inbox now */
};

/* An INBOX_MESSAGE. The taker frees it with free(). */
struct inbox_message {
	struct inbox_entry entry; /* first */
	struct mqtt_message message;
};

/* Bytes somewhere else, not NUL-terminated; data is NULL when there are none. */
struct inbox_bytes {
	const void *data;
	size_t size;
};

struct inbox_arrival {
	struct inbox_bytes topic, payload, response_topic, correlation, source;
	bool is_retained, is_duplicate;
	bool has_expiry;
	uint32_t expiry_s;
};

/* Fields are private. */
struct inbox {
	uv_mutex_t lock;
	struct inbox_entry *first, **end;
	uv_async_t *wake; /* NULL once nobody is to be woken any more */
	size_t message_count;
	uint64_t dropped;
};

/* wake is told of every entry put; it must be initialised by the time of the first one. Returns 0
 * or a UV_E code. */
int inbox_init(struct inbox *inbox, uv_async_t *wake);

/* Frees the messages inside; other entries stay with their owners. */
void inbox_clear(struct inbox *inbox);

/* From now on nobody is woken: wake may be closed after this. */
void inbox_silence(struct inbox *inbox);

/* Copies and appends. Returns false when the message was dropped (and counted): no room, no
 * memory, a topic that is empty, too long or has a NUL inside. Any thread. */
bool inbox_put_message(struct inbox *inbox, const struct inbox_arrival *arrival);

/* Counts one more message as dropped. Any thread. */
void inbox_count_dropped(struct inbox *inbox);

/* Appends; does nothing when the entry is inside already. Any thread. */
void inbox_put(struct inbox *inbox, struct inbox_entry *entry);

/* Gives the oldest entry, NULL when there is none. */
struct inbox_entry *inbox_take(struct inbox *inbox);

void inbox_count(struct inbox *inbox, size_t *messages, uint64_t *dropped);

#endif

/* message.h - messages that must not overwrite each other, waiting in order: results, events, and
 * topics to clear.
 *
 * A message that was not delivered comes back to the place it had. Pure: no I/O. */
#ifndef PLUG_BRIDGE_MQTT_MESSAGE_H
#define PLUG_BRIDGE_MQTT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct message {
	TAILQ_ENTRY(message) link;
	uint64_t number; /* its place in the order */
	char *topic;
	char *payload;	      /* "" clears a retained topic */
	uint8_t *correlation; /* NULL for none */
	size_t correlation_size;
	bool is_expendable; /* dropped before others */
};

TAILQ_HEAD(message_list, message);

struct message_queue {
	struct message_list list;
	size_t count;
	uint64_t next_number;
};

void message_queue_init(struct message_queue *queue);
/* Frees what waits. */
void message_queue_clear(struct message_queue *queue);

/* Copies topic and payload to the end of the queue. Returns the message, the queue's, for the
 * caller to fill in the rest. */
struct message *message_add(struct message_queue *queue, const char *topic, const char *payload);
/* Borrowed; NULL when nothing waits. */
struct message *message_first(const struct message_queue *queue);
/* Gives the message, which must wait in the queue: the caller's from now on. */
void message_take(struct message_queue *queue, struct message *message);
/* Takes the message back to where it was. */
void message_put_back(struct message_queue *queue, struct message *message);
/* Frees one: the first that is expendable, else the oldest. The queue must not be empty. */
void message_drop_one(struct message_queue *queue);

/* NULL is allowed. */
void message_free(struct message *message);

#endif

#include "bridge/mqtt/message.h"

#include <stdlib.h>

#include "bridge/mem.h"

void message_queue_init(struct message_queue *queue)
{
	*queue = (struct message_queue) { .count = 0 };
	TAILQ_INIT(&queue->list);
}

void message_free(struct message *message)
{
	if (!message) {
		return;
	}
	free(message->topic);
	free(message->payload);
	free(message->correlation);
	free(message);
}

void message_queue_clear(struct message_queue *queue)
{
	struct message *next = NULL;

	for (struct message *message = TAILQ_FIRST(&queue->list); message; message = next) {
		next = TAILQ_NEXT(message, link);
		message_free(message);
	}
	message_queue_init(queue);
}

struct message *message_add(struct message_queue *queue, const char *topic, const char *payload)
{
	struct message *message = mem_new(sizeof *message);

	message->topic = mem_copy(topic);
	message->payload = mem_copy(payload);
	message->number = queue->next_number++;
	TAILQ_INSERT_TAIL(&queue->list, message, link);
	queue->count++;
	return message;
}

struct message *message_first(const struct message_queue *queue)
{
	return TAILQ_FIRST(&queue->list);
}

void message_take(struct message_queue *queue, struct message *message)
{
	TAILQ_REMOVE(&queue->list, message, link);
	queue->count--;
}

void message_put_back(struct message_queue *queue, struct message *message)
{
	struct message *next = TAILQ_FIRST(&queue->list);

	while (next && next->number < message->number) {
		next = TAILQ_NEXT(next, link);
	}
	if (next) {
		TAILQ_INSERT_BEFORE(next, message, link);
	} else {
		TAILQ_INSERT_TAIL(&queue->list, message, link);
	}
	queue->count++;
}

void message_drop_one(struct message_queue *queue)
{
	struct message *message = TAILQ_FIRST(&queue->list);

	while (message && !message->is_expendable) {
		message = TAILQ_NEXT(message, link);
	}
	message = message ? message : TAILQ_FIRST(&queue->list);
	message_take(queue, message);
	message_free(message);
}

#include "bridge/mqtt/session.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	/* Paho does not say when its buffer has room again. */
	BUFFER_RETRY_MS = 20,
	/* Work for the loop in one turn; the rest comes in the next. */
	SLICE_NS = 20000000,
	/* The loop, and a long slice of work inside one of its callbacks. */
	DRAIN_DEPTH_MAX = 2,
};

void *traffic_check(void *memory)
{
	if (!memory) {
		(void)fputs("mqtt: out of memory\n", stderr);
		abort();
	}
	return memory;
}

/* ---- tasks ---- */

struct task *traffic_task(struct mqtt *mqtt, enum inbox_kind kind, uint64_t tag)
{
	struct task *task = traffic_check(calloc(1, sizeof *task));

	task->entry.kind = kind;
	task->mqtt = mqtt;
	task->tag = tag;
	task->next = &mqtt->tasks;
	task->previous = mqtt->tasks.previous;
	task->previous->next = task;
	mqtt->tasks.previous = task;
	return task;
}

void traffic_task_free(struct task *task)
{
	task->previous->next = task->next;
	task->next->previous = task->previous;
	free(task);
}

void traffic_finish(struct task *task, bool is_ok, int code)
{
	task->is_ok = is_ok;
	task->code = code;
	inbox_put(&task->mqtt->inbox, &task->entry);
}

/* ---- out ---- */

static void publish_is_over(struct mqtt *mqtt, uint64_t tag, bool is_delivered, int refused)
{
	mqtt->counters.in_flight--;
	if (is_delivered) {
		mqtt->counters.published++;
	} else {
		mqtt->counters.failed++;
	}
	mqtt->events.on_published(mqtt->arg, tag, is_delivered, refused);
}

/* Tags are collected first: a callback may drain the inbox, and that frees tasks. */
void traffic_fail_all(struct mqtt *mqtt)
{
	uint64_t tags[MQTT_WINDOW];
	size_t count = 0;

	for (struct task *task = mqtt->tasks.next; task != &mqtt->tasks; task = task->next) {
		if (task->entry.kind == INBOX_PUBLISH && !task->is_reported &&
			count < MQTT_WINDOW) {
			task->is_reported = true;
			tags[count++] = task->tag;
		}
	}
	for (size_t i = 0; i < count; i++) {
		publish_is_over(mqtt, tags[i], false, 0);
	}
}

static void on_published(struct mqtt *mqtt, struct task *task)
{
	const struct task answer = *task;
	const bool is_last_words = task == mqtt->last_words;

	traffic_task_free(task);
	if (is_last_words) {
		session_on_last_words(mqtt);
	} else if (!answer.is_reported && !session_is_stopping(mqtt)) {
		publish_is_over(mqtt, answer.tag, answer.is_ok, answer.code > 0 ? answer.code : 0);
	}
}

static void on_subscribed(struct mqtt *mqtt, struct task *task)
{
	const struct task answer = *task;

	traffic_task_free(task);
	session_on_subscribed(mqtt, &answer);
}

/* What the broker refused is not there; that is no reason to be without it. */
static void on_late_subscribed(struct mqtt *mqtt, struct task *task)
{
	traffic_task_free(task);
	if (mqtt->state == SESSION_ONLINE) {
		mqtt->events.on_subscribed(mqtt->arg);
	}
}

static void offer_room(struct mqtt *mqtt)
{
	if (mqtt->wants_room && mqtt->state == SESSION_ONLINE &&
		mqtt->counters.in_flight < mqtt->window &&
		!uv_is_active((uv_handle_t *)&mqtt->buffer_timer)) {
		mqtt->wants_room = false;
		mqtt->events.on_room(mqtt->arg);
	}
}

static void on_buffer_timer(uv_timer_t *timer)
{
	offer_room(timer->data);
}

void traffic_await_buffer(struct mqtt *mqtt)
{
	mqtt->wants_room = true;
	uv_timer_start(&mqtt->buffer_timer, on_buffer_timer, BUFFER_RETRY_MS, 0);
}

/* ---- in ---- */

static void on_message(struct mqtt *mqtt, struct inbox_message *message)
{
	if (!session_is_stopping(mqtt)) {
		mqtt->counters.received++;
		mqtt->events.on_message(mqtt->arg, &message->message);
	}
	free(message);
}

static void handle(struct mqtt *mqtt, struct inbox_entry *entry)
{
	switch (entry->kind) {
	case INBOX_MESSAGE:
		on_message(mqtt, (struct inbox_message *)entry);
		break;
	case INBOX_CONNECT:
		session_on_attempt(mqtt);
		break;
	case INBOX_SUBSCRIBE:
		on_subscribed(mqtt, (struct task *)entry);
		break;
	case INBOX_LATE_SUBSCRIBE:
		on_late_subscribed(mqtt, (struct task *)entry);
		break;
	case INBOX_UNSUBSCRIBE:
		traffic_task_free((struct task *)entry);
		break;
	case INBOX_PUBLISH:
		on_published(mqtt, (struct task *)entry);
		break;
	case INBOX_LOST:
		session_on_lost(mqtt);
		break;
	case INBOX_DESTROYED:
		session_on_destroyed(mqtt);
		break;
	}
}

void mqtt_drain(struct mqtt *mqtt)
{
	const uint64_t end_ns = uv_hrtime() + SLICE_NS;
	struct inbox_entry *entry;

	if (mqtt->drain_depth == DRAIN_DEPTH_MAX) {
		return;
	}
	mqtt->drain_depth++;
	while (mqtt->state != SESSION_CLOSING && (entry = inbox_take(&mqtt->inbox))) {
		handle(mqtt, entry);
		if (mqtt->state != SESSION_CLOSING && uv_hrtime() > end_ns) {
			uv_async_send(&mqtt->wake);
			break;
		}
	}
	mqtt->drain_depth--;
	if (mqtt->drain_depth == 0) {
		offer_room(mqtt);
	}
}

void traffic_on_wake(uv_async_t *wake)
{
	mqtt_drain(wake->data);
}

void mqtt_counters(struct mqtt *mqtt, struct mqtt_counters *counters)
{
	*counters = mqtt->counters;
	inbox_count(&mqtt->inbox, &counters->inbox, &counters->dropped);
}

#include "bridge/mqtt/session.h"

#include "bridge/mqtt/reason.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Paho gives up after 3 to 6 s. More than that is its lookup of the name, or a callback
	 * that never comes. */
	ATTEMPT_TIMEOUT_MS = 10000,
	/* A broker that connects but does not acknowledge a subscription. */
	SUBSCRIBE_TIMEOUT_MS = 5000,
	STOP_LAST_WORDS_MS = 1000,
	STOP_DESTROY_MS = 1600,
	TEXT_BYTES = 320,
};

static void on_timer(uv_timer_t *timer);

static void start_timer(struct mqtt *mqtt, uint64_t timeout_ms)
{
	uv_timer_start(&mqtt->timer, on_timer, timeout_ms, 0);
}

bool mqtt_is_connected(const struct mqtt *mqtt)
{
	return mqtt->state == SESSION_ONLINE;
}

bool session_is_stopping(const struct mqtt *mqtt)
{
	return mqtt->state >= SESSION_LAST_WORDS;
}

/* ---- the end of a client of Paho ---- */

static void free_tasks(struct mqtt *mqtt)
{
	while (mqtt->tasks.next != &mqtt->tasks) {
		traffic_task_free(mqtt->tasks.next);
	}
}

static void release(struct mqtt *mqtt)
{
	if (atomic_fetch_sub(&mqtt->owners, 1) == 1) {
		free_tasks(mqtt);
		inbox_clear(&mqtt->inbox);
		settings_free(mqtt->settings);
		free(mqtt);
	}
}

static void run_destroy(void *arg)
{
	struct mqtt *mqtt = arg;

	paho_destroy(mqtt);
	inbox_put(&mqtt->inbox, &mqtt->destroyed.entry);
	release(mqtt);
}

static void start_destroy(struct mqtt *mqtt)
{
	mqtt->is_destroying = true;
	atomic_fetch_add(&mqtt->owners, 1);
	if (uv_thread_create(&mqtt->destroyer, run_destroy, mqtt) != 0) {
		/* Without a thread there is nothing left but to wait here. */
		atomic_fetch_sub(&mqtt->owners, 1);
		mqtt->destroyer = uv_thread_self();
		paho_destroy(mqtt);
		inbox_put(&mqtt->inbox, &mqtt->destroyed.entry);
	}
}

static void join_destroyer(struct mqtt *mqtt)
{
	const uv_thread_t self = uv_thread_self();

	if (!uv_thread_equal(&mqtt->destroyer, &self)) {
		(void)uv_thread_join(&mqtt->destroyer);
	}
	mqtt->is_destroying = false;
}

/* ---- connecting ---- */

static void report(struct mqtt *mqtt, enum mqtt_reason reason, const char *text)
{
	(void)snprintf(mqtt->reported, sizeof mqtt->reported, "%s", text);
	mqtt->events.on_disconnected(mqtt->arg, reason, text);
}

static void report_change(struct mqtt *mqtt, enum mqtt_reason reason, const char *text)
{
	if (strcmp(text, mqtt->reported) != 0) {
		report(mqtt, reason, text);
	}
}

/* The client of Paho, connected or not, is of no use any more. */
static void retire(struct mqtt *mqtt, enum mqtt_reason reason)
{
	uint32_t chance = 0;

	/* No chance, no jitter: harmless. */
	(void)uv_random(NULL, NULL, &chance, sizeof chance, 0, NULL);
	mqtt->state = SESSION_WAITING;
	mqtt->is_due = false;
	start_timer(mqtt, retry_next_ms(&mqtt->retry, reason, chance));
	start_destroy(mqtt);
}

static void start_attempt(struct mqtt *mqtt)
{
	const char *problem = paho_create(mqtt);

	mqtt->state = SESSION_CONNECTING;
	start_timer(mqtt, ATTEMPT_TIMEOUT_MS);
	if (problem) {
		(void)snprintf(mqtt->attempt.message, sizeof mqtt->attempt.message, "%s", problem);
		traffic_finish(&mqtt->attempt.task, false, -1);
	} else {
		paho_connect(mqtt);
	}
}

void session_start(struct mqtt *mqtt)
{
	uv_timer_init(mqtt->loop, &mqtt->timer);
	uv_timer_init(mqtt->loop, &mqtt->buffer_timer);
	mqtt->open_handles = 3;
	mqtt->wake.data = mqtt->timer.data = mqtt->buffer_timer.data = mqtt;
	mqtt->tasks.next = mqtt->tasks.previous = &mqtt->tasks;
	mqtt->attempt.task = (struct task) { .entry.kind = INBOX_CONNECT, .mqtt = mqtt };
	mqtt->lost = (struct task) { .entry.kind = INBOX_LOST, .mqtt = mqtt };
	mqtt->destroyed = (struct task) { .entry.kind = INBOX_DESTROYED, .mqtt = mqtt };
	atomic_init(&mqtt->owners, 1);
	mqtt->state = SESSION_WAITING;
	start_timer(mqtt, 0);
}

static void go_online(struct mqtt *mqtt)
{
	uv_timer_stop(&mqtt->timer);
	mqtt->state = SESSION_ONLINE;
	mqtt->online_ms = uv_now(mqtt->loop);
	mqtt->reported[0] = '\0';
	mqtt->wants_room = false;
	mqtt->counters.connects++;
	mqtt->events.on_connected(mqtt->arg);
}

/* One place stays free, for the last words: at the limit Paho's thread sleeps a second. */
static size_t window_for(unsigned receive_max)
{
	if (receive_max > MQTT_WINDOW) {
		return MQTT_WINDOW;
	}
	return receive_max > 1 ? receive_max - 1 : 1;
}

static void on_accepted(struct mqtt *mqtt)
{
	mqtt->window = window_for(mqtt->attempt.receive_max);
	mqtt->packet_max_bytes = mqtt->attempt.packet_max_bytes;
	mqtt->unsubscribed_count = mqtt->settings->subscription_count;
	mqtt->state = SESSION_SUBSCRIBING;
	start_timer(mqtt, SUBSCRIBE_TIMEOUT_MS);
	if (mqtt->unsubscribed_count == 0) {
		go_online(mqtt);
	} else {
		paho_subscribe(mqtt);
	}
}

static void on_refused(struct mqtt *mqtt)
{
	const struct reason_failure failure = {
		.where = mqtt->settings->where,
		.is_tls = mqtt->settings->is_tls,
		.code = mqtt->attempt.task.code,
		.tls_error = mqtt->attempt.tls_error,
		.message = mqtt->attempt.message,
	};
	char text[TEXT_BYTES];
	const enum mqtt_reason reason = reason_explain(&failure, text, sizeof text);

	retire(mqtt, reason);
	report_change(mqtt, reason, text);
}

void session_on_attempt(struct mqtt *mqtt)
{
	if (mqtt->state != SESSION_CONNECTING) {
		return;
	}
	if (mqtt->attempt.task.is_ok) {
		on_accepted(mqtt);
	} else {
		on_refused(mqtt);
	}
}

static void on_attempt_timeout(struct mqtt *mqtt)
{
	char text[TEXT_BYTES];

	retire(mqtt, MQTT_REASON_UNREACHABLE);
	(void)snprintf(text, sizeof text,
		"cannot reach %s: no answer in time, not even of its name", mqtt->settings->where);
	report_change(mqtt, MQTT_REASON_UNREACHABLE, text);
}

/* Without its subscriptions the bridge would look alive and be deaf. */
static void on_subscription_refused(struct mqtt *mqtt, const struct task *answer)
{
	char text[TEXT_BYTES];

	(void)snprintf(text, sizeof text, "%s did not accept the subscription to %s: %s",
		mqtt->settings->where, mqtt->settings->subscriptions[answer->tag],
		reason_words(answer->code));
	retire(mqtt, MQTT_REASON_REFUSED);
	report_change(mqtt, MQTT_REASON_REFUSED, text);
}

static void on_subscribe_timeout(struct mqtt *mqtt)
{
	char text[TEXT_BYTES];

	(void)snprintf(
		text, sizeof text, "%s does not acknowledge subscriptions", mqtt->settings->where);
	retire(mqtt, MQTT_REASON_UNREACHABLE);
	report_change(mqtt, MQTT_REASON_UNREACHABLE, text);
}

void session_on_subscribed(struct mqtt *mqtt, const struct task *answer)
{
	if (mqtt->state != SESSION_SUBSCRIBING) {
		return;
	}
	if (answer->is_ok) {
		mqtt->unsubscribed_count--;
		if (mqtt->unsubscribed_count == 0) {
			go_online(mqtt);
		}
	} else if (answer->code > 0) {
		on_subscription_refused(mqtt, answer);
	}
	/* Below 0: the connection is gone, and that is said separately. */
}

void session_on_lost(struct mqtt *mqtt)
{
	const int code = mqtt->lost.code;
	const bool was_online = mqtt->state == SESSION_ONLINE;
	const enum mqtt_reason reason = code > 0 ? reason_of(code) : MQTT_REASON_UNREACHABLE;
	char text[TEXT_BYTES];

	if (!was_online && mqtt->state != SESSION_SUBSCRIBING) {
		return;
	}
	if (was_online) {
		retry_held(&mqtt->retry, uv_now(mqtt->loop) - mqtt->online_ms);
		mqtt->reported[0] = '\0';
	}
	retire(mqtt, reason);
	traffic_fail_all(mqtt);
	/* One of its callbacks may have called mqtt_stop. */
	if (mqtt->state == SESSION_WAITING) {
		(void)snprintf(text, sizeof text, "connection to %s lost%s%s",
			mqtt->settings->where, code > 0 ? ": " : "",
			code > 0 ? reason_words(code) : "");
		report_change(mqtt, reason, text);
	}
}

/* ---- stopping ---- */

static void on_closed(uv_handle_t *handle)
{
	struct mqtt *mqtt = handle->data;
	mqtt_stopped_cb *on_stopped = mqtt->on_stopped;
	void *arg = mqtt->arg;

	if (--mqtt->open_handles == 0) {
		release(mqtt);
		on_stopped(arg);
	}
}

static void close_handles(struct mqtt *mqtt)
{
	mqtt->state = SESSION_CLOSING;
	inbox_silence(&mqtt->inbox);
	uv_close((uv_handle_t *)&mqtt->wake, on_closed);
	uv_close((uv_handle_t *)&mqtt->timer, on_closed);
	uv_close((uv_handle_t *)&mqtt->buffer_timer, on_closed);
}

static void say_goodbye(struct mqtt *mqtt)
{
	if (!mqtt->is_destroying && !mqtt->paho) {
		close_handles(mqtt);
		return;
	}
	mqtt->state = SESSION_DESTROYING;
	start_timer(mqtt, STOP_DESTROY_MS);
	if (!mqtt->is_destroying) {
		start_destroy(mqtt);
	}
}

void session_on_last_words(struct mqtt *mqtt)
{
	mqtt->last_words = NULL;
	if (mqtt->state == SESSION_LAST_WORDS) {
		say_goodbye(mqtt);
	}
}

/* Paho is stuck in a name lookup. What it still uses is freed by the thread that waits for it. */
static void abandon(struct mqtt *mqtt)
{
	(void)pthread_detach(mqtt->destroyer);
	close_handles(mqtt);
}

void mqtt_stop(struct mqtt *mqtt, const struct mqtt_publish *last, mqtt_stopped_cb *on_stopped)
{
	const bool is_linked = mqtt->state == SESSION_SUBSCRIBING || mqtt->state == SESSION_ONLINE;
	struct mqtt_publish words;

	mqtt->on_stopped = on_stopped;
	mqtt->state = SESSION_LAST_WORDS;
	uv_timer_stop(&mqtt->buffer_timer);
	if (is_linked && last) {
		words = *last;
		words.qos = 1;
		if (paho_publish(mqtt, &words) == MQTT_SENT) {
			mqtt->last_words = mqtt->tasks.previous;
			start_timer(mqtt, STOP_LAST_WORDS_MS);
			return;
		}
	}
	say_goodbye(mqtt);
}

/* ---- what both wait for ---- */

void session_on_destroyed(struct mqtt *mqtt)
{
	join_destroyer(mqtt);
	free_tasks(mqtt);
	if (mqtt->state == SESSION_DESTROYING) {
		close_handles(mqtt);
	} else if (mqtt->state == SESSION_WAITING && mqtt->is_due) {
		start_attempt(mqtt);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct mqtt *mqtt = timer->data;

	switch (mqtt->state) {
	case SESSION_WAITING:
		mqtt->is_due = true;
		if (!mqtt->is_destroying) {
			start_attempt(mqtt);
		}
		break;
	case SESSION_CONNECTING:
		on_attempt_timeout(mqtt);
		break;
	case SESSION_SUBSCRIBING:
		on_subscribe_timeout(mqtt);
		break;
	case SESSION_LAST_WORDS:
		say_goodbye(mqtt);
		break;
	case SESSION_DESTROYING:
		abandon(mqtt);
		break;
	case SESSION_ONLINE:
	case SESSION_CLOSING:
		break;
	}
}

/* session.h - the inside of struct mqtt, shared by mqtt.c (talks to Paho), session.c (connects,
 * loses, stops) and traffic.c (messages in and out). Nobody else includes it.
 *
 * Each attempt to connect gets a fresh client of Paho, and the one before is destroyed first, on a
 * thread of its own. So no callback of an old connection comes after the next has begun. */
#ifndef PLUG_BRIDGE_MQTT_SESSION_H
#define PLUG_BRIDGE_MQTT_SESSION_H

#include "bridge/mqtt/inbox.h"
#include "bridge/mqtt/mqtt.h"
#include "bridge/mqtt/retry.h"
#include "bridge/mqtt/settings.h"

#include <stdatomic.h>

enum session_state {
	SESSION_WAITING, /* until the timer has run off and the old client is destroyed */
	SESSION_CONNECTING,
	SESSION_SUBSCRIBING,
	SESSION_ONLINE,
	SESSION_LAST_WORDS, /* stopping: until they are acknowledged */
	SESSION_DESTROYING, /* stopping: until the client is destroyed */
	SESSION_CLOSING,
};

/* Something Paho will call back about. The loop thread's until Paho gets it, and again when it
 * comes out of the inbox. */
struct task {
	struct inbox_entry entry; /* first */
	struct mqtt *mqtt;
	struct task *next, *previous;
	uint64_t tag;
	bool is_reported; /* on_published was called without waiting for Paho */
	bool is_ok;
	int code; /* below 0: Paho's; above: the broker's */
};

struct attempt {
	struct task task; /* first */
	unsigned receive_max;
	unsigned packet_max_bytes;
	char tls_error[192];
	char message[64]; /* Paho's */
};

struct mqtt {
	uv_loop_t *loop;
	struct settings *settings;
	struct mqtt_events events;
	void *arg;
	uv_async_t wake;
	uv_timer_t timer, buffer_timer;
	int open_handles;

	enum session_state state;
	struct retry retry;
	uint64_t online_ms;
	char reported[320]; /* the last text on_disconnected got, "" since the last connect */
	size_t unsubscribed_count;
	bool is_destroying; /* a thread is inside MQTTAsync_destroy */
	bool is_due;	    /* the timer ran off meanwhile */
	uv_thread_t destroyer;

	int drain_depth;
	struct task tasks; /* ring of what Paho still has to answer */
	size_t window, packet_max_bytes;
	bool wants_room;
	struct mqtt_counters counters;

	struct task *last_words;
	mqtt_stopped_cb *on_stopped;

	/* Shared with other threads. */
	void *paho; /* NULL when there is none */
	struct inbox inbox;
	struct attempt attempt;
	struct task lost, destroyed;
	atomic_int owners; /* the loop, and the thread inside MQTTAsync_destroy */
};

/* ---- session.c ---- */

/* Begins with settings, events, arg, loop, wake and inbox in place. */
void session_start(struct mqtt *mqtt);
void session_on_attempt(struct mqtt *mqtt);
void session_on_subscribed(struct mqtt *mqtt, const struct task *answer);
void session_on_lost(struct mqtt *mqtt);
void session_on_last_words(struct mqtt *mqtt);
void session_on_destroyed(struct mqtt *mqtt);
bool session_is_stopping(const struct mqtt *mqtt);

/* ---- traffic.c ---- */

/* The memory, or the end of the program. */
void *traffic_check(void *memory);
struct task *traffic_task(struct mqtt *mqtt, enum inbox_kind kind, uint64_t tag);
void traffic_task_free(struct task *task);
/* The task is over. Any thread. */
void traffic_finish(struct task *task, bool is_ok, int code);
/* Calls on_published for everything in flight. */
void traffic_fail_all(struct mqtt *mqtt);
/* Calls on_room after a while. */
void traffic_await_buffer(struct mqtt *mqtt);
void traffic_on_wake(uv_async_t *wake);

/* ---- mqtt.c; all but paho_destroy for the loop thread ---- */

/* Gives the attempt a client; returns what is wrong with the settings, NULL for nothing. */
const char *paho_create(struct mqtt *mqtt);
/* The answer comes as attempt.task. */
void paho_connect(struct mqtt *mqtt);
/* The answer comes as an INBOX_SUBSCRIBE for each subscription. */
void paho_subscribe(struct mqtt *mqtt);
/* Whatever the window says. With QoS 1 and MQTT_SENT the answer comes as an INBOX_PUBLISH. */
enum mqtt_sent paho_publish(struct mqtt *mqtt, const struct mqtt_publish *publish);
/* Says goodbye when connected. Takes 0.1 s, a second and more, or as long as a name lookup; not
 * for the loop thread. */
void paho_destroy(struct mqtt *mqtt);

#endif

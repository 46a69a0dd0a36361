/* mqtt_rig.h - what the tests of mqtt.h stand on: a loop that ticks, a real Mosquitto on a free
 * loopback port, and a client that writes down what it is told. Everything that fails here fails
 * the test that asked for it. */
#ifndef PLUG_TESTS_UNIT_MQTT_RIG_H
#define PLUG_TESTS_UNIT_MQTT_RIG_H

#include "bridge/mqtt/mqtt.h"

#include <sys/types.h>

struct rig;

enum {
	RIG_TAGS = 64 * 1024,
	RIG_TEXT_BYTES = 320,
	RIG_PATH_BYTES = 128,
	RIG_KEPT_BYTES = 64,
	/* For what has no figure of its own; long, because sanitizers and valgrind are slow. */
	RIG_PATIENCE_MS = 10000,
};

struct broker {
	pid_t pid; /* 0: not running */
	int port;
	char config[RIG_PATH_BYTES];
};

struct kept_message {
	char topic[RIG_KEPT_BYTES], response_topic[RIG_KEPT_BYTES], source[RIG_KEPT_BYTES];
	char payload[RIG_KEPT_BYTES], correlation[RIG_KEPT_BYTES]; /* beginnings */
	struct mqtt_message message;				   /* its pointers are dead */
	bool has_payload;
};

struct client {
	struct mqtt *mqtt;
	struct rig *rig;
	unsigned connected, disconnected, rooms, messages, delivered, failed, stopped, subscribed;
	enum mqtt_reason reason;
	char text[RIG_TEXT_BYTES];
	struct kept_message last;
	int refused;		   /* of the last publish that was */
	uint8_t answers[RIG_TAGS]; /* per tag */
	uint64_t latency_ms;	   /* longest time from arrival to on_message */
	/* Called besides writing down; may be NULL. */
	void (*on_connected)(struct client *client);
	void (*on_message)(struct client *client, const struct mqtt_message *message);
	void (*on_room)(struct client *client);
	void (*on_published)(struct client *client, uint64_t tag, bool is_delivered);
};

/* ---- the loop ---- */

struct rig {
	uv_loop_t loop;
	uv_timer_t tick;	  /* every millisecond */
	uint64_t ticked_ns;	  /* 0: nobody looks */
	uint64_t longest_gap_ns;  /* between two ticks, since rig_watch_gaps */
	char dir[RIG_PATH_BYTES]; /* temporary, removed at the end */
	struct broker broker;
	struct client client;
	pid_t shell; /* of rig_shell_start */
};

/* Group fixtures; *state is a struct rig. */
int rig_setup(void **state);
int rig_teardown(void **state);
/* After each test, also a failed one: stops the client, kills the broker. */
int rig_clean(void **state);

/* Exits with 77 when the machine has no Mosquitto. */
void rig_need_mosquitto(void);

uint64_t rig_now_ms(void);
void rig_watch_gaps(struct rig *rig);

/* Turns the loop until condition is true; fails the test after timeout_ms. */
#define RIG_WAIT(rig, condition, timeout_ms)                                                       \
	do {                                                                                       \
		const uint64_t rig_end_ms = rig_now_ms() + (timeout_ms);                           \
		while (!(condition)) {                                                             \
			if (rig_now_ms() > rig_end_ms) {                                           \
				fail_msg("not within %d ms: %s", (int)(timeout_ms), #condition);   \
			}                                                                          \
			uv_run(&(rig)->loop, UV_RUN_ONCE);                                         \
		}                                                                                  \
	} while (0)

/* Turns the loop for that long: to see that nothing happens. */
void rig_idle(struct rig *rig, uint64_t duration_ms);

/* ---- Mosquitto ---- */

/* Finds a port and writes the configuration: "listener PORT 127.0.0.1" and then extra. */
void broker_prepare(struct rig *rig, const char *extra);
/* Returns when it accepts connections. */
void broker_start(struct broker *broker);
void broker_signal(const struct broker *broker, int signal);
/* SIGSTOP; returns when it has stopped. SIGCONT thaws it. */
void broker_freeze(const struct broker *broker);
/* Kills it with -9 when it runs. */
void broker_kill(struct broker *broker);

int rig_free_port(void);

/* Runs a shell command in the rig's directory, while the loop turns; $PORT is the broker's. */
void rig_shell(struct rig *rig, const char *command);
/* Starts one and returns at once; it ends with the test. */
void rig_shell_start(struct rig *rig, const char *command);
/* What the last command wrote to a file of the rig's directory, "" for nothing. */
const char *rig_read(struct rig *rig, const char *name);

/* ---- the client ---- */

/* Options for that broker: MQTT 5, subscribed to "t/#", will "gone" on "t-availability". */
struct mqtt_options client_options(const struct rig *rig);
void client_start(struct rig *rig, const struct mqtt_options *options);
/* Starts it with client_options, and waits until it is connected. */
void client_connect(struct rig *rig);
/* Publishes QoS 1 text with that tag. */
enum mqtt_sent client_publish(
	struct client *client, const char *topic, const char *payload, uint64_t tag);
/* Stops and waits; last words "offline". Returns the milliseconds it took. */
uint64_t client_stop(struct client *client);

#endif

/* mqtt.h - the broker, as the loop thread sees it. The only module that knows Paho.
 *
 * Paho calls back on two threads of its own, under a lock of its own; everything it says is copied
 * into a bounded queue there, and handed over here on the loop thread. All functions and all
 * callbacks below are for the loop thread.
 * Source of every rule: the measurements of Paho 1.3.12 named in mqtt.c. */
#ifndef PLUG_BRIDGE_MQTT_MQTT_H
#define PLUG_BRIDGE_MQTT_MQTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum {
	/* Commands are short; of a longer message only the size is handed over. */
	MQTT_PAYLOAD_MAX_BYTES = 1024,
	/* QoS 1 messages in flight, counted by us: at the server's Receive Maximum (Mosquitto: 20)
	 * Paho's send thread sleeps a second. */
	MQTT_WINDOW = 15,
	/* Messages waiting for the loop; what comes on top is dropped and counted. */
	MQTT_INBOX_MAX = 4096,
};

struct mqtt_tls_options {
	bool is_used;
	const char *ca_file, *cert_file,
		*key_file; /* "" for none; ca_file "": the system's store */
};

/* Strings are borrowed during mqtt_new only. */
struct mqtt_options {
	const char *host;
	int port;
	int protocol; /* 5 or 4 (3.1.1) */
	const char *client_id;
	int keepalive_s;
	const char *username, *password; /* NULL or "" for none */
	struct mqtt_tls_options tls;
	const char *will_topic; /* retained, QoS 1 */
	const char *will_payload;
	const char *const *subscriptions; /* filters, QoS 1, subscribed at every connect */
	size_t subscription_count;
};

/* One message, valid during the callback. */
struct mqtt_message {
	const char *topic; /* NUL-terminated, without NULs inside */
	const char
		*payload; /* NUL-terminated copy; NULL when payload_size > MQTT_PAYLOAD_MAX_BYTES */
	size_t payload_size; /* true size */
	bool is_retained, is_duplicate;
	const char *response_topic; /* NULL when absent (always in 3.1.1) */
	const uint8_t *correlation; /* correlation data, NULL when absent */
	size_t correlation_size;
	const char *source; /* user property "source", NULL when absent */
	bool has_expiry;
	uint32_t expiry_s;
	uint64_t arrived_ms; /* uv_hrtime() / 1e6 at the moment Paho handed it over */
};

/* Why an attempt to connect failed or a connection ended. */
enum mqtt_reason {
	MQTT_REASON_NONE,
	MQTT_REASON_UNREACHABLE, /* nobody answers, name not found, connection lost */
	MQTT_REASON_REFUSED,	 /* the broker said no: login, client id, protocol */
	MQTT_REASON_TLS,
};

struct mqtt_events {
	/* Connected and every subscription acknowledged. */
	void (*on_connected)(void *arg);
	/* Once for each connection lost, and once for each failed attempt whose text differs from
	 * the one before. text is in words, borrowed. */
	void (*on_disconnected)(void *arg, enum mqtt_reason reason, const char *text);
	void (*on_message)(void *arg, const struct mqtt_message *message);
	/* The end of each QoS 1 publish that mqtt_publish took: delivered, or not (then publish
	 * again when connected). refused is the MQTT 5 reason when the broker said no (135: not
	 * authorised) or would have (144: not a topic, 149: too large), 0 otherwise; what was
	 * refused will be refused again. */
	void (*on_published)(void *arg, uint64_t tag, bool is_delivered, int refused);
	/* There is room again, after an MQTT_FULL. Not called from within mqtt_drain. */
	void (*on_room)(void *arg);
	/* The broker has answered mqtt_subscribe; what it retains comes now. Not after a lost
	 * connection. */
	void (*on_subscribed)(void *arg);
};

struct mqtt_publish {
	const char *topic;
	const void *payload;
	size_t payload_size;
	int qos; /* 0 or 1 */
	bool is_retained;
	bool is_json;		    /* MQTT 5: content type application/json */
	uint32_t expiry_s;	    /* MQTT 5: message expiry; 0 for none */
	const uint8_t *correlation; /* MQTT 5: NULL for none */
	size_t correlation_size;
	uint64_t tag; /* given back by on_published; QoS 1 only */
};

enum mqtt_sent {
	MQTT_SENT,
	MQTT_FULL, /* window or Paho's buffer: wait for on_room */
	MQTT_DOWN, /* not connected */
};

struct mqtt_counters {
	uint64_t received, dropped, published, failed, connects;
	size_t in_flight, inbox;
};

struct mqtt;

/* Gives a client that starts connecting at once and keeps trying for ever; NULL only when options
 * cannot be used (then *problem says why, static text). */
struct mqtt *mqtt_new(uv_loop_t *loop, const struct mqtt_options *options,
	const struct mqtt_events *events, void *arg, const char **problem);

enum mqtt_sent mqtt_publish(struct mqtt *mqtt, const struct mqtt_publish *publish);
bool mqtt_is_connected(const struct mqtt *mqtt);

/* Asks for a filter beside those of the options: what is retained under it comes to on_message, and
 * all that is published, with QoS 0, until mqtt_unsubscribe or the end of the connection. Both do
 * nothing while not connected. */
void mqtt_subscribe(struct mqtt *mqtt, const char *filter);
void mqtt_unsubscribe(struct mqtt *mqtt, const char *filter);

void mqtt_counters(struct mqtt *mqtt, struct mqtt_counters *counters);

/* Handles what waits in the inbox now, from within a long slice of other work: in a callback, too,
 * but no deeper than that. */
void mqtt_drain(struct mqtt *mqtt);

/* Stops: publishes last with QoS 1 (when connected; NULL for nothing), waits at most a second for
 * its acknowledgement, disconnects, frees everything and calls on_stopped on a later turn of the
 * loop, within 3 s whatever the broker does. No other callback comes after this call. The next
 * client may be made from on_stopped on. */
typedef void mqtt_stopped_cb(void *arg);
void mqtt_stop(struct mqtt *mqtt, const struct mqtt_publish *last, mqtt_stopped_cb *on_stopped);

#endif

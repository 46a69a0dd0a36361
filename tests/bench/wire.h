/* wire.h - MQTT with nothing around it: one socket with TCP_NODELAY, packets in, packets out.
 *
 *     offset  size  field
 *     0       1     packet type in the upper four bits, flags in the lower four
 *     1       1-4   remaining length, seven bits a byte, the lowest first
 *     ...           variable header and payload
 *
 * Source: OASIS MQTT 3.1.1 and 5.0. Only for measuring: whatever is unexpected ends the program
 * with a message, and a write that does not fit the socket's buffer waits. */
#ifndef PLUG_TESTS_BENCH_WIRE_H
#define PLUG_TESTS_BENCH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_type {
	WIRE_CONNECT = 1,
	WIRE_CONNACK = 2,
	WIRE_PUBLISH = 3,
	WIRE_PUBACK = 4,
	WIRE_SUBSCRIBE = 8,
	WIRE_SUBACK = 9,
	WIRE_UNSUBSCRIBE = 10,
};

enum { WIRE_MQTT_3 = 4, WIRE_MQTT_5 = 5 };

struct wire {
	int fd;
	int version; /* WIRE_MQTT_3 or WIRE_MQTT_5 */
	uint16_t last_id;
	uint8_t *in, *out; /* owned */
	size_t in_start, in_end, out_bytes;
};

/* One packet; topic and payload are borrowed until the next wire_fill, and not NUL-terminated. */
struct wire_packet {
	enum wire_type type;
	uint16_t id; /* 0 for a PUBLISH with QoS 0 */
	const char *topic, *payload;
	size_t topic_size, payload_size;
};

/* Connects to the broker on 127.0.0.1 and waits for its CONNACK. Without keepalive. */
void wire_open(struct wire *wire, int port, int version, const char *client_id);
void wire_close(struct wire *wire);

/* Reads what is there, without waiting; the end of the stream ends the program. */
void wire_fill(struct wire *wire);
/* Takes the next whole packet; false when more bytes are needed. A PUBLISH with QoS 1 is
 * acknowledged here (with the next wire_flush). */
bool wire_next(struct wire *wire, struct wire_packet *packet);

/* These three append to what wire_flush sends. With MQTT 5 a subscription asks for no retained
 * messages. */
void wire_publish(struct wire *wire, const char *topic, const void *payload, size_t payload_size,
	uint8_t flags);
void wire_subscribe(struct wire *wire, const char *filter, int qos);
void wire_unsubscribe(struct wire *wire, const char *filter, int qos); /* qos is not used */
void wire_flush(struct wire *wire);

/* Flags of wire_publish, as they stand in the first byte. */
enum { WIRE_QOS_1 = 0x02, WIRE_RETAIN = 0x01 };

#endif

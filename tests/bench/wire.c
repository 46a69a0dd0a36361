#include "tests/bench/wire.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BUFFER_BYTES = 256 * 1024,
	FIXED_HEADER_MAX_BYTES = 5,
	LENGTH_MAX_BYTES = 4,
	CONNECT_TIMEOUT_MS = 5000,
	RETAIN_HANDLING_NONE = 2 << 4, /* MQTT 5 subscription option */
};

static void await(const struct wire *wire, short events)
{
	struct pollfd waiting = { .fd = wire->fd, .events = events };

	if (poll(&waiting, 1, CONNECT_TIMEOUT_MS) <= 0) {
		errx(1, "the broker does not answer");
	}
}

/* Room for one packet of body_size bytes; what is there already goes out first if need be. */
static uint8_t *reserve(struct wire *wire, size_t body_size)
{
	if (body_size + FIXED_HEADER_MAX_BYTES > BUFFER_BYTES) {
		errx(1, "a packet of %zu bytes is too long to send", body_size);
	}
	if (wire->out_bytes + body_size + FIXED_HEADER_MAX_BYTES > BUFFER_BYTES) {
		wire_flush(wire);
	}
	return wire->out + wire->out_bytes;
}

static uint8_t *put_header(uint8_t *at, enum wire_type type, uint8_t flags, size_t body_size)
{
	*at++ = (uint8_t)((unsigned)type << 4 | flags);
	do {
		*at++ = (uint8_t)((body_size & 0x7f) | (body_size > 0x7f ? 0x80 : 0));
		body_size >>= 7;
	} while (body_size > 0);
	return at;
}

static uint8_t *put_u16(uint8_t *at, size_t value)
{
	*at++ = (uint8_t)(value >> 8);
	*at++ = (uint8_t)value;
	return at;
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t size)
{
	memcpy(at, bytes, size);
	return at + size;
}

/* MQTT counts its texts instead of ending them. */
static uint8_t *put_text(uint8_t *at, const char *text)
{
	return put_bytes(put_u16(at, strlen(text)), text, strlen(text));
}

static void put_done(struct wire *wire, const uint8_t *end)
{
	wire->out_bytes = (size_t)(end - wire->out);
}

/* Zero is no packet identifier. */
static uint16_t next_id(struct wire *wire)
{
	wire->last_id = (uint16_t)(wire->last_id == UINT16_MAX ? 1 : wire->last_id + 1);
	return wire->last_id;
}

static void send_connect(struct wire *wire, const char *client_id)
{
	static const uint8_t clean_start = 0x02;
	size_t properties = wire->version == WIRE_MQTT_5 ? 1 : 0;
	size_t body_size = 2 + 4 + 1 + 1 + 2 + properties + 2 + strlen(client_id);
	uint8_t *at = put_header(reserve(wire, body_size), WIRE_CONNECT, 0, body_size);

	at = put_text(at, "MQTT");
	*at++ = (uint8_t)wire->version;
	*at++ = clean_start;
	at = put_u16(at, 0);
	if (properties > 0) {
		*at++ = 0;
	}
	put_done(wire, put_text(at, client_id));
	wire_flush(wire);
}

void wire_open(struct wire *wire, int port, int version, const char *client_id)
{
	struct sockaddr_in broker = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct wire_packet packet;
	int on = 1;

	memset(wire, 0, sizeof(*wire));
	wire->version = version;
	wire->in = malloc(BUFFER_BYTES);
	wire->out = malloc(BUFFER_BYTES);
	wire->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (!wire->in || !wire->out || wire->fd < 0) {
		err(1, "no socket for the broker");
	}
	broker.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(wire->fd, (struct sockaddr *)&broker, sizeof(broker)) < 0) {
		err(1, "broker on port %d", port);
	}
	setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	fcntl(wire->fd, F_SETFL, O_NONBLOCK);
	fcntl(wire->fd, F_SETFD, FD_CLOEXEC);
	send_connect(wire, client_id);
	do {
		await(wire, POLLIN);
		wire_fill(wire);
	} while (!wire_next(wire, &packet));
	if (packet.type != WIRE_CONNACK || packet.payload_size < 2 || packet.payload[1] != 0) {
		errx(1, "the broker refused %s", client_id);
	}
}

void wire_close(struct wire *wire)
{
	close(wire->fd);
	free(wire->in);
	free(wire->out);
	memset(wire, 0, sizeof(*wire));
}

void wire_fill(struct wire *wire)
{
	ssize_t got;

	if (wire->in_start > 0) {
		memmove(wire->in, wire->in + wire->in_start, wire->in_end - wire->in_start);
		wire->in_end -= wire->in_start;
		wire->in_start = 0;
	}
	if (wire->in_end == BUFFER_BYTES) {
		errx(1, "the broker sent a packet over %d bytes", BUFFER_BYTES);
	}
	got = read(wire->fd, wire->in + wire->in_end, BUFFER_BYTES - wire->in_end);
	if (got > 0) {
		wire->in_end += (size_t)got;
	} else if (got == 0) {
		errx(1, "the broker closed the connection");
	} else if (errno != EAGAIN && errno != EINTR) {
		err(1, "reading from the broker");
	}
}

/* The remaining length; false while not all of it arrived. */
static bool get_length(const uint8_t *at, size_t size, size_t *header_bytes, size_t *body_size)
{
	size_t length = 0;

	for (size_t i = 0; i < LENGTH_MAX_BYTES && i + 1 < size; i++) {
		length |= (size_t)(at[1 + i] & 0x7f) << (7 * i);
		if (!(at[1 + i] & 0x80)) {
			*header_bytes = i + 2;
			*body_size = length;
			return true;
		}
	}
	return false;
}

static void acknowledge(struct wire *wire, uint16_t id)
{
	uint8_t *at = put_header(reserve(wire, 2), WIRE_PUBACK, 0, 2);

	put_done(wire, put_u16(at, id));
}

static size_t get_u16(const uint8_t *at)
{
	return (size_t)(at[0] << 8 | at[1]);
}

/* What follows the topic: identifier, properties, payload. */
static void read_publish(struct wire *wire, struct wire_packet *packet, bool is_acknowledged)
{
	const uint8_t *at = (const uint8_t *)packet->payload;
	const uint8_t *end = at + packet->payload_size;
	size_t properties_size = 0, header_bytes = 1;

	if (end - at < 2 || (size_t)(end - at) < 2 + get_u16(at)) {
		errx(1, "the broker sent a broken PUBLISH");
	}
	packet->topic_size = get_u16(at);
	packet->topic = (const char *)at + 2;
	at += 2 + packet->topic_size;
	if (is_acknowledged) {
		if (end - at < 2) {
			errx(1, "the broker sent a broken PUBLISH");
		}
		packet->id = (uint16_t)get_u16(at);
		at += 2;
		acknowledge(wire, packet->id);
	}
	if (wire->version == WIRE_MQTT_5) {
		/* get_length skips one byte, the type, before the length. */
		if (!get_length(at - 1, (size_t)(end - at) + 1, &header_bytes, &properties_size) ||
			(size_t)(end - at) < header_bytes - 1 + properties_size) {
			errx(1, "the broker sent broken properties");
		}
		at += header_bytes - 1 + properties_size;
	}
	packet->payload = (const char *)at;
	packet->payload_size = (size_t)(end - at);
}

bool wire_next(struct wire *wire, struct wire_packet *packet)
{
	const uint8_t *at = wire->in + wire->in_start;
	size_t size = wire->in_end - wire->in_start, header_bytes, body_size;

	if (size < 2 || !get_length(at, size, &header_bytes, &body_size) ||
		size < header_bytes + body_size) {
		return false;
	}
	wire->in_start += header_bytes + body_size;
	memset(packet, 0, sizeof(*packet));
	packet->type = (enum wire_type)(at[0] >> 4);
	packet->payload = (const char *)at + header_bytes;
	packet->payload_size = body_size;
	if (packet->type == WIRE_PUBLISH) {
		read_publish(wire, packet, (at[0] & 0x06) != 0);
	} else if (body_size >= 2) {
		packet->id = (uint16_t)get_u16(at + header_bytes);
	}
	return true;
}

void wire_publish(struct wire *wire, const char *topic, const void *payload, size_t payload_size,
	uint8_t flags)
{
	size_t id_bytes = flags & WIRE_QOS_1 ? 2 : 0;
	size_t properties = wire->version == WIRE_MQTT_5 ? 1 : 0;
	size_t body_size = 2 + strlen(topic) + id_bytes + properties + payload_size;
	uint8_t *at = put_header(reserve(wire, body_size), WIRE_PUBLISH, flags, body_size);

	at = put_text(at, topic);
	if (id_bytes > 0) {
		at = put_u16(at, next_id(wire));
	}
	if (properties > 0) {
		*at++ = 0;
	}
	put_done(wire, put_bytes(at, payload, payload_size));
}

/* SUBSCRIBE and UNSUBSCRIBE differ in the option byte after each filter. */
static uint8_t *put_filter(
	struct wire *wire, enum wire_type type, const char *filter, size_t option_bytes)
{
	static const uint8_t reserved_flags = 0x02;
	size_t properties = wire->version == WIRE_MQTT_5 ? 1 : 0;
	size_t body_size = 2 + properties + 2 + strlen(filter) + option_bytes;
	uint8_t *at = put_header(reserve(wire, body_size), type, reserved_flags, body_size);

	at = put_u16(at, next_id(wire));
	if (properties > 0) {
		*at++ = 0;
	}
	return put_text(at, filter);
}

void wire_subscribe(struct wire *wire, const char *filter, int qos)
{
	uint8_t *at = put_filter(wire, WIRE_SUBSCRIBE, filter, 1);

	*at++ = (uint8_t)(qos | (wire->version == WIRE_MQTT_5 ? RETAIN_HANDLING_NONE : 0));
	put_done(wire, at);
}

void wire_unsubscribe(struct wire *wire, const char *filter, int qos)
{
	(void)qos;
	put_done(wire, put_filter(wire, WIRE_UNSUBSCRIBE, filter, 0));
}

void wire_flush(struct wire *wire)
{
	size_t sent_bytes = 0;

	while (sent_bytes < wire->out_bytes) {
		ssize_t sent = send(wire->fd, wire->out + sent_bytes, wire->out_bytes - sent_bytes,
			MSG_NOSIGNAL);

		if (sent > 0) {
			sent_bytes += (size_t)sent;
		} else if (errno == EAGAIN) {
			await(wire, POLLOUT);
		} else if (errno != EINTR) {
			err(1, "writing to the broker");
		}
	}
	wire->out_bytes = 0;
}

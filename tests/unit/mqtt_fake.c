#include "tests/unit/mqtt_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum packet {
	CONNECT = 0x10,
	CONNACK = 0x20,
	PUBLISH = 0x30,
	PUBACK = 0x40,
	SUBSCRIBE = 0x80,
	SUBACK = 0x90,
	PINGREQ = 0xC0,
	PINGRESP = 0xD0,
	DISCONNECT = 0xE0,
	TYPE_BITS = 0xF0,
	QOS_1_BIT = 0x02,
};

struct write {
	uv_write_t request; /* first */
	char bytes[];
};

static void on_written(uv_write_t *request, int status)
{
	(void)status;
	free(request);
}

void fake_send(struct fake *fake, const void *bytes, size_t size)
{
	struct write *write = malloc(sizeof *write + size);
	uv_buf_t buffer;

	assert_non_null(write);
	memcpy(write->bytes, bytes, size);
	buffer = uv_buf_init(write->bytes, (unsigned)size);
	assert_true(fake->is_peer_open);
	assert_int_equal(
		uv_write(&write->request, (uv_stream_t *)&fake->peer, &buffer, 1, on_written), 0);
}

static void send_connack(struct fake *fake)
{
	const size_t size = fake->connack_properties_size;
	uint8_t packet[128] = { CONNACK, (uint8_t)(3 + size), 0, fake->connack_code,
		(uint8_t)size };

	assert_true(size < sizeof packet - 5);
	if (size > 0) {
		memcpy(packet + 5, fake->connack_properties, size);
	}
	fake->connects++;
	fake_send(fake, packet, 5 + size);
}

static void send_suback(struct fake *fake, const uint8_t *id)
{
	const uint8_t packet[] = { SUBACK, 4, id[0], id[1], 0, fake->suback_code };

	if (fake->has_suback) {
		fake_send(fake, packet, sizeof packet);
	}
}

void fake_acknowledge(struct fake *fake)
{
	for (size_t i = 0; i < fake->id_count; i++) {
		const uint8_t packet[] = { PUBACK, 2, fake->ids[i][0], fake->ids[i][1] };

		fake_send(fake, packet, sizeof packet);
	}
	fake->id_count = 0;
}

static void take_publish(struct fake *fake, uint8_t flags, const uint8_t *body)
{
	const size_t topic_size = (size_t)body[0] << 8 | body[1];

	fake->publishes++;
	if (!(flags & QOS_1_BIT)) {
		return;
	}
	assert_true(fake->id_count < sizeof fake->ids / sizeof fake->ids[0]);
	memcpy(fake->ids[fake->id_count++], body + 2 + topic_size, 2);
	if (fake->has_puback) {
		fake_acknowledge(fake);
	}
}

static void take_packet(struct fake *fake, const uint8_t *packet, const uint8_t *body)
{
	static const uint8_t pong[] = { PINGRESP, 0 };

	switch (packet[0] & TYPE_BITS) {
	case CONNECT:
		send_connack(fake);
		break;
	case SUBSCRIBE:
		send_suback(fake, body);
		break;
	case PUBLISH:
		take_publish(fake, packet[0], body);
		break;
	case PINGREQ:
		fake_send(fake, pong, sizeof pong);
		break;
	case DISCONNECT:
		fake->disconnects++;
		break;
	default:
		break;
	}
}

/* Takes one packet off the front, when it is all there. */
static bool take_front(struct fake *fake)
{
	size_t head = 1;
	size_t length = 0;

	for (int shift = 0; shift < 28; shift += 7) {
		if (head >= fake->size) {
			return false;
		}
		length |= (size_t)(fake->bytes[head] & 0x7F) << shift;
		if (!(fake->bytes[head++] & 0x80)) {
			break;
		}
	}
	if (fake->size < head + length) {
		return false;
	}
	take_packet(fake, fake->bytes, fake->bytes + head);
	fake->size -= head + length;
	memmove(fake->bytes, fake->bytes + head + length, fake->size);
	return true;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct fake *fake = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(
		(char *)fake->bytes + fake->size, (unsigned)(sizeof fake->bytes - fake->size));
}

static void on_peer_closed(uv_handle_t *handle)
{
	struct fake *fake = handle->data;

	fake->open_handles--;
}

void fake_hang_up(struct fake *fake)
{
	if (fake->is_peer_open) {
		fake->is_peer_open = false;
		uv_close((uv_handle_t *)&fake->peer, on_peer_closed);
		RIG_WAIT(fake->rig, fake->open_handles == 1, RIG_PATIENCE_MS);
	}
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
	struct fake *fake = stream->data;

	(void)buffer;
	if (size > 0) {
		fake->size += (size_t)size;
		while (take_front(fake)) {
		}
	} else if (size < 0 && fake->is_peer_open) {
		fake->is_peer_open = false;
		uv_close((uv_handle_t *)stream, on_peer_closed);
	}
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct fake *fake = stream->data;

	assert_int_equal(status, 0);
	assert_int_equal(fake->open_handles, 1);
	assert_int_equal(uv_tcp_init(&fake->rig->loop, &fake->peer), 0);
	fake->peer.data = fake;
	fake->open_handles++;
	fake->is_peer_open = true;
	fake->size = fake->id_count = 0;
	assert_int_equal(uv_accept(stream, (uv_stream_t *)&fake->peer), 0);
	assert_int_equal(uv_read_start((uv_stream_t *)&fake->peer, on_alloc, on_read), 0);
}

void fake_start(struct fake *fake, struct rig *rig)
{
	struct sockaddr_in address;

	fake->rig = rig;
	rig->broker.port = rig_free_port();
	assert_int_equal(uv_ip4_addr("127.0.0.1", rig->broker.port, &address), 0);
	assert_int_equal(uv_tcp_init(&rig->loop, &fake->listener), 0);
	fake->listener.data = fake;
	fake->open_handles = 1;
	assert_int_equal(uv_tcp_bind(&fake->listener, (struct sockaddr *)&address, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&fake->listener, 1, on_connection), 0);
}

void fake_stop(struct fake *fake)
{
	fake_hang_up(fake);
	uv_close((uv_handle_t *)&fake->listener, on_peer_closed);
	RIG_WAIT(fake->rig, fake->open_handles == 0, RIG_PATIENCE_MS);
}

void fake_publish(struct fake *fake, const char *topic, size_t topic_size)
{
	const size_t length = 2 + topic_size + 1 + 1; /* topic, no properties, payload "x" */
	uint8_t packet[4 * 1024] = { PUBLISH, (uint8_t)(length & 0x7F) | 0x80,
		(uint8_t)(length >> 7), (uint8_t)(topic_size >> 8), (uint8_t)topic_size };

	assert_true(length < sizeof packet - 3);
	memcpy(packet + 5, topic, topic_size);
	packet[5 + topic_size + 1] = 'x';
	fake_send(fake, packet, 3 + length);
}

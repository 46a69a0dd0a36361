#include "tests/unit/fake_plug.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "bridge/mem.h"

enum { BACKLOG = 1024 };

static void on_handle_closed(uv_handle_t *handle)
{
	struct fake_connection *connection = handle->data;

	if (--connection->open_handles == 0) {
		plug_frame_reader_reset(&connection->reader);
		free(connection->rest);
		free(connection);
	}
}

/* Takes the connection off the plug; its timer is closed, its socket is the caller's to close. */
static void let_go(struct fake_connection *connection)
{
	struct fake_connection **slot = &connection->plug->connections;

	connection->is_closing = true;
	while (*slot != connection) {
		slot = &(*slot)->next;
	}
	*slot = connection->next;
	connection->plug->open--;
	uv_close((uv_handle_t *)&connection->drip, on_handle_closed);
}

void fake_close(struct fake_connection *connection)
{
	if (!connection->is_closing) {
		let_go(connection);
		uv_close((uv_handle_t *)&connection->tcp, on_handle_closed);
	}
}

void fake_reset(struct fake_connection *connection)
{
	if (!connection->is_closing) {
		let_go(connection);
		assert_int_equal(uv_tcp_close_reset(&connection->tcp, on_handle_closed), 0);
	}
}

static void on_written(uv_write_t *write, int status)
{
	(void)status;
	free(write->data);
	free(write);
}

void fake_send(struct fake_connection *connection, const void *bytes, size_t size)
{
	char *copy = mem_copy_bytes(bytes, size);
	uv_write_t *write = mem_new(sizeof *write);
	const uv_buf_t buffer = uv_buf_init(copy, (unsigned)size);

	write->data = copy;
	if (uv_write(write, (uv_stream_t *)&connection->tcp, &buffer, 1, on_written) != 0) {
		on_written(write, 0);
	}
}

uint8_t *fake_frame(const char *text, size_t *size)
{
	uint8_t *frame = mem_array(PLUG_FRAME_HEADER_BYTES + strlen(text), 1);

	*size = plug_frame_encode(text, strlen(text), frame);
	return frame;
}

void fake_answer(struct fake_connection *connection, const char *text)
{
	size_t size = 0;
	uint8_t *frame = fake_frame(text, &size);

	fake_send(connection, frame, size);
	free(frame);
}

static void on_drip(uv_timer_t *timer)
{
	struct fake_connection *connection = timer->data;
	const size_t left = connection->rest_size - connection->rest_sent;
	const size_t size = left < connection->step ? left : connection->step;

	if (size > 0) {
		fake_send(connection, connection->rest + connection->rest_sent, size);
		connection->rest_sent += size;
	} else {
		uv_timer_stop(timer);
		if (connection->ends) {
			fake_close(connection);
		}
	}
}

void fake_drip(struct fake_connection *connection, const void *bytes, size_t size, size_t step,
	uint64_t step_ms)
{
	free(connection->rest);
	connection->rest = mem_copy_bytes(bytes, size);
	connection->rest_size = size;
	connection->rest_sent = 0;
	connection->step = step;
	uv_timer_start(&connection->drip, on_drip, 0, step_ms);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	static char bytes[4096];

	(void)handle;
	(void)suggested;
	*buffer = uv_buf_init(bytes, sizeof bytes);
}

/* Requests may lie back to back: each is handed on. */
static void take(struct fake_connection *connection, const uint8_t *bytes, size_t size)
{
	struct fake_plug *plug = connection->plug;

	connection->reads++;
	while (size > 0 && !connection->is_closing) {
		size_t used = 0;
		size_t text_size = 0;
		char *text = NULL;

		assert_int_equal(
			plug_frame_reader_feed(&connection->reader, bytes, size, &used), 0);
		bytes += used;
		size -= used;
		text = plug_frame_reader_take(&connection->reader, &text_size);
		if (text) {
			plug->requests++;
			plug->request_reads = connection->reads;
			connection->reads = 0;
			if (plug->on_request) {
				plug->on_request(connection, text);
			}
			free(text);
		}
	}
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct fake_connection *connection = stream->data;

	if (count < 0) {
		fake_close(connection);
	} else if (count > 0) {
		take(connection, (const uint8_t *)buffer->base, (size_t)count);
	}
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct fake_plug *plug = listener->data;
	struct fake_connection *connection = mem_new(sizeof *connection);

	assert_int_equal(status, 0);
	connection->plug = plug;
	connection->open_handles = 2;
	plug_frame_reader_init(&connection->reader, PLUG_FRAME_REPLY_MAX_BYTES);
	uv_tcp_init(plug->loop, &connection->tcp);
	uv_timer_init(plug->loop, &connection->drip);
	connection->tcp.data = connection;
	connection->drip.data = connection;
	connection->next = plug->connections;
	plug->connections = connection;
	connection->number = ++plug->connects;
	plug->open++;
	assert_int_equal(uv_accept(listener, (uv_stream_t *)&connection->tcp), 0);
	uv_tcp_nodelay(&connection->tcp, 1);
	assert_int_equal(uv_read_start((uv_stream_t *)&connection->tcp, on_alloc, on_read), 0);
}

static void on_listener_closed(uv_handle_t *handle)
{
	free(handle);
}

void fake_plug_power(struct fake_plug *plug, bool is_on)
{
	struct sockaddr_in address;
	int size = sizeof address;

	if (is_on && !plug->listener) {
		plug->listener = mem_new(sizeof *plug->listener);
		uv_tcp_init(plug->loop, plug->listener);
		plug->listener->data = plug;
		uv_ip4_addr("127.0.0.1", plug->port, &address);
		assert_int_equal(
			uv_tcp_bind(plug->listener, (const struct sockaddr *)&address, 0), 0);
		assert_int_equal(
			uv_listen((uv_stream_t *)plug->listener, BACKLOG, on_connection), 0);
		uv_tcp_getsockname(plug->listener, (struct sockaddr *)&address, &size);
		plug->port = ntohs(address.sin_port);
	} else if (!is_on && plug->listener) {
		uv_close((uv_handle_t *)plug->listener, on_listener_closed);
		plug->listener = NULL;
		while (plug->connections) {
			fake_reset(plug->connections);
		}
	}
}

void fake_plug_init(struct fake_plug *plug, uv_loop_t *loop, fake_request_cb *on_request)
{
	*plug = (struct fake_plug) { .loop = loop, .on_request = on_request };
	fake_plug_power(plug, true);
}

void fake_plug_stop(struct fake_plug *plug)
{
	fake_plug_power(plug, false);
}

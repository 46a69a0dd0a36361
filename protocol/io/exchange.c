#include "protocol/io/exchange.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/crypto.h>

/* A connection outlives the line's interest in it until libuv has closed it, so it lives apart. */
struct plug_socket {
	uv_tcp_t tcp;
	struct plug_line *line; /* NULL once the line let go of it */
};

/* The rest of a request that did not fit the socket's buffer at once. */
struct rest {
	uv_write_t write;
	uint8_t bytes[];
};

static void open_connection(struct plug_line *line);

static enum plug_error error_of(int status)
{
	switch (status) {
	case UV_ECONNREFUSED:
		return PLUG_EREFUSED;
	case UV_EHOSTUNREACH:
	case UV_EHOSTDOWN:
	case UV_ENETUNREACH:
	case UV_ENETDOWN:
	case UV_EADDRNOTAVAIL:
		return PLUG_EUNREACHABLE;
	case UV_ETIMEDOUT:
		return PLUG_ETIMEOUT;
	case UV_ENOMEM:
		return PLUG_ENOMEM;
	case UV_EOF:
	case UV_ECONNRESET:
	case UV_ECONNABORTED:
	case UV_EPIPE:
		return PLUG_ERESET;
	default:
		return PLUG_ESYSTEM;
	}
}

void plug_transport_init(struct plug_transport *transport, uv_loop_t *loop)
{
	transport->loop = loop;
}

bool plug_line_was_sent(const struct plug_line *line)
{
	return line->was_sent;
}

bool plug_line_is_idle(const struct plug_line *line)
{
	return line->state == PLUG_LINE_IDLE && !line->is_closing;
}

static void on_socket_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void drop_connection(struct plug_line *line)
{
	struct plug_socket *socket = line->socket;

	if (line->lookup) {
		line->lookup->data = NULL;
		uv_cancel((uv_req_t *)line->lookup);
		line->lookup = NULL;
	}
	if (socket) {
		socket->line = NULL;
		uv_close((uv_handle_t *)&socket->tcp, on_socket_closed);
		line->socket = NULL;
	}
	line->is_connected = false;
}

/* Ends the running exchange. Last thing to do in any handler: the callback may ask again. */
static void finish(struct plug_line *line, enum plug_error error)
{
	plug_answer_cb *on_answer = line->on_answer;
	size_t size = 0;
	char *text = NULL;

	uv_timer_stop(&line->deadline);
	if (error == PLUG_OK) {
		text = plug_frame_reader_take(&line->reader, &size);
	} else {
		drop_connection(line);
		plug_frame_reader_reset(&line->reader);
	}
	OPENSSL_cleanse(line->frame, line->frame_size); /* it may hold a password */
	free(line->frame);
	line->frame = NULL;
	line->on_answer = NULL;
	line->failure = PLUG_OK;
	line->state = PLUG_LINE_IDLE;
	on_answer(line, error, text, size);
	free(text);
}

static void on_deadline(uv_timer_t *timer)
{
	struct plug_line *line = timer->data;

	finish(line, line->failure != PLUG_OK ? line->failure : PLUG_ETIMEOUT);
}

/* Reports a failure found while the caller is still inside plug_line_ask. */
static void fail_soon(struct plug_line *line, enum plug_error error)
{
	line->failure = error;
	uv_timer_start(&line->deadline, on_deadline, 0, 0);
}

/* A kept connection that turned out dead says nothing about the device: HS1xx close after each
 * reply, and their FIN may cross our request. */
static bool may_open_again(const struct plug_line *line)
{
	return line->state == PLUG_LINE_REPLY && line->is_kept && line->may_repeat &&
	       plug_frame_reader_is_empty(&line->reader);
}

static void connection_ended(struct plug_line *line, int status)
{
	const enum plug_error error = error_of(status);

	if (line->state == PLUG_LINE_IDLE) {
		drop_connection(line);
		if (line->on_drop && !line->is_closing) {
			line->on_drop(line, status == UV_EOF ? PLUG_OK : PLUG_ERESET);
		}
	} else if (may_open_again(line)) {
		drop_connection(line);
		open_connection(line);
	} else {
		finish(line, error);
	}
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	const struct plug_socket *socket = handle->data;

	(void)suggested;
	*buffer = socket->line ? uv_buf_init(socket->line->transport->bytes,
					 sizeof socket->line->transport->bytes)
			       : uv_buf_init(NULL, 0);
}

/* Bytes that nobody asked for, or more than one reply, would be taken for the answer to the next
 * request: the connection is not used again. */
static void on_bytes(struct plug_line *line, const uint8_t *bytes, size_t size)
{
	enum plug_error error = PLUG_EPROTO;
	size_t used = 0;

	if (line->state != PLUG_LINE_REPLY) {
		connection_ended(line, UV_ECONNRESET);
		return;
	}
	error = plug_frame_reader_feed(&line->reader, bytes, size, &used);
	if (error != PLUG_OK) {
		finish(line, error);
	} else if (line->reader.is_complete) {
		if (used < size) {
			drop_connection(line);
		}
		finish(line, PLUG_OK);
	}
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	const struct plug_socket *socket = stream->data;

	if (!socket->line || count == 0) {
		return;
	}
	if (count < 0) {
		connection_ended(socket->line, (int)count);
	} else {
		on_bytes(socket->line, (const uint8_t *)buffer->base, (size_t)count);
	}
}

/* A failed write shows as a failed read as well, which tells more: the reader handles it. */
static void on_rest_written(uv_write_t *write, int status)
{
	(void)status;
	free(write->data);
}

static int write_rest(struct plug_line *line, size_t done)
{
	const size_t size = line->frame_size - done;
	struct rest *rest = malloc(sizeof *rest + size);
	uv_buf_t buffer;
	int status = UV_ENOMEM;

	if (rest) {
		memcpy(rest->bytes, line->frame + done, size);
		rest->write.data = rest;
		buffer = uv_buf_init((char *)rest->bytes, (unsigned)size);
		status = uv_write(&rest->write, (uv_stream_t *)&line->socket->tcp, &buffer, 1,
			on_rest_written);
		if (status != 0) {
			free(rest);
		}
	}
	return status;
}

/* One write for the whole request, so that it travels as one segment. */
static void send_request(struct plug_line *line)
{
	const uv_buf_t buffer = uv_buf_init((char *)line->frame, (unsigned)line->frame_size);
	int written = uv_try_write((uv_stream_t *)&line->socket->tcp, &buffer, 1);

	line->state = PLUG_LINE_REPLY;
	line->was_sent = line->was_sent || written > 0;
	if (written == UV_EAGAIN) {
		written = 0;
	}
	if (written >= 0 && (size_t)written < line->frame_size) {
		line->was_sent = true;
		written = write_rest(line, (size_t)written);
	}
	if (written < 0 && may_open_again(line)) {
		drop_connection(line);
		open_connection(line);
	} else if (written < 0) {
		fail_soon(line, error_of(written));
	}
}

static void on_connect(uv_connect_t *connect, int status)
{
	struct plug_socket *socket = connect->data;
	struct plug_line *line = socket->line;

	free(connect);
	if (!line) {
		return;
	}
	if (status == 0) {
		status = uv_tcp_nodelay(&socket->tcp, 1);
	}
	if (status == 0) {
		status = uv_read_start((uv_stream_t *)&socket->tcp, on_alloc, on_read);
	}
	if (status != 0) {
		finish(line, error_of(status));
		return;
	}
	line->is_connected = true;
	line->connects++;
	send_request(line);
}

static void connect_socket(struct plug_line *line)
{
	struct plug_socket *socket = calloc(1, sizeof *socket);
	uv_connect_t *connect = malloc(sizeof *connect);
	int status = UV_ENOMEM;

	line->state = PLUG_LINE_CONNECT;
	if (socket && connect && uv_tcp_init(line->transport->loop, &socket->tcp) == 0) {
		socket->tcp.data = socket;
		connect->data = socket;
		socket->line = line;
		line->socket = socket;
		status = uv_tcp_connect(
			connect, &socket->tcp, (const struct sockaddr *)&line->address, on_connect);
	} else {
		free(socket);
	}
	if (status != 0) {
		free(connect);
		fail_soon(line, error_of(status));
	}
}

static void on_lookup(uv_getaddrinfo_t *lookup, int status, struct addrinfo *found)
{
	struct plug_line *line = lookup->data;

	if (line) {
		line->lookup = NULL;
	}
	if (line && status == 0 && found) {
		memcpy(&line->address, found->ai_addr, sizeof line->address);
		line->address.sin_port = htons(line->port);
		connect_socket(line);
	} else if (line) {
		finish(line, PLUG_ERESOLVE);
	}
	uv_freeaddrinfo(found);
	free(lookup);
}

static void look_up(struct plug_line *line)
{
	const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	int status = UV_ENOMEM;

	line->state = PLUG_LINE_LOOKUP;
	line->lookup = calloc(1, sizeof *line->lookup);
	if (line->lookup) {
		line->lookup->data = line;
		status = uv_getaddrinfo(
			line->transport->loop, line->lookup, on_lookup, line->host, NULL, &hints);
	}
	if (status != 0) {
		free(line->lookup);
		line->lookup = NULL;
		fail_soon(line, status == UV_ENOMEM ? PLUG_ENOMEM : PLUG_ERESOLVE);
	}
}

static void open_connection(struct plug_line *line)
{
	line->is_kept = false;
	if (line->has_address) {
		connect_socket(line);
	} else {
		look_up(line);
	}
}

/* What libuv has not told yet of the kept connection: 0 for its end, above 0 for bytes, which
 * nobody has asked for, below 0 for nothing. */
static ssize_t peek(const struct plug_line *line)
{
	uv_os_fd_t fd = -1;
	char byte;

	return uv_fileno((const uv_handle_t *)&line->socket->tcp, &fd) == 0
		       ? recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT)
		       : 0;
}

/* Nothing is thrown at a connection that is known to be closed, and bytes that lie there already
 * must not be taken for the answer. They may be another device's: what must not reach one is not
 * sent then. */
static void ask_kept(struct plug_line *line)
{
	const ssize_t waiting = peek(line);

	line->is_kept = true;
	if (waiting < 0) {
		send_request(line);
		return;
	}
	drop_connection(line);
	if (waiting == 0 || line->may_repeat) {
		open_connection(line);
	} else {
		line->state = PLUG_LINE_CONNECT;
		fail_soon(line, PLUG_ERESET);
	}
}

static enum plug_error encode(struct plug_line *line, const struct plug_ask *ask)
{
	if (ask->size == 0 || ask->size > PLUG_FRAME_REPLY_MAX_BYTES) {
		return ask->size == 0 ? PLUG_EINVAL : PLUG_ETOOBIG;
	}
	line->frame = malloc(PLUG_FRAME_HEADER_BYTES + ask->size);
	if (!line->frame) {
		return PLUG_ENOMEM;
	}
	line->frame_size = plug_frame_encode(ask->text, ask->size, line->frame);
	return PLUG_OK;
}

enum plug_error plug_line_ask(
	struct plug_line *line, const struct plug_ask *ask, plug_answer_cb *on_answer)
{
	enum plug_error error = PLUG_EINVAL;

	if (!plug_line_is_idle(line)) {
		return error;
	}
	error = encode(line, ask);
	if (error != PLUG_OK) {
		return error;
	}
	line->on_answer = on_answer;
	line->may_repeat = ask->may_repeat;
	line->was_sent = false;
	uv_timer_start(&line->deadline, on_deadline, ask->timeout_ms, 0);
	if (line->is_connected) {
		ask_kept(line);
	} else {
		open_connection(line);
	}
	return PLUG_OK;
}

static enum plug_error set_host(struct plug_line *line, const char *host)
{
	char *copy = strdup(host);

	if (!copy) {
		return PLUG_ENOMEM;
	}
	free(line->host);
	line->host = copy;
	line->has_address = uv_ip4_addr(host, line->port, &line->address) == 0;
	return PLUG_OK;
}

enum plug_error plug_line_init(struct plug_line *line, struct plug_transport *transport,
	const char *host, uint16_t port, plug_drop_cb *on_drop)
{
	*line = (struct plug_line) { .transport = transport, .port = port, .on_drop = on_drop };
	if (set_host(line, host) != PLUG_OK) {
		return PLUG_ENOMEM;
	}
	plug_frame_reader_init(&line->reader, PLUG_FRAME_REPLY_MAX_BYTES);
	uv_timer_init(transport->loop, &line->deadline);
	line->deadline.data = line;
	return PLUG_OK;
}

void plug_line_disconnect(struct plug_line *line)
{
	if (line->state == PLUG_LINE_IDLE) {
		drop_connection(line);
	} else {
		finish(line, PLUG_ECANCELED);
	}
}

enum plug_error plug_line_move(struct plug_line *line, const char *host)
{
	const enum plug_error error = set_host(line, host);

	if (error == PLUG_OK) {
		plug_line_disconnect(line);
	}
	return error;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct plug_line *line = handle->data;

	free(line->host);
	line->host = NULL;
	line->on_close(line);
}

void plug_line_close(struct plug_line *line, plug_line_cb *on_close)
{
	line->is_closing = true;
	line->on_close = on_close;
	plug_line_disconnect(line);
	plug_frame_reader_reset(&line->reader);
	uv_close((uv_handle_t *)&line->deadline, on_timer_closed);
}

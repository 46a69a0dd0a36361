#include "tests/sim/net/connection.h"

#include "protocol/frame.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/net/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	BACKLOG_OWN = 128,
	BACKLOG_WILDCARD = 4096,
	QUESTIONS_MAX = 64, /* no client has more in flight that means well */
};

struct sim_listener {
	uv_tcp_t tcp;
	struct sim_server *server;
};

/* A request that waits for the one before it. */
struct question {
	struct question *next;
	char *text;
	size_t size;
};

/* A reply that does not go out at once. */
struct reply {
	uv_write_t write;
	struct sim_plan plan;
	size_t size;
	size_t sent;
	size_t piece;
	uint8_t bytes[];
};

struct sim_connection {
	uv_tcp_t tcp;
	struct sim_site *site;
	struct sim_connection *next;
	struct sim_connection **link; /* what points to this one */
	struct plug_frame_reader reader;
	struct question *questions;
	uint32_t question_count;
	uint8_t open_handles;
	bool is_closing;
	bool is_hung;
	struct reply *reply; /* under way */
	uv_timer_t *timer;   /* of the reply, or of an idle connection; NULL until needed */
};

static void pump(struct sim_connection *connection);

static void drop_question(struct sim_connection *connection)
{
	struct question *question = connection->questions;

	connection->questions = question->next;
	connection->question_count--;
	free(question->text);
	free(question);
}

static void on_handle_closed(struct sim_connection *connection)
{
	connection->open_handles--;
	if (connection->open_handles == 0) {
		free(connection->timer);
		free(connection->reply);
		free(connection);
	}
}

static void on_tcp_closed(uv_handle_t *handle)
{
	on_handle_closed(handle->data);
}

static void on_timer_closed(uv_handle_t *handle)
{
	on_handle_closed(handle->data);
}

static void leave_site(struct sim_connection *connection)
{
	if (connection->site) {
		*connection->link = connection->next;
		if (connection->next) {
			connection->next->link = connection->link;
		}
		connection->site->server->connections--;
	}
}

static void enter_site(struct sim_connection *connection, struct sim_site *site)
{
	connection->site = site;
	connection->next = site->connections;
	connection->link = &site->connections;
	if (connection->next) {
		connection->next->link = &connection->next;
	}
	site->connections = connection;
	site->server->connections++;
}

/* Ends a connection in order, or with a reset; once. */
static void close_connection(struct sim_connection *connection, bool is_reset)
{
	uv_handle_t *handle = (uv_handle_t *)&connection->tcp;

	if (connection->is_closing) {
		return;
	}
	connection->is_closing = true;
	leave_site(connection);
	while (connection->questions) {
		drop_question(connection);
	}
	plug_frame_reader_reset(&connection->reader);
	if (!is_reset || uv_tcp_close_reset(&connection->tcp, on_tcp_closed) != 0) {
		uv_close(handle, on_tcp_closed);
	}
	if (connection->timer) {
		uv_close((uv_handle_t *)connection->timer, on_timer_closed);
	}
}

static void on_timer(uv_timer_t *timer);

static void start_timer(struct sim_connection *connection, uint64_t ms)
{
	if (!connection->timer) {
		connection->timer = sim_allocate(sizeof *connection->timer);
		connection->timer->data = connection;
		connection->open_handles++;
		uv_timer_init(connection->site->server->loop, connection->timer);
	}
	uv_timer_start(connection->timer, on_timer, ms, 0);
}

/* Begins, or begins again, to wait for the client while the fault idle_close is on. */
static void watch_idle(struct sim_connection *connection)
{
	const struct sim_fault *fault =
		sim_fault_find(connection->site->faults, SIM_FAULT_IDLE_CLOSE);

	if (fault && !connection->reply) {
		start_timer(connection, (uint64_t)fault->settings.ms);
	}
}

static void end_idle(struct sim_connection *connection)
{
	if (sim_fault_find(connection->site->faults, SIM_FAULT_IDLE_CLOSE)) {
		sim_site_strike(connection->site, 1U << SIM_FAULT_IDLE_CLOSE);
		close_connection(connection, false);
	}
}

/* The whole reply is out. */
static void finish_reply(struct sim_connection *connection, size_t size, bool is_closing)
{
	struct sim_counters *counters = &sim_site_device(connection->site)->counters;

	free(connection->reply);
	connection->reply = NULL;
	counters->replies++;
	counters->bytes_out += size;
	if (is_closing) {
		close_connection(connection, false);
	} else {
		watch_idle(connection);
	}
}

static void on_piece_written(uv_write_t *write, int status)
{
	struct sim_connection *connection = write->data;
	struct reply *reply = connection->reply;

	if (connection->is_closing) {
		return;
	}
	if (status != 0) {
		close_connection(connection, true);
		return;
	}
	reply->sent += reply->piece;
	if (reply->sent < reply->size) {
		start_timer(connection, reply->plan.gap_ms);
	} else {
		finish_reply(connection, reply->size, reply->plan.is_closing);
		pump(connection);
	}
}

static void send_piece(struct sim_connection *connection)
{
	struct reply *reply = connection->reply;
	uv_buf_t piece;

	reply->piece = sim_wire_piece(&reply->plan, reply->size, reply->sent);
	piece = uv_buf_init((char *)reply->bytes + reply->sent, (unsigned)reply->piece);
	reply->write.data = connection;
	if (uv_write(&reply->write, (uv_stream_t *)&connection->tcp, &piece, 1, on_piece_written) !=
		0) {
		close_connection(connection, true);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct sim_connection *connection = timer->data;

	if (connection->reply) {
		send_piece(connection);
	} else {
		end_idle(connection);
	}
}

/* Keeps a reply that cannot go out whole and at once; sent bytes of it are out already. */
static void keep_reply(struct sim_connection *connection, const struct sim_plan *plan, size_t sent)
{
	const struct sim_wire *wire = &connection->site->server->wire;
	struct reply *reply = sim_allocate(sizeof *reply + wire->size);

	reply->plan = *plan;
	reply->size = wire->size;
	reply->sent = sent;
	memcpy(reply->bytes, wire->bytes, wire->size);
	connection->reply = reply;
	if (plan->delay_ms > 0) {
		start_timer(connection, plan->delay_ms);
	} else {
		send_piece(connection);
	}
}

/* Sends what is on the wire the way the plan says. */
static void send_reply(struct sim_connection *connection, const struct sim_plan *plan)
{
	const struct sim_wire *wire = &connection->site->server->wire;
	const uv_buf_t whole = uv_buf_init((char *)wire->bytes, (unsigned)wire->size);
	int sent = 0;

	if (plan->delay_ms == 0 && plan->first_bytes == 0 && plan->piece_bytes == 0) {
		sent = uv_try_write((uv_stream_t *)&connection->tcp, &whole, 1);
	}
	if (sent == UV_EAGAIN) {
		sent = 0;
	}
	if (sent < 0) {
		close_connection(connection, true);
	} else if ((size_t)sent == wire->size) {
		finish_reply(connection, wire->size, plan->is_closing);
	} else {
		keep_reply(connection, plan, (size_t)sent);
	}
}

static void answer(struct sim_connection *connection)
{
	struct sim_site *site = connection->site;
	const struct question *question = connection->questions;
	struct sim_exchange exchange = { .text = question->text, .size = question->size };
	struct sim_counters *counters = &sim_site_device(site)->counters;
	const enum sim_verdict verdict = sim_site_answer(site, &exchange, SIM_TCP);

	if (connection->is_closing) { /* the device left the network */
		return;
	}
	drop_question(connection);
	switch (verdict) {
	case SIM_VERDICT_REPLY:
		sim_wire_frame(&site->server->wire, &site->server->text, &exchange.plan,
			counters->requests);
		send_reply(connection, &exchange.plan);
		break;
	case SIM_VERDICT_DROP:
		watch_idle(connection);
		break;
	case SIM_VERDICT_CLOSE:
	case SIM_VERDICT_RESET:
		close_connection(connection, verdict == SIM_VERDICT_RESET);
		break;
	}
}

/* Answers one request after the other, as far as replies go out at once. */
static void pump(struct sim_connection *connection)
{
	while (!connection->is_closing && !connection->reply && connection->questions) {
		answer(connection);
	}
}

static bool has_unread_bytes(const struct sim_connection *connection)
{
	uv_os_fd_t fd = -1;
	char byte = 0;

	return uv_fileno((const uv_handle_t *)&connection->tcp, &fd) == 0 &&
	       recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Requests of a connection that are not answered; one that waits in the kernel counts. */
static uint32_t in_flight(const struct sim_connection *connection, bool is_read)
{
	const uint32_t known = connection->question_count + (connection->reply != NULL);

	return known == 0 && !is_read && has_unread_bytes(connection) ? 1 : known;
}

static void note_in_flight(struct sim_connection *connection)
{
	struct sim_counters *counters = &sim_site_device(connection->site)->counters;
	uint32_t sum = 0;

	for (struct sim_connection *c = connection->site->connections; c; c = c->next) {
		sum += in_flight(c, c == connection);
	}
	if (sum > counters->max_in_flight) {
		counters->max_in_flight = sum;
	}
}

static void ask(struct sim_connection *connection)
{
	struct question *question = sim_allocate(sizeof *question);
	struct question **end = &connection->questions;

	question->text = plug_frame_reader_take(&connection->reader, &question->size);
	while (*end) {
		end = &(*end)->next;
	}
	*end = question;
	connection->question_count++;
	sim_site_device(connection->site)->counters.requests++;
}

/* Collects requests from what arrived. False when no device would go on with this client. */
static bool take(struct sim_connection *connection, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		size_t used = 0;

		if (plug_frame_reader_feed(&connection->reader, bytes, size, &used) != PLUG_OK ||
			connection->question_count >= QUESTIONS_MAX) {
			sim_site_device(connection->site)->counters.bad_requests++;
			return false;
		}
		if (connection->reader.is_complete) {
			ask(connection);
		}
		bytes += used;
		size -= used;
	}
	return true;
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
	struct sim_connection *connection = stream->data;
	const uint32_t waiting = connection->question_count;

	if (size == 0) {
		return;
	}
	if (size < 0) { /* whoever hangs up does not wait for an answer */
		close_connection(connection, false);
		return;
	}
	sim_site_device(connection->site)->counters.bytes_in += (uint64_t)size;
	if (connection->is_hung) {
		return;
	}
	if (!take(connection, (const uint8_t *)buffer->base, (size_t)size)) {
		close_connection(connection, false);
		return;
	}
	if (connection->question_count > waiting) {
		note_in_flight(connection);
	}
	pump(connection);
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct sim_connection *connection = handle->data;
	struct sim_server *server = connection->site->server;

	(void)suggested;
	*buffer = uv_buf_init(server->bytes, sizeof server->bytes);
}

/* The site that the client called, NULL when there is none or the client is gone. */
static struct sim_site *called_site(struct sim_server *server, const uv_tcp_t *tcp)
{
	struct sockaddr_storage address = { 0 };
	int size = sizeof address;

	if (uv_tcp_getsockname(tcp, (struct sockaddr *)&address, &size) != 0) {
		return NULL;
	}
	return sim_server_find(server,
		ntohl(((const struct sockaddr_in *)(const void *)&address)->sin_addr.s_addr));
}

/* Strikes when this connection is one that the fault refuses. */
static bool is_refused(struct sim_site *site)
{
	if (sim_fault_find(site->faults, SIM_FAULT_REFUSE)) {
		sim_site_strike(site, 1U << SIM_FAULT_REFUSE);
		return true;
	}
	return !sim_site_is_open(site);
}

static void welcome(struct sim_connection *connection, struct sim_site *site)
{
	enter_site(connection, site);
	sim_site_device(site)->counters.connections++;
	if (sim_fault_find(site->faults, SIM_FAULT_HANG)) {
		connection->is_hung = true;
		sim_site_strike(site, 1U << SIM_FAULT_HANG);
	}
	uv_tcp_nodelay(&connection->tcp, 1);
	uv_read_start((uv_stream_t *)&connection->tcp, on_allocate, on_read);
	watch_idle(connection);
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct sim_listener *listener = stream->data;
	struct sim_connection *connection = NULL;
	struct sim_site *site = NULL;

	if (status != 0) {
		return; /* the client was gone before it was accepted */
	}
	connection = sim_allocate(sizeof *connection);
	connection->tcp.data = connection;
	connection->open_handles = 1;
	plug_frame_reader_init(&connection->reader, SIM_REQUEST_MAX_BYTES);
	uv_tcp_init(listener->server->loop, &connection->tcp);
	if (uv_accept(stream, (uv_stream_t *)&connection->tcp) == 0) {
		site = called_site(listener->server, &connection->tcp);
	}
	if (!site || is_refused(site)) {
		close_connection(connection, true);
	} else {
		welcome(connection, site);
	}
}

static void on_listener_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static int listen_on(struct sim_listener *listener, uint32_t address)
{
	struct sim_server *server = listener->server;
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(server->port),
		.sin_addr.s_addr = htonl(address),
	};
	int size = sizeof in;
	int error = uv_tcp_bind(&listener->tcp, (const struct sockaddr *)&in, 0);

	if (error == 0) {
		error = uv_listen((uv_stream_t *)&listener->tcp,
			server->is_wildcard ? BACKLOG_WILDCARD : BACKLOG_OWN, on_connection);
	}
	if (error == 0) {
		error = uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&in, &size);
	}
	if (error == 0) {
		server->port = ntohs(in.sin_port);
	}
	return error;
}

int sim_listener_open(struct sim_server *server, uint32_t address, struct sim_listener **listener)
{
	struct sim_listener *opened = sim_allocate(sizeof *opened);
	int error = uv_tcp_init_ex(server->loop, &opened->tcp, AF_INET);

	*listener = NULL;
	opened->server = server;
	opened->tcp.data = opened;
	if (error != 0) {
		free(opened);
		return error;
	}
	if (server->is_wildcard && server->is_loopback) {
		uv_os_fd_t fd = -1;

		if (uv_fileno((const uv_handle_t *)&opened->tcp, &fd) == 0) {
			sim_loopback_bind(fd);
		}
	}
	error = listen_on(opened, address);
	if (error == 0) {
		*listener = opened;
	} else {
		sim_listener_close(opened);
	}
	return error;
}

void sim_listener_close(struct sim_listener *listener)
{
	uv_close((uv_handle_t *)&listener->tcp, on_listener_closed);
}

void sim_connection_reset_all(struct sim_site *site)
{
	while (site->connections) {
		close_connection(site->connections, true);
	}
}

void sim_connection_hang_all(struct sim_site *site)
{
	for (struct sim_connection *c = site->connections; c; c = c->next) {
		c->is_hung = true;
	}
}

void sim_connection_watch_idle_all(struct sim_site *site)
{
	for (struct sim_connection *c = site->connections; c; c = c->next) {
		watch_idle(c);
	}
}

size_t sim_connection_count(const struct sim_site *site)
{
	size_t count = 0;

	for (struct sim_connection *c = site->connections; c; c = c->next) {
		count++;
	}
	return count;
}

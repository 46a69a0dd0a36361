#include "tests/bench/plugs.h"

#include <asm/socket.h> /* SO_BINDTODEVICE */
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/answer.h"
#include "tests/bench/clock.h"
#include "tests/bench/frames.h"
#include "tests/bench/names.h"

enum {
	BACKLOG = 4096,
	RSSI_NEAR_DBM = -40,
	RSSI_FAR_DBM = -60,
	US_PER_S = 1000000,
};

struct plug {
	bool is_on, is_near;
	size_t in_flight;
	uint64_t polls, last_poll_us, switched_us;
};

struct connection {
	struct rig_source source;
	struct connection *next;
	struct plugs *plugs;
	size_t index;
	int fd; /* -1 once closed */
	size_t in_flight;
	struct frames frames;
	/* The request that is being answered, and its place in the queue of those that wait. */
	bool is_answering;
	uint64_t due_us;
	struct connection *next_due;
	char request[FRAMES_BYTES];
};

struct plugs {
	struct rig_source source; /* the listening socket */
	struct rig *rig;
	struct plugs_options options;
	int fd, deaf_fd, caller_fd; /* the last two -1 when no plug is hung */
	enum plugs_change change;
	uint64_t delay_us;
	size_t unpolled; /* of those that are not hung */
	struct plugs_counters counters;
	struct connection *connections;
	struct connection *first_due, **last_due; /* all wait equally long */
	struct plug *items;
};

/* A poll counts, and moves what the bench wants moved. */
static void count_poll(struct plugs *plugs, struct plug *plug)
{
	uint64_t now_us = clock_now_us(), gap_us = now_us - plug->last_poll_us;

	plugs->counters.polls++;
	if (plug->polls++ == 0) {
		plugs->unpolled--;
	} else if (gap_us > plugs->counters.max_gap_us) {
		plugs->counters.max_gap_us = gap_us;
	}
	plug->last_poll_us = now_us;
	if (plugs->change == PLUGS_CHANGE_RSSI) {
		plug->is_near = !plug->is_near;
	}
	if (plugs->change == PLUGS_CHANGE_RELAY) {
		plug->is_on = !plug->is_on;
	}
}

static void switch_relay(struct plugs *plugs, size_t index, bool is_on)
{
	struct plug *plug = &plugs->items[index];

	plugs->options.on_switched(plugs->options.arg, index, is_on);
	if (plug->is_on != is_on) {
		plug->switched_us = clock_now_us();
	}
	plug->is_on = is_on;
}

static void send_answer(struct connection *connection)
{
	const struct plugs *plugs = connection->plugs;
	const struct plug *plug = &plugs->items[connection->index];
	struct answer_plug shown = { .index = connection->index,
		.is_on = plug->is_on,
		.rssi_dbm = plug->is_near ? RSSI_NEAR_DBM : RSSI_FAR_DBM };
	struct answer answer;

	if (plug->is_on) {
		shown.on_time_s = (clock_now_us() - plug->switched_us) / US_PER_S;
	}
	answer_write(&answer, connection->request, &shown);
	connection->is_answering = false;
	if (connection->fd >= 0) {
		frames_send(connection->fd, answer.text, answer.size);
	}
}

static void answer_later(struct connection *connection)
{
	struct plugs *plugs = connection->plugs;

	connection->due_us = clock_now_us() + plugs->delay_us;
	connection->next_due = NULL;
	*plugs->last_due = connection;
	plugs->last_due = &connection->next_due;
}

/* What a request does, it does now. A switch is answered now as well, everything else in its
 * turn: real plugs do not wait for each other, and a poll of fifty others must not delay the
 * answer to a command. */
static void on_request(struct connection *connection)
{
	struct plugs *plugs = connection->plugs;
	bool is_on, is_urgent = false;

	switch (answer_kind(connection->request, &is_on)) {
	case ANSWER_SWITCH:
		switch_relay(plugs, connection->index, is_on);
		is_urgent = plugs->delay_us == 0;
		break;
	case ANSWER_POLL:
		count_poll(plugs, &plugs->items[connection->index]);
		break;
	case ANSWER_OTHER:
		plugs->counters.others++;
		break;
	}
	if (is_urgent) {
		send_answer(connection);
	} else {
		answer_later(connection);
	}
}

/* A connection's requests are answered one after the other. */
static void take_requests(struct connection *connection)
{
	while (!connection->is_answering && frames_next(&connection->frames, connection->request)) {
		connection->is_answering = true;
		on_request(connection);
	}
}

static void count_in_flight(struct connection *connection)
{
	struct plugs *plugs = connection->plugs;
	struct plug *plug = &plugs->items[connection->index];
	size_t in_flight = frames_count(&connection->frames) + connection->is_answering;

	plug->in_flight += in_flight - connection->in_flight;
	connection->in_flight = in_flight;
	if (plug->in_flight > plugs->counters.max_in_flight) {
		plugs->counters.max_in_flight = plug->in_flight;
	}
}

int plugs_answer_next(struct plugs *plugs)
{
	struct connection *connection = plugs->first_due;
	uint64_t now_us = clock_now_us();

	if (connection && connection->due_us <= now_us) {
		plugs->first_due = connection->next_due;
		if (!plugs->first_due) {
			plugs->last_due = &plugs->first_due;
		}
		send_answer(connection);
		take_requests(connection);
		count_in_flight(connection);
	}
	if (!plugs->first_due) {
		return -1;
	}
	return plugs->first_due->due_us <= now_us ? 0 : 1;
}

static void close_connection(struct connection *connection)
{
	close(connection->fd);
	connection->fd = -1;
}

static void on_request_ready(struct rig_source *source)
{
	struct connection *connection = (struct connection *)source;

	if (!frames_fill(&connection->frames, connection->fd)) {
		close_connection(connection);
		return;
	}
	count_in_flight(connection);
	take_requests(connection);
	count_in_flight(connection);
}

static void on_mute_ready(struct rig_source *source)
{
	struct connection *connection = (struct connection *)source;

	if (!frames_fill(&connection->frames, connection->fd)) {
		close_connection(connection);
	}
	connection->frames.size = 0;
}

/* Which plug was called: the address the connection was made to. */
static size_t called_index(const struct plugs *plugs, int fd)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	size_t index;

	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
		err(1, "getsockname");
	}
	if (!names_index(&address, &index) || index >= plugs->options.count) {
		errx(1, "a connection to an address that is no plug");
	}
	return index;
}

static void on_called(struct rig_source *source)
{
	struct plugs *plugs = (struct plugs *)source;
	int fd, on = 1;

	while ((fd = accept(plugs->fd, NULL, NULL)) >= 0) {
		struct connection *connection = calloc(1, sizeof(*connection));

		if (!connection) {
			err(1, "no memory for a connection");
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		fcntl(fd, F_SETFL, O_NONBLOCK);
		connection->plugs = plugs;
		connection->index = called_index(plugs, fd);
		connection->source.on_ready =
			plugs_is_hung(plugs, connection->index) ? on_mute_ready : on_request_ready;
		connection->fd = fd;
		connection->next = plugs->connections;
		plugs->connections = connection;
		rig_watch(plugs->rig, fd, &connection->source);
	}
}

/* One socket for all addresses: ten thousand listening ones and their connections would be more
 * descriptors than usual limits allow. Bound to lo, it is not seen from outside. */
static int listen_on(int port, int backlog)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", sizeof("lo")) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
		fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
		bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 || listen(fd, backlog) < 0) {
		err(1, "plugs on port %d", port);
	}
	return fd;
}

/* The one place in the queue of the deaf plugs' socket is taken, and nobody is accepted: the kernel
 * drops every other call, as if no plug were there. */
static void open_deaf(struct plugs *plugs)
{
	struct sockaddr_in address = names_address(0, plugs->options.deaf_port);

	plugs->deaf_fd = listen_on(plugs->options.deaf_port, 0);
	plugs->caller_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (plugs->caller_fd < 0 ||
		connect(plugs->caller_fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		err(1, "the deaf plugs' port %d", plugs->options.deaf_port);
	}
}

struct plugs *plugs_new(struct rig *rig, const struct plugs_options *options)
{
	struct plugs *plugs = calloc(1, sizeof(*plugs));

	if (!plugs || !(plugs->items = calloc(options->count, sizeof(*plugs->items)))) {
		err(1, "no memory for %zu plugs", options->count);
	}
	plugs->source.on_ready = on_called;
	plugs->rig = rig;
	plugs->options = *options;
	plugs->last_due = &plugs->first_due;
	plugs->fd = listen_on(options->port, BACKLOG);
	rig_watch(rig, plugs->fd, &plugs->source);
	plugs->deaf_fd = plugs->caller_fd = -1;
	if (options->deaf_port > 0) {
		open_deaf(plugs);
	}
	for (size_t i = 0; i < options->count; i++) {
		plugs->unpolled += !plugs_is_hung(plugs, i);
	}
	return plugs;
}

void plugs_free(struct plugs *plugs)
{
	while (plugs->connections) {
		struct connection *connection = plugs->connections;

		plugs->connections = connection->next;
		if (connection->fd >= 0) {
			close(connection->fd);
		}
		free(connection);
	}
	close(plugs->fd);
	if (plugs->deaf_fd >= 0) {
		close(plugs->deaf_fd);
		close(plugs->caller_fd);
	}
	free(plugs->items);
	free(plugs);
}

bool plugs_relay(const struct plugs *plugs, size_t index)
{
	return plugs->items[index].is_on;
}

bool plugs_is_hung(const struct plugs *plugs, size_t index)
{
	return plugs->options.deaf_port > 0 && names_fault(index) != NAMES_WELL;
}

bool plugs_are_polled(const struct plugs *plugs)
{
	return plugs->unpolled == 0;
}

void plugs_set_change(struct plugs *plugs, enum plugs_change change)
{
	plugs->change = change;
}

void plugs_set_delay(struct plugs *plugs, uint64_t delay_us)
{
	plugs->delay_us = delay_us;
}

struct plugs_counters plugs_counters(const struct plugs *plugs)
{
	return plugs->counters;
}

void plugs_reset_counters(struct plugs *plugs)
{
	memset(&plugs->counters, 0, sizeof(plugs->counters));
}

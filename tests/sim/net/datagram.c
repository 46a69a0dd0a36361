#include "tests/sim/net/datagram.h"

#include "protocol/cipher.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/net/loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	READS_PER_TURN = 64,
	/* A broadcast is answered by so many devices a millisecond: all at once would not fit into
	 * the buffer of whoever asked, and real ones do not answer at the same moment either. */
	ANSWERS_PER_MS = 16,
	LATE_MAX = 16384,
	NO_SEARCH = -1,
};

struct sim_port {
	uv_poll_t poll;
	struct sim_server *server;
	int fd;
	uint16_t number;
	int search; /* which of the ports of searches, or NO_SEARCH */
};

/* Who wants to know something, and on which port he asked. */
struct asker {
	struct sockaddr_in peer;
	int search;
};

/* What is sent later: a slow answer to one, or the answers of all to a broadcast. */
struct sim_late {
	uv_timer_t timer;
	struct sim_late *next;
	struct sim_late **link;
	struct sim_server *server;
	struct asker asker;
	size_t site; /* index of who answers, or answers next */
	size_t size;
	uint8_t bytes[]; /* the answer, or what a broadcast asked, in clear */
};

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

static int port_fd(const struct sim_site *site, int search)
{
	const struct sim_server *server = site->server;
	const struct sim_port *own = search < 0 ? site->datagrams : site->searches[search];
	const struct sim_port *shared = search < 0 ? server->datagrams : server->searches[search];

	if (own) {
		return own->fd;
	}
	return server->is_wildcard && shared ? shared->fd : -1;
}

/* Sends from the address of the site; a full buffer loses the datagram, as the air does. */
static void send_from(
	struct sim_site *site, const struct asker *asker, const uint8_t *bytes, size_t size)
{
	const int fd = port_fd(site, asker->search);
	struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(site->address) };
	union control control = { 0 };
	struct iovec part = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = size };
	struct sockaddr_in to = asker->peer;
	struct msghdr message = {
		.msg_name = &to,
		.msg_namelen = sizeof to,
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes,
	};

	control.header.cmsg_level = IPPROTO_IP;
	control.header.cmsg_type = IP_PKTINFO;
	control.header.cmsg_len = CMSG_LEN(sizeof info);
	memcpy(CMSG_DATA(&control.header), &info, sizeof info);
	if (fd >= 0 && sendmsg(fd, &message, MSG_DONTWAIT) > 0) {
		sim_site_device(site)->counters.bytes_out += size;
	}
}

static void on_late_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void end_late(struct sim_late *late)
{
	*late->link = late->next;
	if (late->next) {
		late->next->link = late->link;
	}
	late->server->late_count--;
	uv_close((uv_handle_t *)&late->timer, on_late_closed);
}

/* NULL when too much is waiting already: somebody floods us. */
static struct sim_late *new_late(
	struct sim_server *server, const struct asker *asker, const void *bytes, size_t size)
{
	struct sim_late *late = NULL;

	if (server->late_count >= LATE_MAX) {
		return NULL;
	}
	late = sim_allocate(sizeof *late + size);
	late->server = server;
	late->asker = *asker;
	late->size = size;
	memcpy(late->bytes, bytes, size);
	late->timer.data = late;
	uv_timer_init(server->loop, &late->timer);
	late->next = server->late;
	late->link = &server->late;
	if (late->next) {
		late->next->link = &late->next;
	}
	server->late = late;
	server->late_count++;
	return late;
}

static void on_slow_answer(uv_timer_t *timer)
{
	struct sim_late *late = timer->data;
	struct sim_site *site = &late->server->sites[late->site];

	send_from(site, &late->asker, late->bytes, late->size);
	end_late(late);
}

/* Sends what is on the wire, now or later. */
static void reply(struct sim_site *site, const struct asker *asker, uint32_t delay_ms)
{
	const struct sim_wire *wire = &site->server->wire;
	struct sim_late *late = NULL;

	if (delay_ms == 0) {
		send_from(site, asker, wire->bytes, wire->size);
		return;
	}
	late = new_late(site->server, asker, wire->bytes, wire->size);
	if (late) {
		late->site = site->number - 1;
		uv_timer_start(&late->timer, on_slow_answer, delay_ms, 0);
	}
}

/* text is the request in clear. */
static void answer_request(
	struct sim_site *site, const struct asker *asker, const char *text, size_t size)
{
	struct sim_server *server = site->server;
	struct sim_exchange exchange = { .text = text, .size = size };
	const struct sim_counters *counters = &sim_site_device(site)->counters;

	if (sim_device_has_xor(sim_site_device(site)) &&
		sim_site_answer(site, &exchange, SIM_UDP) == SIM_VERDICT_REPLY) {
		sim_wire_datagram(
			&server->wire, &server->text, &exchange.plan, counters->datagrams);
		reply(site, asker, exchange.plan.delay_ms);
	}
}

static void answer_search(
	struct sim_site *site, const struct asker *asker, const char *bytes, size_t size)
{
	const struct sim_search search = { (const uint8_t *)bytes, size, site->address };
	struct sim_plan plan = { 0 };

	if (sim_site_answer_search(site, &search, &plan) == SIM_VERDICT_REPLY) {
		sim_wire_clear_datagram(&site->server->wire, &site->server->text, &plan,
			sim_site_device(site)->counters.datagrams);
		reply(site, asker, plan.delay_ms);
	}
}

static void answer(struct sim_site *site, const struct asker *asker, const char *bytes, size_t size)
{
	struct sim_device *device = sim_site_device(site);

	if (device->presence != SIM_PRESENT) {
		return;
	}
	device->counters.datagrams++;
	device->counters.bytes_in += size;
	if (asker->search < 0) {
		answer_request(site, asker, bytes, size);
	} else {
		answer_search(site, asker, bytes, size);
	}
}

static void on_search(uv_timer_t *timer)
{
	struct sim_late *late = timer->data;
	struct sim_server *server = late->server;

	for (size_t i = 0; i < ANSWERS_PER_MS && late->site < server->site_count; i++) {
		answer(&server->sites[late->site], &late->asker, (const char *)late->bytes,
			late->size);
		late->site++;
	}
	if (late->site == server->site_count) {
		end_late(late);
	}
}

/* Somebody looks for devices. */
static void search_all(
	struct sim_server *server, const struct asker *asker, const char *bytes, size_t size)
{
	struct sim_late *late = new_late(server, asker, bytes, size);

	if (late) {
		uv_timer_start(&late->timer, on_search, 1, 1);
	}
}

/* The address that was called; 0 when the kernel did not say. */
static uint32_t called_address(struct msghdr *message)
{
	struct in_pktinfo info = { 0 };

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof info);
		}
	}
	return ntohl(info.ipi_addr.s_addr);
}

static void take(struct sim_port *port, struct msghdr *message, size_t size)
{
	struct sim_server *server = port->server;
	const struct sockaddr_in *peer = message->msg_name;
	const struct asker asker = { .peer = *peer, .search = port->search };
	const uint32_t address = called_address(message);
	struct sim_site *site = sim_server_find(server, address);
	uint8_t key = PLUG_CIPHER_KEY;

	if (port->search < 0) {
		plug_cipher_decrypt((const uint8_t *)server->bytes, size, server->bytes, &key);
	}
	if (site) {
		answer(site, &asker, server->bytes, size);
	} else if (server->broadcast != 0 &&
		   (address == server->broadcast || address == INADDR_BROADCAST)) {
		search_all(server, &asker, server->bytes, size);
	}
}

/* Receives one datagram; false when there is none. */
static bool receive(struct sim_port *port)
{
	struct sim_server *server = port->server;
	struct sockaddr_in peer = { 0 };
	union control control = { 0 };
	struct iovec part = { .iov_base = server->bytes, .iov_len = sizeof server->bytes };
	struct msghdr message = {
		.msg_name = &peer,
		.msg_namelen = sizeof peer,
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes,
	};
	const ssize_t size = recvmsg(port->fd, &message, MSG_DONTWAIT);

	if (size > 0 && size <= SIM_REQUEST_MAX_BYTES) {
		take(port, &message, (size_t)size);
	}
	return size >= 0;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct sim_port *port = poll->data;

	(void)status;
	(void)events;
	for (int i = 0; i < READS_PER_TURN && !uv_is_closing((uv_handle_t *)poll); i++) {
		if (!receive(port)) {
			break;
		}
	}
}

static int last_error(void)
{
	return uv_translate_sys_error(errno);
}

/* Several simulations may share the broadcast address, where all of them hear what is said, and the
 * ports of searches, which no simulation can choose: the one bound to the address itself hears. */
static int prepare(const struct sim_port *port, uint32_t address)
{
	const struct sim_server *server = port->server;
	const int on = 1;
	const bool is_shared =
		port->search >= 0 || (address != INADDR_ANY && address == server->broadcast);
	const struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(port->number),
		.sin_addr.s_addr = htonl(address),
	};

	if (setsockopt(port->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) != 0 ||
		(is_shared &&
			setsockopt(port->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)) {
		return last_error();
	}
	if (server->is_wildcard && server->is_loopback) {
		sim_loopback_bind(port->fd);
	}
	return bind(port->fd, (const struct sockaddr *)&in, sizeof in) == 0 ? 0 : last_error();
}

static void on_port_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* Takes opened, whatever comes of it. */
static int open_port(struct sim_port *opened, uint32_t address, struct sim_port **port)
{
	int error = 0;

	*port = NULL;
	opened->fd = socket(AF_INET, SOCK_DGRAM, 0);
	error = opened->fd < 0 ? last_error() : prepare(opened, address);
	if (error == 0) {
		error = uv_poll_init(opened->server->loop, &opened->poll, opened->fd);
	}
	if (error != 0) {
		if (opened->fd >= 0) {
			close(opened->fd);
		}
		free(opened);
		return error;
	}
	opened->poll.data = opened;
	uv_poll_start(&opened->poll, UV_READABLE, on_readable);
	*port = opened;
	return 0;
}

int sim_port_open(struct sim_server *server, uint32_t address, struct sim_port **port)
{
	struct sim_port *opened = sim_allocate(sizeof *opened);

	opened->server = server;
	opened->number = server->port;
	opened->search = NO_SEARCH;
	return open_port(opened, address, port);
}

int sim_search_open(
	struct sim_server *server, uint32_t address, size_t index, struct sim_port **port)
{
	static const uint16_t numbers[SIM_TDP_PORTS] = { SIM_TDP_PORT, SIM_TDP_OTHER_PORT };
	struct sim_port *opened = sim_allocate(sizeof *opened);

	opened->server = server;
	opened->number = numbers[index];
	opened->search = (int)index;
	return open_port(opened, address, port);
}

void sim_port_close(struct sim_port *port)
{
	uv_close((uv_handle_t *)&port->poll, on_port_closed);
	close(port->fd);
}

void sim_datagram_cancel_all(struct sim_server *server)
{
	while (server->late) {
		end_late(server->late);
	}
}

#include "tests/sim/net/server.h"

#include "tests/sim/device/memory.h"
#include "tests/sim/net/connection.h"
#include "tests/sim/net/datagram.h"
#include "tests/sim/net/site.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum {
	PORT_TRIES = 20,
	DESCRIPTORS_PER_SITE = 2,
	DESCRIPTORS_SPARE = 64, /* the loop's, the control clients' */
	NS_PER_MS = 1000000,
	LOOPBACK_PREFIX = 127,
	OLD_PORT = 9999,
};

/* The prefix of a real HS110; the rest of the MAC is the rest of the address. */
static const uint8_t prefix[] = { 0x50, 0xC7, 0xBF };

size_t sim_server_raise_limit(void)
{
	struct rlimit limit = { 0 };

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
		return DESCRIPTORS_SPARE;
	}
	if (limit.rlim_cur < limit.rlim_max) {
		const rlim_t before = limit.rlim_cur;

		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
			limit.rlim_cur = before;
		}
	}
	return (size_t)limit.rlim_cur;
}

int64_t sim_server_now_ms(const struct sim_server *server)
{
	const uint64_t passed_ns = uv_hrtime() - server->epoch_ns;

	return server->epoch_ms + (int64_t)(passed_ns / NS_PER_MS * server->speed +
					    passed_ns % NS_PER_MS * server->speed / NS_PER_MS);
}

uint64_t sim_server_left_ms(const struct sim_server *server, int64_t then_ms)
{
	const int64_t left_ms = then_ms - sim_server_now_ms(server);

	return left_ms > 0 ? ((uint64_t)left_ms + server->speed - 1) / server->speed : 0;
}

void sim_server_pass(struct sim_server *server, int64_t ms, uint32_t speed)
{
	server->epoch_ms = sim_server_now_ms(server) + ms;
	server->epoch_ns = uv_hrtime();
	server->speed = speed;
	for (size_t i = 0; i < server->site_count; i++) {
		sim_site_catch_up(&server->sites[i]);
	}
}

static void start_clock(struct sim_server *server)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	server->epoch_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS;
	server->epoch_ns = uv_hrtime();
	server->started_ms = server->epoch_ms;
}

static int compare_addresses(const void *a, const void *b)
{
	const struct sim_site *const *left = a;
	const struct sim_site *const *right = b;

	return ((*left)->address > (*right)->address) - ((*left)->address < (*right)->address);
}

struct sim_site *sim_server_find(const struct sim_server *server, uint32_t address)
{
	const struct sim_site wanted = { .address = address };
	const struct sim_site *key = &wanted;
	struct sim_site **found = bsearch(&key, server->by_address, server->site_count,
		sizeof server->by_address[0], compare_addresses);

	return found ? *found : NULL;
}

static void init_site(struct sim_server *server, size_t index, const struct sim_place *place)
{
	struct sim_site *site = &server->sites[index];
	struct sim_identity identity = place->identity;

	memcpy(identity.mac, prefix, sizeof prefix);
	for (size_t i = sizeof prefix; i < SIM_MAC_BYTES; i++) {
		identity.mac[i] = (uint8_t)(place->address >> (8 * (SIM_MAC_BYTES - 1 - i)));
	}
	site->server = server;
	site->number = (uint32_t)index + 1;
	site->address = place->address;
	site->device = sim_device_new(&identity, server->epoch_ms);
	server->by_address[index] = site;
	server->has_tdp = server->has_tdp || identity.model->abilities & SIM_SPEAKS_TDP;
	server->has_xor = server->has_xor || sim_device_has_xor(site->device);
	server->is_loopback = server->is_loopback && place->address >> 24 == LOOPBACK_PREFIX;
}

static int fail(const struct sim_server *server, uint32_t address, const char *what, int error)
{
	const struct in_addr in = { .s_addr = htonl(address) };
	char text[INET_ADDRSTRLEN] = "";

	inet_ntop(AF_INET, &in, text, sizeof text);
	fprintf(stderr, "plugsim: %s %s, port %u: %s\n", what, text, server->port,
		uv_strerror(error));
	return error;
}

/* Where newer devices are searched for; nobody else hears there. */
static int open_searches(struct sim_server *server, uint32_t address)
{
	int error = 0;

	for (size_t i = 0; i < SIM_TDP_PORTS && server->has_tdp && error == 0; i++) {
		error = sim_search_open(server, address, i, &server->searches[i]);
	}
	return error;
}

static int open_wildcard(struct sim_server *server)
{
	int error = sim_listener_open(server, INADDR_ANY, &server->listener);

	if (error == 0) {
		error = sim_port_open(server, INADDR_ANY, &server->datagrams);
	}
	return error == 0 ? open_searches(server, INADDR_ANY) : error;
}

static int open_sites(struct sim_server *server, uint32_t *address)
{
	int error = 0;

	for (size_t i = 0; i < server->site_count && error == 0; i++) {
		*address = server->sites[i].address;
		error = sim_site_refresh(&server->sites[i]);
	}
	if (error == 0 && server->broadcast != 0) {
		*address = server->broadcast;
		error = sim_port_open(server, server->broadcast, &server->datagrams);
		error = error == 0 ? open_searches(server, server->broadcast) : error;
	}
	return error;
}

static void shut(struct sim_server *server)
{
	for (size_t i = 0; i < server->site_count; i++) {
		sim_site_stop(&server->sites[i]);
	}
	if (server->listener) {
		sim_listener_close(server->listener);
		server->listener = NULL;
	}
	if (server->datagrams) {
		sim_port_close(server->datagrams);
		server->datagrams = NULL;
	}
	for (size_t i = 0; i < SIM_TDP_PORTS; i++) {
		if (server->searches[i]) {
			sim_port_close(server->searches[i]);
			server->searches[i] = NULL;
		}
	}
}

/* Opens all sockets; with a free choice of the port, again until one is free everywhere. Who opens
 * none of the old protocol yet cannot find out which is free. */
static int open_all(struct sim_server *server, uint16_t port)
{
	uint32_t address = 0;
	int error = 0;

	for (int i = 0; i < PORT_TRIES; i++) {
		server->port = port == 0 && !server->has_xor ? OLD_PORT : port;
		address = INADDR_ANY;
		error = server->is_wildcard ? open_wildcard(server) : open_sites(server, &address);
		if (error == 0) {
			return 0;
		}
		shut(server);
		if (port != 0 || error != UV_EADDRINUSE) {
			break;
		}
	}
	fail(server, address, "cannot listen on", error);
	if (error == UV_EADDRINUSE) {
		fputs("plugsim: something listens there already; choose another address with "
		      "--listen or another port with --port\n",
			stderr);
	}
	return error;
}

static void warn_of_limit(const struct sim_server *server, size_t limit)
{
	const size_t sockets = server->is_wildcard ? 2 : server->site_count * DESCRIPTORS_PER_SITE;
	const size_t needed = sockets + server->site_count + DESCRIPTORS_SPARE;

	if (needed > limit) {
		fprintf(stderr,
			"plugsim: the limit of open files is %zu: no more than %zu of the %zu "
			"devices can "
			"have a connection at the same time; raise it to %zu (ulimit -n, as "
			"root)\n",
			limit,
			limit > sockets + DESCRIPTORS_SPARE ? limit - sockets - DESCRIPTORS_SPARE
							    : 0,
			server->site_count, needed);
	}
}

static bool is_too_many(size_t sites, size_t limit)
{
	return sites > SIM_OWN_SOCKETS_MAX ||
	       sites * (DESCRIPTORS_PER_SITE + 1) + DESCRIPTORS_SPARE > limit;
}

struct sim_server *sim_server_new(uv_loop_t *loop, const struct sim_server_settings *settings)
{
	struct sim_server *server = sim_allocate(sizeof *server);
	const size_t limit = sim_server_raise_limit();
	const size_t count = settings->place_count;

	server->loop = loop;
	server->site_count = count;
	server->is_wildcard = settings->is_wildcard || is_too_many(count, limit);
	server->is_loopback = true;
	server->broadcast = settings->broadcast;
	server->speed = settings->speed;
	server->sites = sim_allocate(count * sizeof server->sites[0]);
	server->by_address = sim_allocate(count * sizeof server->by_address[0]);
	start_clock(server);
	for (size_t i = 0; i < count; i++) {
		init_site(server, i, &settings->places[i]);
	}
	qsort(server->by_address, count, sizeof server->by_address[0], compare_addresses);
	warn_of_limit(server, limit);
	if (open_all(server, settings->port) != 0) {
		sim_server_stop(server);
		uv_run(loop, UV_RUN_DEFAULT);
		sim_server_free(server);
		return NULL;
	}
	return server;
}

void sim_server_stop(struct sim_server *server)
{
	server->is_stopping = true;
	shut(server);
	sim_datagram_cancel_all(server);
}

void sim_server_free(struct sim_server *server)
{
	for (size_t i = 0; server && i < server->site_count; i++) {
		sim_site_clear(&server->sites[i]);
	}
	if (server) {
		free(server->sites);
		free(server->by_address);
		sim_text_free(&server->text);
		sim_wire_free(&server->wire);
	}
	free(server);
}

/* server.h - all simulated devices of this process, on one libuv loop.
 *
 * A site is an address with a device on it (site.h). With up to about a thousand sites each has
 * sockets of its own; above that, or when told so, one pair of sockets on 0.0.0.0 serves them all
 * and tells them apart by the address that was called, because descriptors are limited. */
#ifndef SIM_NET_SERVER_H
#define SIM_NET_SERVER_H

#include "tests/sim/device/device.h"
#include "tests/sim/device/text.h"
#include "tests/sim/faults/wire.h"
#include "tests/sim/methods/tdp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum {
	SIM_OWN_SOCKETS_MAX = 1000,	   /* sites; more share one pair */
	SIM_REQUEST_MAX_BYTES = 16 * 1024, /* a longer one is answered by closing */
	SIM_READ_BYTES = 64 * 1024,
	SIM_SPEED_MAX = 100000,
};

struct sim_site;
struct sim_listener;
struct sim_port;
struct sim_late;

/* What moved a relay or took a device away. */
enum sim_cause { SIM_BY_REQUEST, SIM_BY_CONTROL, SIM_BY_ITSELF };

struct sim_server {
	uv_loop_t *loop;
	struct sim_site *sites; /* by number, the first is number 1 */
	struct sim_site **by_address;
	size_t site_count;
	uint16_t port;
	bool is_wildcard;
	bool is_loopback;
	bool is_stopping;
	uint32_t broadcast; /* host byte order; 0: none */
	int64_t epoch_ms;   /* simulation time when the loop's clock showed epoch_ns */
	uint64_t epoch_ns;
	uint32_t speed;				  /* simulated seconds in a real one */
	int64_t started_ms;			  /* simulation time */
	size_t connections;			  /* open now */
	struct sim_listener *listener;		  /* wildcard only */
	struct sim_port *datagrams;		  /* wildcard, or the broadcast address */
	struct sim_port *searches[SIM_TDP_PORTS]; /* the same for those that newer devices hear */
	bool has_tdp;				  /* there is one that does, */
	bool has_xor;				  /* or one that does not */
	struct sim_late *late;			  /* datagrams not sent yet */
	size_t late_count;
	/* Told of everything that happens to devices; may be NULL. */
	void (*on_step)(struct sim_server *server, struct sim_site *site,
		const struct sim_step *step, enum sim_cause cause);
	void *data;	      /* of on_step */
	struct sim_text text; /* the answer under construction */
	struct sim_wire wire;
	char bytes[SIM_READ_BYTES]; /* where bytes land */
};

struct sim_place {
	uint32_t address;	      /* host byte order */
	struct sim_identity identity; /* the MAC is made here, from the address */
};

struct sim_server_settings {
	const struct sim_place *places;
	size_t place_count;
	uint16_t port; /* 0: any that is free on all addresses */
	bool is_wildcard;
	uint32_t broadcast;
	uint32_t speed;
};

/* Lets the process open as many descriptors as it may; returns that number. */
size_t sim_server_raise_limit(void);

/* Opens everything. Gives a server, or NULL after a message on standard error. */
struct sim_server *sim_server_new(uv_loop_t *loop, const struct sim_server_settings *settings);

/* Closes everything; the loop ends when nothing else is open, then call sim_server_free. */
void sim_server_stop(struct sim_server *server);
void sim_server_free(struct sim_server *server);

/* Simulation time: milliseconds since 1970 by a clock that is never set back. */
int64_t sim_server_now_ms(const struct sim_server *server);

/* Lets simulation time jump ahead by ms and go on at that speed; everything that happens to devices
 * meanwhile has happened when this returns. */
void sim_server_pass(struct sim_server *server, int64_t ms, uint32_t speed);

/* Real milliseconds until simulation time shows then_ms, rounded up. */
uint64_t sim_server_left_ms(const struct sim_server *server, int64_t then_ms);

/* NULL when no device has this address (host byte order). */
struct sim_site *sim_server_find(const struct sim_server *server, uint32_t address);

#endif

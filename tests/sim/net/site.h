/* site.h - an address and what answers there: a device, its faults, its connections.
 *
 * Faults belong to the address, not to the device: the fault other_device puts a stranger there,
 * and two devices may swap their addresses, as after a new lease. */
#ifndef SIM_NET_SITE_H
#define SIM_NET_SITE_H

#include "tests/sim/faults/fault.h"
#include "tests/sim/methods/method.h"
#include "tests/sim/net/server.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_connection;

struct sim_site {
	struct sim_server *server;
	struct sim_device *device;   /* at home here */
	struct sim_device *stranger; /* NULL until the fault other_device was on */
	struct sim_fault *faults;
	struct sim_connection *connections;
	struct sim_listener *listener; /* own sockets only; NULL while it is closed */
	struct sim_port *datagrams;
	struct sim_port *searches[SIM_TDP_PORTS];
	uv_timer_t *alarm; /* NULL until something will happen by itself */
	uint32_t address;  /* host byte order */
	uint32_t number;
};

/* What becomes of a request. */
enum sim_verdict {
	SIM_VERDICT_REPLY,
	SIM_VERDICT_DROP,
	SIM_VERDICT_CLOSE,
	SIM_VERDICT_RESET,
};

/* Who answers on the address now: the device, or the stranger. */
struct sim_device *sim_site_device(const struct sim_site *site);

/* Whether a connection would be accepted. */
bool sim_site_is_open(const struct sim_site *site);

/* Opens or closes the sockets as presence and faults want it. Returns 0 or an error of libuv; it
 * tries again by itself. */
int sim_site_refresh(struct sim_site *site);

/* Carries out one request; the answer is in server->text. Fills step and plan of the exchange.
 * The site's connections may be closed when this returns. */
enum sim_verdict sim_site_answer(
	struct sim_site *site, struct sim_exchange *exchange, enum sim_transport transport);

/* The same for somebody who looks for newer devices; plan, zeroed, is filled. */
enum sim_verdict sim_site_answer_search(
	struct sim_site *site, const struct sim_search *search, struct sim_plan *plan);

/* Lets time pass up to now and fills step. */
void sim_site_advance(struct sim_site *site, struct sim_step *step);

/* Lets happen what is due by itself, and looks forward anew. */
void sim_site_catch_up(struct sim_site *site);

/* Passes on what a step changed: sockets, alarm, watchers. */
void sim_site_settle(struct sim_site *site, const struct sim_step *step, enum sim_cause cause);

/* The same for the device at home here: while a stranger has the address, nobody notices what
 * happens to it. */
void sim_site_settle_at_home(
	struct sim_site *site, const struct sim_step *step, enum sim_cause cause);

/* Counts the strikes of a plan. */
void sim_site_strike(struct sim_site *site, uint32_t struck);

void sim_site_set_fault(
	struct sim_site *site, enum sim_fault_kind kind, const struct sim_fault_settings *settings);
void sim_site_clear_fault(struct sim_site *site, enum sim_fault_kind kind);

/* Exchanges the devices of two addresses and resets their connections. */
void sim_site_swap(struct sim_site *a, struct sim_site *b);

/* Closes sockets, connections and alarm. */
void sim_site_stop(struct sim_site *site);

/* After sim_site_stop and the loop's end. */
void sim_site_clear(struct sim_site *site);

#endif

/* connection.h - TCP: listening, and one client each that asks and is answered. */
#ifndef SIM_NET_CONNECTION_H
#define SIM_NET_CONNECTION_H

#include "tests/sim/net/site.h"

/* Listens on address (host byte order) and server->port; a port of 0 is replaced by the one that
 * was free. Gives *listener (close with sim_listener_close) and returns 0, or an error of libuv. */
int sim_listener_open(struct sim_server *server, uint32_t address, struct sim_listener **listener);
void sim_listener_close(struct sim_listener *listener);

/* Resets every connection of a site. */
void sim_connection_reset_all(struct sim_site *site);

/* From now on the site's open connections are read and never answered. */
void sim_connection_hang_all(struct sim_site *site);

/* Open connections of a site that do nothing will be closed after ms. */
void sim_connection_watch_idle_all(struct sim_site *site);

size_t sim_connection_count(const struct sim_site *site);

#endif

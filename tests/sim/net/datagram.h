/* datagram.h - UDP: the same requests without a frame, to one device or to all of them; and the
 * searches (tdp.h) that newer devices hear. */
#ifndef SIM_NET_DATAGRAM_H
#define SIM_NET_DATAGRAM_H

#include "tests/sim/net/site.h"

/* Receives on address (host byte order) and server->port. Gives *port (close with sim_port_close)
 * and returns 0, or an error of libuv. */
int sim_port_open(struct sim_server *server, uint32_t address, struct sim_port **port);

/* The same on one of the ports of searches, which are what they are: a device is looked for there
 * and nowhere else. */
int sim_search_open(
	struct sim_server *server, uint32_t address, size_t index, struct sim_port **port);
void sim_port_close(struct sim_port *port);

/* Forgets all datagrams that were to be sent later. */
void sim_datagram_cancel_all(struct sim_server *server);

#endif

/* loopback.h - keeps sockets that listen everywhere away from the network. */
#ifndef SIM_NET_LOOPBACK_H
#define SIM_NET_LOOPBACK_H

/* Binds a socket to the loopback interface. Without the right to do so nothing happens: what
 * comes from elsewhere is turned away anyhow, because no device has the address it called. */
void sim_loopback_bind(int fd);

#endif

/* nodelay.h - TCP_NODELAY on a socket that a library opened and does not hand out.
 *
 * With small writes in flight, Nagle's algorithm against the other side's delayed acknowledgement
 * costs up to 40 ms per write. */
#ifndef PLUG_BRIDGE_MQTT_NODELAY_H
#define PLUG_BRIDGE_MQTT_NODELAY_H

/* Sets TCP_NODELAY on every TCP socket of this process that is connected to the given port of
 * whatever host. Costs one system call per possible descriptor. Returns how many were set. */
int nodelay_set_by_peer_port(int port);

#endif

/* datagram.h - a UDP socket on any free port that may broadcast, on a libuv loop.
 *
 * Errors are libuv's. */
#ifndef PLUG_PROTOCOL_IO_DATAGRAM_H
#define PLUG_PROTOCOL_IO_DATAGRAM_H

#include "protocol/discovery.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum { PLUG_DATAGRAM_MAX_BYTES = PLUG_DISCOVERY_ANSWER_MAX_BYTES };

struct plug_datagram_socket;

/* What came. All borrowed until the callback returns. */
struct plug_datagram {
	int status; /* 0; UV_EMSGSIZE for one of more than PLUG_DATAGRAM_MAX_BYTES; or an error of
		     * the socket, and nothing else is set then */
	struct in_addr address; /* of the sender */
	uint16_t port;
	const uint8_t *bytes;
	size_t size;
};

/* Whose socket it is. on_datagram is never called from within a function below. */
struct plug_datagram_owner {
	void *data;
	void (*on_datagram)(void *data, const struct plug_datagram *datagram);
};

/* Opens a socket, sending and receiving on one interface alone unless that is "". Gives *socket
 * (free with plug_datagram_close) and returns 0; or an error, and *socket is NULL. */
int plug_datagram_open(uv_loop_t *loop, const char *interface, struct plug_datagram_owner owner,
	struct plug_datagram_socket **socket);

/* Sends now or never: UV_EAGAIN when the socket's buffer is full. */
int plug_datagram_send(struct plug_datagram_socket *socket, const struct sockaddr_in *to,
	const uint8_t *bytes, size_t size);

/* The owner hears nothing more. Accepts NULL. */
void plug_datagram_close(struct plug_datagram_socket *socket);

#endif

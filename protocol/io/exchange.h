/* exchange.h - one request, one reply, one deadline, one callback, on a libuv loop.
 *
 * A struct plug_line is the way to one device: at most one exchange is under way on it, and the
 * connection is kept between exchanges for as long as the device keeps it (HS1xx close after each
 * reply, bulbs stay open). A kept connection that turns out dead before the first byte of the
 * reply is opened again at once and the request sent again, when it may be repeated.
 * TCP_NODELAY, one write per request: small firmwares take a chunk for a message.
 * The program must ignore SIGPIPE: libuv writes to connections that may have ended.
 *
 * Another transport (KLAP over HTTP) will stand behind the same calls. */
#ifndef PLUG_PROTOCOL_IO_EXCHANGE_H
#define PLUG_PROTOCOL_IO_EXCHANGE_H

#include "protocol/error.h"
#include "protocol/frame.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* Shared by all lines of a loop: where bytes land before they are decrypted. */
struct plug_transport {
	uv_loop_t *loop;
	char bytes[64 * 1024];
};

void plug_transport_init(struct plug_transport *transport, uv_loop_t *loop);

struct plug_line;

/* Ends an exchange; called exactly once for each, also when it is cancelled, never from within
 * plug_line_ask. text is NUL-terminated JSON, borrowed until the callback returns, NULL unless
 * error is PLUG_OK. The line is idle again: the callback may ask or close. */
typedef void plug_answer_cb(
	struct plug_line *line, enum plug_error error, const char *text, size_t size);

typedef void plug_line_cb(struct plug_line *line);

/* The kept connection went away between two exchanges: PLUG_OK when the device closed it (HS1xx do
 * after each reply), PLUG_ERESET when it broke or was reset, as when another device has taken over
 * the address. */
typedef void plug_drop_cb(struct plug_line *line, enum plug_error how);

struct plug_ask {
	const char *text; /* borrowed during plug_line_ask only */
	size_t size;
	uint64_t timeout_ms; /* for everything: lookup, connect, reply */
	/* Send again when a kept connection died before the first byte of the reply. False for
	 * what must not happen twice (add_rule, reboot) or must not reach another device that has
	 * taken over the address: such a request is sent at most once. */
	bool may_repeat;
};

enum plug_line_state { PLUG_LINE_IDLE, PLUG_LINE_LOOKUP, PLUG_LINE_CONNECT, PLUG_LINE_REPLY };

/* Fields are private but for data, which is the owner's. Embed it; after plug_line_init it must
 * stay where it is until the callback of plug_line_close. */
struct plug_line {
	void *data;
	struct plug_transport *transport;
	char *host;
	struct sockaddr_in address;
	enum plug_line_state state;
	enum plug_error failure; /* found while asking, reported from the loop */
	uint16_t port;
	bool has_address;
	bool is_connected; /* a connection is kept (between exchanges too) */
	bool is_kept;	   /* the running exchange began on a kept connection */
	bool may_repeat;
	bool was_sent; /* a byte of the running request may have reached the device */
	bool is_closing;
	uint64_t connects; /* connections opened so far: tells one from the next */
	uint8_t *frame;	   /* the running request, for sending again */
	size_t frame_size;
	struct plug_frame_reader reader;
	plug_answer_cb *on_answer;
	plug_drop_cb *on_drop;
	plug_line_cb *on_close;
	uv_timer_t deadline;
	struct plug_socket *socket; /* NULL while there is no connection */
	uv_getaddrinfo_t *lookup;
};

/* host is copied: an IPv4 address or a name, looked up off the loop for each new connection.
 * on_drop may be NULL. Returns PLUG_OK or PLUG_ENOMEM. */
enum plug_error plug_line_init(struct plug_line *line, struct plug_transport *transport,
	const char *host, uint16_t port, plug_drop_cb *on_drop);

/* Starts an exchange. Returns PLUG_OK: on_answer will be called; anything else: it will not
 * (PLUG_EINVAL while another exchange runs or the line closes, PLUG_ETOOBIG, PLUG_ENOMEM). */
enum plug_error plug_line_ask(
	struct plug_line *line, const struct plug_ask *ask, plug_answer_cb *on_answer);

/* True from the moment a byte of the current or last request may have reached the device: after a
 * failure its outcome is unknown then, and known to be nothing otherwise. */
bool plug_line_was_sent(const struct plug_line *line);

/* True while no exchange runs and none may be refused. */
bool plug_line_is_idle(const struct plug_line *line);

/* The device is somewhere else from now on: host, copied, is where the next connection goes, on the
 * same port. Then as plug_line_disconnect. Returns PLUG_OK, or PLUG_ENOMEM and nothing changed. */
enum plug_error plug_line_move(struct plug_line *line, const char *host);

/* Drops the connection, if any; a running exchange ends with PLUG_ECANCELED before this returns. */
void plug_line_disconnect(struct plug_line *line);

/* As plug_line_disconnect, then on_close on a later turn of the loop, after which the memory is
 * the owner's again. */
void plug_line_close(struct plug_line *line, plug_line_cb *on_close);

#endif

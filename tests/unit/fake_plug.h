/* fake_plug.h - a plug on a free port of 127.0.0.1, on the loop of whoever tests it. It reads
 * frames; what it does with each is the test's business, down to the segments of its answers. */
#ifndef PLUG_TESTS_UNIT_FAKE_PLUG_H
#define PLUG_TESTS_UNIT_FAKE_PLUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "protocol/frame.h"

struct fake_plug;

/* One accepted connection; frees itself when it is closed, whoever closed it. */
struct fake_connection {
	struct fake_plug *plug;
	struct fake_connection *next;
	size_t number; /* of all connections of the plug, from 1 */
	uv_tcp_t tcp;
	uv_timer_t drip; /* sends the rest of an answer, step by step */
	struct plug_frame_reader reader;
	size_t reads; /* segments in which the current request came */
	char *rest;   /* not sent yet; NULL for none */
	size_t rest_size, rest_sent, step;
	bool ends; /* closes when the rest is sent */
	bool is_closing;
	int open_handles;
};

/* A whole request came; text is NUL-terminated and borrowed. */
typedef void fake_request_cb(struct fake_connection *connection, const char *text);

struct fake_plug {
	uv_loop_t *loop;
	uint16_t port;
	fake_request_cb *on_request; /* NULL: hangs */
	void *data;
	uv_tcp_t *listener;		     /* NULL while it is switched off */
	struct fake_connection *connections; /* open ones, newest first */
	size_t connects, requests, open;
	size_t request_reads; /* segments in which the last request came */
};

/* Listens on a free port. */
void fake_plug_init(struct fake_plug *plug, uv_loop_t *loop, fake_request_cb *on_request);
/* Closes everything; turn the loop once more before the memory goes. */
void fake_plug_stop(struct fake_plug *plug);
/* Off: connections are reset and new ones refused. On again: on the same port. */
void fake_plug_power(struct fake_plug *plug, bool is_on);

/* Sends bytes; text as one frame, in one piece. */
void fake_send(struct fake_connection *connection, const void *bytes, size_t size);
void fake_answer(struct fake_connection *connection, const char *text);
/* Sends step bytes every step_ms; then closes, when connection->ends was set. */
void fake_drip(struct fake_connection *connection, const void *bytes, size_t size, size_t step,
	uint64_t step_ms);

/* At once, as seen by the other end's kernel. */
void fake_close(struct fake_connection *connection);
void fake_reset(struct fake_connection *connection);

/* The frame of text; the caller frees. */
uint8_t *fake_frame(const char *text, size_t *size);

#endif

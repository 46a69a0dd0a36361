/* transfer.h - reads a snapshot from a device, or writes one to a device, over a line.
 *
 * What is asked and what the answers mean is decided in protocol/snapshot/; this asks it, one
 * request at a time, and waits where a device is busy. Callbacks come from the loop only. */
#ifndef PLUG_PROTOCOL_IO_TRANSFER_H
#define PLUG_PROTOCOL_IO_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "protocol/io/exchange.h"
#include "protocol/snapshot/restore.h"
#include "protocol/snapshot/snapshot.h"

struct plug_transfer;

/* The end, exactly once for each start, also when it is cancelled. Reading: PLUG_OK and the
 * snapshot is whole, or why it is not. Writing: PLUG_OK when everything was tried; what came of it
 * is in the items, also after another error. The line is idle again and its data the owner's; the
 * callback may start the next transfer. */
typedef void plug_transfer_end_cb(struct plug_transfer *transfer, enum plug_error error);

typedef void plug_transfer_cb(struct plug_transfer *transfer);

/* Called with each request and each reply, for people who want to see them. text is borrowed. */
typedef void plug_transfer_show_cb(
	struct plug_transfer *transfer, bool is_reply, const char *text, size_t size);

/* Fields are private but for data and on_show, which are the owner's; on_show may be NULL. Embed
 * it; after plug_transfer_init it must stay where it is until the callback of plug_transfer_close.
 */
struct plug_transfer {
	void *data;
	plug_transfer_show_cb *on_show;
	struct plug_line *line;
	uint64_t timeout_ms; /* of one request */
	struct plug_snapshot_reading *reading;
	struct plug_restore *restore;
	struct plug_restore_ask ask;
	unsigned attempts; /* of this question, while reading */
	plug_transfer_end_cb *on_end;
	plug_transfer_cb *on_close;
	uv_timer_t timer;
	bool is_running, is_closing;
	enum plug_error failure; /* told from the loop */
};

void plug_transfer_init(struct plug_transfer *transfer, uv_loop_t *loop);

/* Each borrows the line, which must be idle, with its data, and reading or restore, which must have
 * begun, until on_end. */
void plug_transfer_read(struct plug_transfer *transfer, struct plug_line *line,
	struct plug_snapshot_reading *reading, plug_transfer_end_cb *on_end);
void plug_transfer_write(struct plug_transfer *transfer, struct plug_line *line,
	struct plug_restore *restore, plug_transfer_end_cb *on_end);

/* A running transfer ends with PLUG_ECANCELED before this returns; else nothing happens. */
void plug_transfer_cancel(struct plug_transfer *transfer);

/* As plug_transfer_cancel, then on_close on a later turn of the loop, after which the memory is the
 * owner's again. */
void plug_transfer_close(struct plug_transfer *transfer, plug_transfer_cb *on_close);

#endif

#include "protocol/io/transfer.h"

#include "protocol/reply.h"

enum {
	READ_ATTEMPTS = 3,
	/* A device that is busy is so for a second or more. */
	RETRY_WAIT_MS = 1000,
};

static void step(struct plug_transfer *transfer);

void plug_transfer_init(struct plug_transfer *transfer, uv_loop_t *loop)
{
	*transfer = (struct plug_transfer) { .timeout_ms = 4000 };
	uv_timer_init(loop, &transfer->timer);
	transfer->timer.data = transfer;
}

static void end(struct plug_transfer *transfer, enum plug_error error)
{
	transfer->is_running = false;
	uv_timer_stop(&transfer->timer);
	transfer->line->data = NULL;
	transfer->on_end(transfer, error);
}

static void show(struct plug_transfer *transfer, bool is_reply, const char *text, size_t size)
{
	if (transfer->on_show) {
		transfer->on_show(transfer, is_reply, text, size);
	}
}

static void on_timer(uv_timer_t *timer)
{
	step(timer->data);
}

static void wait(struct plug_transfer *transfer, uint64_t milliseconds)
{
	uv_timer_start(&transfer->timer, on_timer, milliseconds, 0);
}

/* A device that is busy, or stopped answering, is asked again; one that never answered is not. */
static void take_reading(
	struct plug_transfer *transfer, enum plug_error error, const struct plug_reply *reply)
{
	if (error == PLUG_OK) {
		error = plug_snapshot_take(transfer->reading, reply);
	}
	if (error == PLUG_OK) {
		transfer->attempts = 0;
		step(transfer);
	} else if (error == PLUG_EUNSUPPORTED || error == PLUG_ENOMEM ||
		   transfer->reading->step == 0 || ++transfer->attempts >= READ_ATTEMPTS) {
		end(transfer, error);
	} else {
		wait(transfer, RETRY_WAIT_MS);
	}
}

static void take_restore(
	struct plug_transfer *transfer, enum plug_error error, const struct plug_reply *reply)
{
	if (error == PLUG_OK) {
		plug_restore_take(transfer->restore, reply);
	} else {
		plug_restore_miss(transfer->restore, error, plug_line_was_sent(transfer->line));
	}
	step(transfer);
}

static void on_answer(struct plug_line *line, enum plug_error error, const char *text, size_t size)
{
	struct plug_transfer *transfer = line->data;
	struct plug_reply reply = { 0 };

	if (error == PLUG_ECANCELED) {
		end(transfer, error);
		return;
	}
	if (error == PLUG_OK) {
		show(transfer, true, text, size);
		error = plug_reply_parse(&reply, text, size);
	}
	if (transfer->reading) {
		take_reading(transfer, error, &reply);
	} else {
		take_restore(transfer, error, &reply);
	}
	plug_reply_clear(&reply);
}

static void send_request(struct plug_transfer *transfer)
{
	const struct plug_request *request = &transfer->ask.request;
	const struct plug_ask ask = { .text = request->text,
		.size = request->size,
		.timeout_ms = transfer->timeout_ms,
		.may_repeat = !transfer->ask.is_once };
	enum plug_error error;

	if (transfer->ask.is_once) {
		/* A connection that is surely alive: one that died while it was kept could not be
		 * told from a device that took the request and then went. */
		plug_line_disconnect(transfer->line);
	}
	show(transfer, false, request->text, request->size);
	error = plug_line_ask(transfer->line, &ask, on_answer);
	if (error != PLUG_OK) {
		end(transfer, error);
	}
}

static void on_pause_over(uv_timer_t *timer)
{
	send_request(timer->data);
}

/* Asks what is to be asked next, or ends. */
static void step(struct plug_transfer *transfer)
{
	enum plug_error error = PLUG_OK;

	transfer->ask.wait_ms = 0;
	transfer->ask.is_once = false;
	if (transfer->reading && !plug_snapshot_is_done(transfer->reading)) {
		error = plug_snapshot_ask(transfer->reading, &transfer->ask.request);
	} else if (transfer->reading || !plug_restore_next(transfer->restore, &transfer->ask)) {
		end(transfer, PLUG_OK);
		return;
	}
	if (error != PLUG_OK) {
		end(transfer, error);
	} else if (transfer->ask.wait_ms > 0) {
		uv_timer_start(&transfer->timer, on_pause_over, transfer->ask.wait_ms, 0);
	} else {
		send_request(transfer);
	}
}

/* From the loop, so that the end never comes before the start has returned. */
static void start(
	struct plug_transfer *transfer, struct plug_line *line, plug_transfer_end_cb *on_end)
{
	transfer->line = line;
	transfer->on_end = on_end;
	transfer->attempts = 0;
	transfer->is_running = true;
	line->data = transfer;
	wait(transfer, 0);
}

void plug_transfer_read(struct plug_transfer *transfer, struct plug_line *line,
	struct plug_snapshot_reading *reading, plug_transfer_end_cb *on_end)
{
	transfer->reading = reading;
	transfer->restore = NULL;
	start(transfer, line, on_end);
}

void plug_transfer_write(struct plug_transfer *transfer, struct plug_line *line,
	struct plug_restore *restore, plug_transfer_end_cb *on_end)
{
	transfer->reading = NULL;
	transfer->restore = restore;
	start(transfer, line, on_end);
}

void plug_transfer_cancel(struct plug_transfer *transfer)
{
	if (!transfer->is_running) {
		return;
	}
	/* Between two requests there is none whose end would tell. */
	plug_line_disconnect(transfer->line);
	if (transfer->is_running) {
		end(transfer, PLUG_ECANCELED);
	}
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct plug_transfer *transfer = handle->data;

	if (transfer->on_close) {
		transfer->on_close(transfer);
	}
}

void plug_transfer_close(struct plug_transfer *transfer, plug_transfer_cb *on_close)
{
	transfer->on_close = on_close;
	plug_transfer_cancel(transfer);
	uv_close((uv_handle_t *)&transfer->timer, on_timer_closed);
}

#include "protocol/plugctl/replace/carry.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/terminal/show.h"

struct carry {
	const struct carry_way *way;
	uv_loop_t loop;
	struct plug_transport transport;
	struct plug_line line;
	struct plug_transfer transfer;
	enum plug_error error;
};

static void on_line_closed(struct plug_line *line)
{
	(void)line;
}

/* The loop ends by itself once nothing is open. */
static void on_end(struct plug_transfer *transfer, enum plug_error error)
{
	struct carry *carry = transfer->data;

	carry->error = error;
	plug_transfer_close(transfer, NULL);
	plug_line_close(&carry->line, on_line_closed);
}

static void on_show(struct plug_transfer *transfer, bool is_reply, const char *text, size_t size)
{
	const struct carry_way *way = ((struct carry *)transfer->data)->way;

	show(way->command, &(struct dump) { .name = way->name,
				   .mark = is_reply ? '<' : '>',
				   .text = text,
				   .size = size });
}

static struct carry *carry_new(const struct carry_way *way)
{
	struct carry *carry = memory_new(1, sizeof *carry);

	carry->way = way;
	if (uv_loop_init(&carry->loop) != 0) {
		memory_is_out();
	}
	plug_transport_init(&carry->transport, &carry->loop);
	if (plug_line_init(&carry->line, &carry->transport, way->host, way->port, NULL) !=
		PLUG_OK) {
		memory_is_out();
	}
	plug_transfer_init(&carry->transfer, &carry->loop);
	carry->transfer.data = carry;
	carry->transfer.timeout_ms = way->command->timeout_ms;
	carry->transfer.on_show = command_has(way->command, OPTION_VERBOSE) ? on_show : NULL;
	return carry;
}

static enum plug_error run(struct carry *carry)
{
	enum plug_error error;

	uv_run(&carry->loop, UV_RUN_DEFAULT);
	uv_loop_close(&carry->loop);
	error = carry->error;
	free(carry);
	return error;
}

enum plug_error carry_read(
	const struct carry_way *way, struct plug_snapshot_reading *reading, int64_t now_s)
{
	struct carry *carry = carry_new(way);

	plug_snapshot_begin(reading, now_s);
	plug_transfer_read(&carry->transfer, &carry->line, reading, on_end);
	return run(carry);
}

void carry_write(const struct carry_way *way, struct plug_restore *restore)
{
	struct carry *carry = carry_new(way);

	plug_transfer_write(&carry->transfer, &carry->line, restore, on_end);
	(void)run(carry);
}

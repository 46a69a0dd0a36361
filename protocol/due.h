/* due.h - what a schedule will do next.
 *
 *     {"type":-1}                                             nothing
 *     {"type":1,"id":"<32 hex>","schd_time":30240,"action":1} at second 30240 of the day
 *
 * The clock must be set, or the device answers -11. Source: recordings of KP105 and KP400. No I/O
 * and no clock here. */
#ifndef PLUG_PROTOCOL_DUE_H
#define PLUG_PROTOCOL_DUE_H

#include "protocol/error.h"
#include "protocol/family.h"
#include "protocol/reply.h"
#include "protocol/request.h"

#include <stdbool.h>
#include <stdint.h>

struct plug_due {
	bool is_due; /* false: nothing will happen, and the rest is zero */
	bool has_moment;
	int64_t at_s; /* seconds after the device's midnight */
	int action;   /* as in rules.h: PLUG_ACTION_OFF, ... */
	const char
		*id; /* of the rule, borrowed until the reply is cleared; NULL when none is told */
};

struct plug_method plug_due_method(enum plug_family family);

/* child_id is one outlet of a strip, or NULL. PLUG_OK, PLUG_ETOOBIG or PLUG_EINVAL. */
enum plug_error plug_request_due(
	struct plug_request *request, enum plug_family family, const char *child_id);

/* PLUG_EPROTO when it is not told whether anything is due; otherwise as plug_reply_method. *due is
 * zeroed on failure. */
enum plug_error plug_reply_due(
	const struct plug_reply *reply, enum plug_family family, struct plug_due *due);

#endif

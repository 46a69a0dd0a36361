/* call.h - builds the JSON text of a request, member by member.
 *
 *     {"context":{"child_ids":["<id>"]},"<module>":{"<method>":{"<key>":<value>, ...}}, ...}
 *
 * For the builders of this folder. Nothing is allocated; what does not fit is remembered and told
 * at the end. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_CALL_H
#define PLUG_PROTOCOL_CALL_H

#include "protocol/error.h"
#include "protocol/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plug_call {
	struct plug_request *request;
	bool is_full;
	bool has_arguments;
};

/* Whom to ask and what. child_id is NULL for the device itself; all is borrowed during
 * plug_call_begin only. */
struct plug_call_name {
	const char *child_id;
	const char *module;
	const char *method;
};

void plug_call_begin(
	struct plug_call *call, struct plug_request *request, const struct plug_call_name *name);

/* A call for the device itself. */
void plug_call_start(
	struct plug_call *call, struct plug_request *request, struct plug_method method);

/* Ends the arguments of this method and begins those of one in another module. */
void plug_call_next(struct plug_call *call, struct plug_method method);

void plug_call_int(struct plug_call *call, const char *key, int64_t value);
void plug_call_flag(struct plug_call *call, const char *key, bool value);

/* As a JSON number with four decimals: ten_thousandths 1234567 is 123.4567. Written without
 * printf's %f, which knows locales. */
void plug_call_decimal(struct plug_call *call, const char *key, int64_t ten_thousandths);

/* text is UTF-8, quoted as JSON needs it. */
void plug_call_text(struct plug_call *call, const char *key, const char *text);

/* An array of 0 and 1. */
void plug_call_flags(struct plug_call *call, const char *key, const bool *flags, size_t count);

/* Returns PLUG_OK and the request is complete; PLUG_ETOOBIG, or PLUG_EINVAL for a text that is not
 * UTF-8, and the request is empty. */
enum plug_error plug_call_end(struct plug_call *call);

/* Calls without arguments, all at once. */
enum plug_error plug_call_plain(struct plug_request *request, const struct plug_call_name *name);
enum plug_error plug_call_method(struct plug_request *request, struct plug_method method);

#endif

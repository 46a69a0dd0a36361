/* request.h - the JSON texts that devices are asked with.
 *
 *     {"context":{"child_ids":["<id>"]},"<module>":{"<method>":{<arguments>}}, ...}
 *
 * Arguments are always an object: KP303 fw 1.0.6 answers nothing to null. A request stays under
 * PLUG_REQUEST_MAX_BYTES: KL125 and HL103 crash above 768 bytes. */
#ifndef PLUG_PROTOCOL_REQUEST_H
#define PLUG_PROTOCOL_REQUEST_H

#include "protocol/error.h"
#include "protocol/family.h"

#include <stdbool.h>
#include <stddef.h>

enum { PLUG_REQUEST_MAX_BYTES = 512 };

/* A request under construction; the text is complete after any builder returned PLUG_OK. */
struct plug_request {
	char text[PLUG_REQUEST_MAX_BYTES];
	size_t size; /* bytes of text, without its NUL */
};

/* Whom to ask, and where the answer is to be looked for (plug_reply_method). Static texts. */
struct plug_method {
	const char *module;
	const char *method;
};

/* child_id, where it appears, is the full id of one outlet of a strip, or NULL for the device
 * itself; it is quoted as JSON needs it. Each returns PLUG_OK, or PLUG_ETOOBIG, or PLUG_EINVAL for
 * an id that is not UTF-8, and an empty request. */
enum plug_error plug_request_sysinfo(struct plug_request *request);

/* get_sysinfo and, for a device with a meter of its own, the realtime reading in one request. */
enum plug_error plug_request_poll(
	struct plug_request *request, enum plug_family family, bool with_energy);

/* Moves a relay (or lights a bulb). Absolute, so it may be repeated. */
enum plug_error plug_request_switch(
	struct plug_request *request, enum plug_family family, const char *child_id, bool is_on);

enum plug_error plug_request_realtime(
	struct plug_request *request, enum plug_family family, const char *child_id);
enum plug_error plug_request_time(struct plug_request *request, enum plug_family family);

#endif

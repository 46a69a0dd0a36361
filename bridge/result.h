/* result.h - the truthful answer to one command.
 *
 *     {"status":"ok","command":"ON","state":"ON","brightness":40,"ms":41,"id":"...","source":"...",
 *      "error":"..."}
 *
 * state is what the device last answered, null when it never did; brightness, id, source and
 * error only when there is one. */
#ifndef PLUG_BRIDGE_RESULT_H
#define PLUG_BRIDGE_RESULT_H

#include "bridge/order.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RESULT_MAX_BYTES = 1536 };

struct result {
	enum order_status status;
	const char *command; /* "ON", ... or NULL when the command could not be read */
	bool has_state, is_on;
	uint8_t brightness; /* percent; 0 for none */
	uint64_t took_ms;
	const char *id;	    /* NULL for none */
	const char *source; /* NULL for none */
	const char *error;  /* NULL for none */
};

/* Writes the JSON text and returns its size; always fits. */
size_t result_format(const struct result *result, char text[static RESULT_MAX_BYTES]);

#endif

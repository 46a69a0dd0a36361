/* selection.h - which devices a line of the control socket means.
 *
 *     "device": "all" | 3 | "3" | "3-7" | "127.1.0.3" | "50:C7:BF:01:00:03" | [any of these]
 *
 * A MAC means the address where that device is now. */
#ifndef SIM_CONTROL_SELECTION_H
#define SIM_CONTROL_SELECTION_H

#include "tests/sim/net/server.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

struct sim_selection {
	struct sim_site **sites;
	size_t count;
	size_t capacity;
};

/* Reads value into a selection (free with sim_selection_clear, also after a failure). Returns NULL,
 * or what is wrong with it, static. */
const char *sim_selection_read(const struct sim_server *server, struct json_object *value,
	struct sim_selection *selection);
void sim_selection_clear(struct sim_selection *selection);

#endif

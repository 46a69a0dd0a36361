/* control.h - the control socket: whoever connects sees and changes everything.
 *
 * A Unix stream socket; one JSON object per line in, one per line out, in the same order:
 *
 *     {"verb":"set","device":3,"power_mw":61000}
 *     {"ok":true,"devices":1}
 *
 * After the verb watch, lines with "event" come in between as things happen. */
#ifndef SIM_CONTROL_CONTROL_H
#define SIM_CONTROL_CONTROL_H

#include "tests/sim/device/text.h"
#include "tests/sim/net/server.h"

#include <stdbool.h>

enum { SIM_CONTROL_LINE_MAX_BYTES = 64 * 1024 };

struct sim_control;

/* Listens at path; a socket that nobody listens at any more is replaced. Gives a control (end with
 * sim_control_stop), or NULL after a message on standard error. */
struct sim_control *sim_control_new(uv_loop_t *loop, struct sim_server *server, const char *path);

/* Closes it, removes the path, and frees it on later turns of the loop. */
void sim_control_stop(struct sim_control *control);

/* Writes an event line to all who watch. */
void sim_control_report(struct sim_control *control, struct sim_site *site,
	const struct sim_step *step, enum sim_cause cause);

#endif

/* verb.h - what can be said to the control socket, as a table. */
#ifndef SIM_CONTROL_VERB_H
#define SIM_CONTROL_VERB_H

#include "tests/sim/control/selection.h"
#include "tests/sim/net/site.h"

#include <stdbool.h>
#include <stddef.h>

/* One line and its answer. */
struct sim_talk {
	struct sim_server *server;
	struct json_object *line;
	struct sim_text *out;
	bool is_watching; /* of the client who asks */
};

/* Does what a line wants with the devices it names. */
typedef void sim_verb(struct sim_talk *talk, const struct sim_selection *selection);

/* Carries out one line of size bytes, adding exactly one line to talk->out; talk->line is not
 * looked at. */
void sim_verb_run(struct sim_talk *talk, const char *line, size_t size);

/* Adds one line for each relay that moved and for a device that came or went. */
void sim_verb_add_events(const struct sim_site *site, const struct sim_step *step,
	enum sim_cause cause, struct sim_text *out);

#endif

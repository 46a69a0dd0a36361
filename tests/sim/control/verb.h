/* verb.h - what can be said to the control socket, as a table. */
#ifndef SIM_CONTROL_VERB_H
#define SIM_CONTROL_VERB_H

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

/* Carries out one line of size bytes, adding exactly one line to talk->out; talk->line is not
 * looked at. */
void sim_verb_run(struct sim_talk *talk, const char *line, size_t size);

/* Adds a line that says what went wrong. */
void sim_verb_refuse(struct sim_text *out, const char *what, const char *detail);

/* Adds one line for each relay that moved and for a device that came or went. */
void sim_verb_add_events(const struct sim_site *site, const struct sim_step *step,
	enum sim_cause cause, struct sim_text *out);

#endif

/* say.h - the lines that the control socket answers with. */
#ifndef SIM_CONTROL_SAY_H
#define SIM_CONTROL_SAY_H

#include "tests/sim/control/selection.h"
#include "tests/sim/device/text.h"

/* A line that says what went wrong; detail may be NULL. */
void sim_say_no(struct sim_text *out, const char *what, const char *detail);

/* Begin and end a line that says that all is well; members come in between. */
void sim_say_ok(struct sim_text *out);
void sim_say_end(struct sim_text *out);

/* Whole lines: how many devices were changed; or one object for each. */
typedef void sim_add_members(struct sim_site *site, struct sim_text *out);

void sim_say_count(struct sim_text *out, const struct sim_selection *selection);
void sim_say_each(
	struct sim_text *out, const struct sim_selection *selection, sim_add_members *add);

#endif

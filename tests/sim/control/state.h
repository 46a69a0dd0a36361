/* state.h - what of a device can be seen and changed from outside.
 *
 *     {"verb":"set","device":3,"outlet":0,"relay":1,"power_mw":61000,"clock":"lost"}
 *
 * All of a line is checked before any of it is done. */
#ifndef SIM_CONTROL_STATE_H
#define SIM_CONTROL_STATE_H

#include "tests/sim/net/site.h"

#include <json-c/json.h>

enum { SIM_SETTINGS_MAX = 20 };

struct sim_property;

struct sim_setting {
	const struct sim_property *property;
	int64_t number;
	const char *text; /* borrowed from the line */
};

struct sim_settings {
	struct sim_setting list[SIM_SETTINGS_MAX];
	size_t count;
	bool has_outlet;
	size_t outlet;
};

/* Reads every member of line but those in ignored (up to NULL). Returns NULL, or the name of the
 * first that cannot be set or not to this value, borrowed. */
const char *sim_settings_read(
	struct json_object *line, const char *const *ignored, struct sim_settings *settings);

/* What of the settings the device does not have, static, or NULL. */
const char *sim_settings_check(const struct sim_settings *settings, const struct sim_site *site);

/* Changes the device at home on the site, and passes on what follows from it. */
void sim_settings_apply(const struct sim_settings *settings, struct sim_site *site);

/* Add the members of an object about a site: who is there, or everything. */
void sim_state_add_brief(const struct sim_site *site, struct sim_text *out);
void sim_state_add_all(struct sim_site *site, struct sim_text *out);

#endif

/* agenda.h - when a rule of a schedule will do something next.
 *
 *     {"enable":1,"repeat":1,"wday":[0,1,1,1,1,1,0],"stime_opt":0,"smin":510,"soffset":0,
 *      "sact":1,"etime_opt":-1,"emin":0,"eact":-1,"year":0,"month":0,"day":0}
 *
 * A beginning and, with etime_opt, an end; each at a minute of the day (0), at sunrise (1) or at
 * sunset (2), the latter two with an offset in minutes. With repeat 0 once, on its date.
 * No clock here: time is an argument. */
#ifndef SIM_DEVICE_AGENDA_H
#define SIM_DEVICE_AGENDA_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* Where and when: what a device knows of the world. */
struct sim_moment {
	int64_t now_ms;
	int64_t local_offset_ms;
	bool is_clock_set;
	bool has_location;
	double latitude, longitude;
};

struct sim_deed {
	int64_t at_ms;	/* simulation time; INT64_MAX for never */
	int32_t action; /* sact or eact: 0 off, 1 on, 2 a light, 3 a dimmer */
	bool is_end;
};

/* The first thing that the rule does after the moment. */
struct sim_deed sim_agenda_next(struct json_object *rule, const struct sim_moment *moment);

/* The minute of the moment's day at which it begins (is_end: ends) under the sun, or -1 when it
 * goes by the clock, or there is no sun. */
int sim_agenda_sun_minute(struct json_object *rule, bool is_end, const struct sim_moment *moment);

#endif

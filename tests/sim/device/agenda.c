#include "tests/sim/device/agenda.h"

#include "protocol/json.h"
#include "tests/sim/device/calendar.h"
#include "tests/sim/device/sun.h"

enum {
	WEEK_DAYS = 7,
	THURSDAY = 4, /* 1970-01-01, with Sunday as 0 */
	MINUTE_MS = 60000,
	DAY_MINUTES = 24 * 60,
	ACTION_MAX = 3,
	YEAR_MIN = 1970,
	YEAR_MAX = 2099,
};

enum time_kind { BY_CLOCK = 0, BY_SUNRISE = 1, BY_SUNSET = 2 };

/* What a rule's beginning and end are called. */
static const struct half {
	const char *kind, *minute, *offset, *action;
} halves[] = {
	{ "stime_opt", "smin", "soffset", "sact" },
	{ "etime_opt", "emin", "eoffset", "eact" },
};

/* Simulation time of one half of the rule on that day, INT64_MAX when it has none. */
static int64_t time_on(struct json_object *rule, const struct half *half, int32_t day,
	const struct sim_moment *moment)
{
	struct sim_sun sun = { 0 };
	int64_t kind = -1;
	int64_t minute = 0;
	int64_t offset = 0;

	if (!plug_json_int(rule, half->kind, BY_CLOCK, BY_SUNSET, &kind)) {
		return INT64_MAX;
	}
	if (kind == BY_CLOCK) {
		return plug_json_int(rule, half->minute, 0, DAY_MINUTES - 1, &minute)
			       ? (int64_t)day * SIM_DAY_MS + minute * MINUTE_MS -
					 moment->local_offset_ms
			       : INT64_MAX;
	}
	if (!moment->has_location ||
		!sim_sun_of_day(day, moment->latitude, moment->longitude, &sun)) {
		return INT64_MAX;
	}
	plug_json_int(rule, half->offset, -DAY_MINUTES, DAY_MINUTES, &offset);
	/* Devices keep whole minutes of their own clock. */
	minute = ((kind == BY_SUNRISE ? sun.rise_ms : sun.set_ms) + moment->local_offset_ms) /
		 MINUTE_MS;
	return (minute + offset) * MINUTE_MS - moment->local_offset_ms;
}

int sim_agenda_sun_minute(struct json_object *rule, bool is_end, const struct sim_moment *moment)
{
	const struct half *half = &halves[is_end];
	const int64_t local_ms = moment->now_ms + moment->local_offset_ms;
	int64_t kind = 0;
	int64_t at_ms = 0;

	if (!plug_json_int(rule, half->kind, BY_SUNRISE, BY_SUNSET, &kind)) {
		return -1;
	}
	at_ms = time_on(rule, half, sim_day_of_ms(local_ms), moment);
	return at_ms == INT64_MAX
		       ? -1
		       : (int)((at_ms + moment->local_offset_ms) % SIM_DAY_MS / MINUTE_MS);
}

static bool is_weekday(struct json_object *rule, int32_t day)
{
	struct json_object *days = NULL;

	return plug_json_array(rule, "wday", &days) &&
	       json_object_get_int(json_object_array_get_idx(
		       days, (size_t)((day + THURSDAY) % WEEK_DAYS))) != 0;
}

static void keep_first(struct json_object *rule, const struct half *half, int32_t day,
	const struct sim_moment *moment, struct sim_deed *first)
{
	int64_t action = -1;
	int64_t at_ms = INT64_MAX;

	if (plug_json_int(rule, half->action, 0, ACTION_MAX, &action)) {
		at_ms = time_on(rule, half, day, moment);
	}
	if (at_ms > moment->now_ms && at_ms < first->at_ms) {
		*first = (struct sim_deed) { at_ms, (int32_t)action, half != halves };
	}
}

/* Both halves of a rule that is meant for that day. */
static void look_at_day(struct json_object *rule, int32_t day, const struct sim_moment *moment,
	struct sim_deed *first)
{
	keep_first(rule, &halves[0], day, moment, first);
	keep_first(rule, &halves[1], day, moment, first);
}

static void look_at_date(
	struct json_object *rule, const struct sim_moment *moment, struct sim_deed *first)
{
	int64_t year = 0;
	int64_t month = 0;
	int64_t day = 0;

	if (plug_json_int(rule, "year", YEAR_MIN, YEAR_MAX, &year) &&
		plug_json_int(rule, "month", 1, 12, &month) &&
		plug_json_int(rule, "day", 1, sim_days_of_month((int)year, (int)month), &day)) {
		const struct sim_date date = {
			.year = (int)year, .month = (int)month, .day = (int)day
		};

		look_at_day(rule, sim_day_of_ms(sim_date_to_ms(&date)), moment, first);
	}
}

struct sim_deed sim_agenda_next(struct json_object *rule, const struct sim_moment *moment)
{
	struct sim_deed first = { .at_ms = INT64_MAX };
	const int32_t today = sim_day_of_ms(moment->now_ms + moment->local_offset_ms);
	bool is_enabled = false;
	bool is_weekly = false;

	plug_json_flag(rule, "enable", &is_enabled);
	plug_json_flag(rule, "repeat", &is_weekly);
	if (!is_enabled || !moment->is_clock_set) {
		return first;
	}
	if (!is_weekly) {
		look_at_date(rule, moment, &first);
	}
	/* Offsets may carry yesterday's sunset into today, or the sunrise of a week from now. */
	for (int32_t day = today - 1; is_weekly && day <= today + WEEK_DAYS + 1; day++) {
		if (is_weekday(rule, day)) {
			look_at_day(rule, day, moment, &first);
		}
	}
	return first;
}

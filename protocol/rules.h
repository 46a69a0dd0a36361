/* rules.h - what a device does by itself: schedule, countdown and away mode.
 *
 *     schedule    {"id","name","enable","repeat","wday":[7],"stime_opt","smin","soffset","sact",
 *                  "etime_opt","emin","eoffset","eact","year","month","day"}
 *     countdown   {"id","name","enable","delay" s,"act","remain" s}, one at most
 *     away        as schedule, without actions, with "frequency"
 *
 * Shapes: recordings of KP105 and KL110B, and what the vendor's app sends. Real rules carry only
 * some of the members: all but id are optional. Ids are the device's. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_RULES_H
#define PLUG_PROTOCOL_RULES_H

#include "protocol/error.h"
#include "protocol/family.h"
#include "protocol/reply.h"
#include "protocol/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plug_rule_kind { PLUG_RULE_SCHEDULE, PLUG_RULE_COUNTDOWN, PLUG_RULE_AWAY };

enum {
	PLUG_RULES_MAX = 128, /* no device was seen keeping as many */
	PLUG_RULE_ID_BYTES = 65,
	PLUG_RULE_NAME_BYTES = 65,
	PLUG_DAYS = 7, /* of a week, Sunday first */
};

/* The values are the devices' own. */
enum plug_moment_kind {
	PLUG_MOMENT_NONE = -1,
	PLUG_MOMENT_CLOCK,
	PLUG_MOMENT_SUNRISE,
	PLUG_MOMENT_SUNSET,
};

enum {
	PLUG_ACTION_NONE = -1,
	PLUG_ACTION_OFF,
	PLUG_ACTION_ON,
	/* from here on bulbs and dimmers apply values that struct plug_rule does not hold */
	PLUG_ACTION_LIGHT,
};

struct plug_moment {
	int kind;
	int minute; /* after local midnight, 0 to 1439; for the sun what the device made of it */
	int offset_minutes; /* to sunrise or sunset, may be negative */
};

struct plug_rule {
	char id[PLUG_RULE_ID_BYTES]; /* "" while the device has not given one */
	char name[PLUG_RULE_NAME_BYTES];
	bool is_enabled;
	bool is_weekly; /* on days, otherwise once on year, month, day */
	bool days[PLUG_DAYS];
	int year, month, day;
	struct plug_moment start, end;
	int start_action, end_action; /* countdown: start_action */
	int64_t delay_s, remain_s;    /* countdown */
};

struct plug_rules {
	bool has_switch; /* the list as a whole can be on or off */
	bool is_enabled;
	size_t count;
	struct plug_rule rules[PLUG_RULES_MAX];
};

/* "schedule", "count_down", "anti_theft", and what bulbs call them. Static. */
const char *plug_rule_module(enum plug_rule_kind kind, enum plug_family family);

/* Whose rules. child_id is one outlet of a strip, or NULL. */
struct plug_rule_ask {
	enum plug_rule_kind kind;
	enum plug_family family;
	const char *child_id;
};

/* Methods get_rules, add_rule, edit_rule, delete_rule, delete_all_rules, set_overall_enable.
 * add_rule must not be sent twice. edit_rule replaces the whole rule. Each returns PLUG_OK,
 * PLUG_ETOOBIG, or PLUG_EINVAL for a rule that cannot be, or that holds values for a light. */
enum plug_error plug_request_rules(struct plug_request *request, const struct plug_rule_ask *ask);
enum plug_error plug_request_add_rule(struct plug_request *request, const struct plug_rule_ask *ask,
	const struct plug_rule *rule);
enum plug_error plug_request_edit_rule(struct plug_request *request,
	const struct plug_rule_ask *ask, const struct plug_rule *rule);
enum plug_error plug_request_delete_rule(
	struct plug_request *request, const struct plug_rule_ask *ask, const char *id);
enum plug_error plug_request_delete_rules(
	struct plug_request *request, const struct plug_rule_ask *ask);
enum plug_error plug_request_enable_rules(
	struct plug_request *request, const struct plug_rule_ask *ask, bool is_enabled);

/* Reads the answer of plug_request_rules. PLUG_EPROTO when there is no list, more than
 * PLUG_RULES_MAX, or a rule without an id; otherwise as plug_reply_method. *rules is empty on
 * failure. */
enum plug_error plug_reply_rules(
	const struct plug_reply *reply, const struct plug_rule_ask *ask, struct plug_rules *rules);

/* Reads one rule in the device's own words, as in the list above. False without an id that fits. */
bool plug_rule_read(struct json_object *object, enum plug_rule_kind kind, struct plug_rule *rule);

/* True when the rule can be sent: it names a day and an action, and no values for a light. */
bool plug_rule_is_possible(enum plug_rule_kind kind, const struct plug_rule *rule);

/* Texts for people. Each parser returns false and leaves zeroes when the text is something else.
 *   moment   08:30, sunrise, sunset-30m, sunset+1h, sunrise+1h30m
 *   days     mon-fri, sat,sun, fri-mon (over the end of the week), daily
 *   span     90s, 30m, 2h, 1h30m, 90 (seconds); in seconds, 1 to 86,400
 *   date     2026-12-24 into year, month and day of the rule */
bool plug_moment_parse(const char *text, struct plug_moment *moment);
bool plug_days_parse(const char *text, bool days[static PLUG_DAYS]);
bool plug_span_parse(const char *text, int64_t *seconds);
bool plug_date_parse(const char *text, struct plug_rule *rule);

enum { PLUG_RULE_TEXT_BYTES = 48 };

/* "08:30"; "sunset-30m" with the minute that the device made of it as in "sunset-30m (17:07)"; ""
 * for none. */
void plug_moment_format(const struct plug_moment *moment, char text[static PLUG_RULE_TEXT_BYTES]);

/* "mon-fri", "sat,sun", "daily", "never"; "2026-12-24" for a rule that acts once. */
void plug_rule_days_format(const struct plug_rule *rule, char text[static PLUG_RULE_TEXT_BYTES]);

#endif

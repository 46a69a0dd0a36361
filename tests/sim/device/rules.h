/* rules.h - what an outlet was told to do by itself: schedule, away mode, countdown.
 *
 *     {"id":"<32 hex>","name":"open","enable":1,"wday":[0,1,1,1,1,1,0],"smin":510,"sact":1,...}
 *     {"id":"<32 hex>","name":"x","enable":1,"delay":1800,"act":1,"remain":1795}
 *
 * Rules are kept as they came and given back with an id. Countdowns and schedules are carried out;
 * the away mode is stored only. No clock here: time is an argument. */
#ifndef SIM_DEVICE_RULES_H
#define SIM_DEVICE_RULES_H

#include "tests/sim/device/agenda.h"
#include "tests/sim/device/text.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

enum sim_rule_kind { SIM_SCHEDULE, SIM_AWAY, SIM_COUNTDOWN, SIM_RULE_KINDS };

enum { SIM_RULES_MAX = 32 };

struct sim_rules;

/* Gives an empty set (free with sim_rules_free); seed makes the ids. */
struct sim_rules *sim_rules_new(uint64_t seed);
void sim_rules_free(struct sim_rules *rules);

/* The following return 0 or the err_code of a device: -3, -10, -14. Where rules may be NULL there
 * are none. */

/* Gives rule an "id" and keeps a copy of it. */
int sim_rules_add(
	struct sim_rules *rules, enum sim_rule_kind kind, struct json_object *rule, int64_t now_ms);
int sim_rules_edit(
	struct sim_rules *rules, enum sim_rule_kind kind, struct json_object *rule, int64_t now_ms);
int sim_rules_delete(struct sim_rules *rules, enum sim_rule_kind kind, const char *id);
void sim_rules_delete_all(struct sim_rules *rules, enum sim_rule_kind kind);
void sim_rules_enable(struct sim_rules *rules, enum sim_rule_kind kind, bool is_enabled);

/* Adds "rule_list":[...],"enable":... to out. moment is that of the device: rules that go by the
 * sun tell their minute of that day, a countdown what remains. */
void sim_rules_list(struct sim_rules *rules, enum sim_rule_kind kind,
	const struct sim_moment *moment, struct sim_text *out);

/* Finds out anew what the schedule does after the moment. */
void sim_rules_plan(struct sim_rules *rules, const struct sim_moment *moment);

/* What happens by itself. */
struct sim_next {
	int64_t at_ms;
	enum sim_rule_kind kind; /* SIM_COUNTDOWN or SIM_SCHEDULE */
	int32_t action;		 /* as in struct sim_deed */
	const char *id;		 /* of the rule, borrowed until the next change */
	struct json_object *rule;
	bool is_end; /* of a rule of the schedule */
};

/* The first of it; false when there is nothing. */
bool sim_rules_next(const struct sim_rules *rules, struct sim_next *next);

/* When that is, INT64_MAX for never. */
int64_t sim_rules_due_ms(const struct sim_rules *rules);

/* Ends the countdown, which is what sim_rules_next told of; a schedule is planned anew. */
void sim_rules_end_countdown(struct sim_rules *rules);

/* Whether rules of that kind are there that may do something. */
bool sim_rules_are_active(const struct sim_rules *rules, enum sim_rule_kind kind);

#endif

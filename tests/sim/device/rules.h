/* rules.h - what an outlet was told to do by itself: schedule, away mode, countdown.
 *
 *     {"id":"<32 hex>","name":"open","enable":1,"wday":[0,1,1,1,1,1,0],"smin":510,"sact":1,...}
 *     {"id":"<32 hex>","name":"x","enable":1,"delay":1800,"act":1,"remain":1795}
 *
 * Rules are kept as they came and given back with an id. Countdowns are carried out; schedules and
 * the away mode are stored only. No clock here: time is an argument. */
#ifndef SIM_DEVICE_RULES_H
#define SIM_DEVICE_RULES_H

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

/* Adds "rule_list":[...],"enable":... to out. */
void sim_rules_list(const struct sim_rules *rules, enum sim_rule_kind kind, int64_t now_ms,
	struct sim_text *out);

/* When the countdown ends, INT64_MAX without one. */
int64_t sim_rules_due_ms(const struct sim_rules *rules);

/* Ends the countdown and tells what it does with the outlet. */
bool sim_rules_take_due(struct sim_rules *rules);

#endif

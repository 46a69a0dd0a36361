/* schedule, anti_theft and count_down: one set of rules each, for each outlet. */
#include "protocol/json.h"
#include "tests/sim/methods/handlers.h"

enum { SEED_RULES = 7 };

static struct sim_outlet *outlet_of(struct sim_call *call)
{
	return &call->device->outlets[call->outlet];
}

/* Made when the first rule comes: most outlets never have one. */
static struct sim_rules *rules_of(struct sim_call *call)
{
	struct sim_outlet *outlet = outlet_of(call);

	if (!outlet->rules) {
		outlet->rules = sim_rules_new(outlet->meter.seed + SEED_RULES);
	}
	return outlet->rules;
}

int sim_get_rules(struct sim_call *call)
{
	sim_rules_list(outlet_of(call)->rules, call->method->rules, call->step->now_ms, call->out);
	return SIM_OK;
}

int sim_add_rule(struct sim_call *call)
{
	const char *id = NULL;
	int error = SIM_INVALID_ARGUMENT;

	if (call->arguments) {
		error = sim_rules_add(
			rules_of(call), call->method->rules, call->arguments, call->step->now_ms);
	}
	if (error == SIM_OK && plug_json_string(call->arguments, "id", &id)) {
		sim_text_string(call->out, "id", id);
	}
	return error;
}

int sim_edit_rule(struct sim_call *call)
{
	return sim_rules_edit(
		rules_of(call), call->method->rules, call->arguments, call->step->now_ms);
}

int sim_delete_rule(struct sim_call *call)
{
	const char *id = NULL;

	if (!plug_json_string(call->arguments, "id", &id)) {
		return SIM_INVALID_ARGUMENT;
	}
	return sim_rules_delete(rules_of(call), call->method->rules, id);
}

int sim_delete_all_rules(struct sim_call *call)
{
	sim_rules_delete_all(rules_of(call), call->method->rules);
	return SIM_OK;
}

int sim_set_overall_enable(struct sim_call *call)
{
	bool is_enabled = false;

	if (!plug_json_flag(call->arguments, "enable", &is_enabled)) {
		return SIM_INVALID_ARGUMENT;
	}
	sim_rules_enable(rules_of(call), call->method->rules, is_enabled);
	return SIM_OK;
}

/* Schedules are stored, not carried out: there is never a next action. */
int sim_get_next_action(struct sim_call *call)
{
	if (!call->device->is_clock_set) {
		return SIM_TIME_NOT_SYNC;
	}
	sim_text_int(call->out, "type", -1);
	return SIM_OK;
}

/* schedule, anti_theft and count_down: one set of rules each, for each outlet. */
#include "protocol/json.h"
#include "tests/sim/device/calendar.h"
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
	const struct sim_moment moment = sim_device_moment(call->device, call->step->now_ms);

	sim_rules_list(outlet_of(call)->rules, call->method->rules, &moment, call->out);
	return SIM_OK;
}

/* What was changed may bring something else next. */
static int planned(struct sim_call *call, int error)
{
	sim_device_plan(call->device, call->step->now_ms);
	return error;
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
	return planned(call, error);
}

int sim_edit_rule(struct sim_call *call)
{
	return planned(call, sim_rules_edit(rules_of(call), call->method->rules, call->arguments,
				     call->step->now_ms));
}

int sim_delete_rule(struct sim_call *call)
{
	const char *id = NULL;

	if (!plug_json_string(call->arguments, "id", &id)) {
		return SIM_INVALID_ARGUMENT;
	}
	return planned(call, sim_rules_delete(rules_of(call), call->method->rules, id));
}

int sim_delete_all_rules(struct sim_call *call)
{
	sim_rules_delete_all(rules_of(call), call->method->rules);
	return planned(call, SIM_OK);
}

int sim_set_overall_enable(struct sim_call *call)
{
	bool is_enabled = false;

	if (!plug_json_flag(call->arguments, "enable", &is_enabled)) {
		return SIM_INVALID_ARGUMENT;
	}
	sim_rules_enable(rules_of(call), call->method->rules, is_enabled);
	return planned(call, SIM_OK);
}

/* A countdown is told of here too. */
int sim_get_next_action(struct sim_call *call)
{
	if (!call->device->is_clock_set) {
		return SIM_TIME_NOT_SYNC;
	}
	sim_add_next_action(call, call->outlet, "schd_time");
	return SIM_OK;
}

void sim_add_next_action(struct sim_call *call, size_t outlet, const char *time_key)
{
	enum { NOTHING = -1, SCHEDULED = 1, COUNTED_DOWN = 2 };
	struct sim_text *out = call->out;
	struct sim_next next;

	if (!sim_device_next(call->device, outlet, &next)) {
		sim_text_int(out, "type", NOTHING);
		return;
	}
	sim_text_int(out, "type", next.kind == SIM_COUNTDOWN ? COUNTED_DOWN : SCHEDULED);
	sim_text_string(out, "id", next.id ? next.id : "");
	sim_text_int(
		out, time_key, sim_device_local_ms(call->device, next.at_ms) % SIM_DAY_MS / 1000);
	sim_text_int(out, "action", next.action);
}

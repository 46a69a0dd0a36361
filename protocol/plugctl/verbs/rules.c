/* schedule, countdown, away: what a device does by itself. Every change is followed by the list as
 * the device tells it then. */
#include "protocol/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "protocol/due.h"
#include "protocol/json.h"
#include "protocol/plugctl/job.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/verbs/rules.h"
#include "protocol/plugctl/verbs/verbs.h"

static struct plug_rule_ask who(const struct job *job)
{
	return (struct plug_rule_ask) { rules_kind(job->command), job->info.family,
		job_child_id(job) };
}

static struct plug_method rule_method(const struct job *job, const char *method)
{
	return (struct plug_method) { plug_rule_module(rules_kind(job->command), job->info.family),
		method };
}

static bool is_word(const struct job *job, const char *word)
{
	return strcmp(job->command->word, word) == 0;
}

static const char *action_name(int action)
{
	static const char *const names[] = { "nothing", "off", "on" };

	/* Bulbs and dimmers also set brightness and colour. */
	return action < PLUG_ACTION_LIGHT ? names[action - PLUG_ACTION_NONE] : "light";
}

static void put_moments(struct json_object *row, const struct plug_rule *rule)
{
	char text[PLUG_RULE_TEXT_BYTES];

	plug_moment_format(&rule->start, text);
	output_text(row, "start", text);
	plug_moment_format(&rule->end, text);
	if (text[0] != '\0') {
		output_text(row, "end", text);
	}
	plug_rule_days_format(rule, text);
	output_text(row, "days", text);
}

static void put_rule(struct job *job, const struct plug_rules *rules, size_t index)
{
	const struct plug_rule *rule = &rules->rules[index];
	struct json_object *row = job_row(job);

	output_int(row, "rule", (int64_t)index + 1);
	output_flag(row, "enabled", rule->is_enabled);
	output_flag(row, "active", rule->is_enabled && (!rules->has_switch || rules->is_enabled));
	if (rules_kind(job->command) != PLUG_RULE_AWAY) {
		output_text(row, "do", action_name(rule->start_action));
	}
	if (rules_kind(job->command) == PLUG_RULE_COUNTDOWN) {
		output_int(row, "delay_s", rule->delay_s);
		output_int(row, "remain_s", rule->remain_s);
	} else {
		put_moments(row, rule);
	}
	if (rules_kind(job->command) == PLUG_RULE_SCHEDULE && rule->end.kind != PLUG_MOMENT_NONE) {
		output_text(row, "then", action_name(rule->end_action));
	}
	output_text(row, "title", rule->name);
	output_text(row, "id", rule->id);
}

/* False when the job has failed. */
static bool read_rules(struct job *job, const struct plug_reply *reply, struct plug_rules *rules)
{
	const struct plug_rule_ask ask = who(job);
	enum plug_error error;

	if (!job_answer(job, reply, rule_method(job, "get_rules"))) {
		return false;
	}
	error = plug_reply_rules(reply, &ask, rules);
	if (error != PLUG_OK) {
		job_fail_error(job, error);
	}
	return error == PLUG_OK;
}

static void start_outlet(struct job *job);

static void next_outlet(struct job *job)
{
	job->outlet++;
	if (job->outlet == job->outlet_end) {
		job_done(job);
	} else {
		start_outlet(job);
	}
}

/* A rule that was enabled does nothing as long as its list is not. */
static void advise(const struct job *job, const struct plug_rules *rules)
{
	if (is_word(job, "enable") && rules->has_switch && !rules->is_enabled) {
		fprintf(stderr,
			"plugctl: %s: the list as a whole is disabled: plugctl %s enable %s\n",
			job->target->name, job->command->verb->name, job->target->name);
	}
}

static void on_list(struct job *job, const struct plug_reply *reply)
{
	struct plug_rules *rules = memory_new(1, sizeof *rules);

	if (read_rules(job, reply, rules)) {
		job_rows(job);
		advise(job, rules);
		for (size_t i = 0; i < rules->count; i++) {
			put_rule(job, rules, i);
		}
		next_outlet(job);
	}
	free(rules);
}

static void ask_rules(struct job *job, job_answer_cb *then)
{
	const struct plug_rule_ask ask = who(job);
	struct plug_request request;

	job_ask(job, plug_request_rules(&request, &ask), &request, then);
}

static void after(struct job *job, const struct plug_reply *reply, const char *method)
{
	if (job_answer(job, reply, rule_method(job, method))) {
		ask_rules(job, on_list);
	}
}

static void on_added(struct job *job, const struct plug_reply *reply)
{
	after(job, reply, "add_rule");
}

static void on_edited(struct job *job, const struct plug_reply *reply)
{
	after(job, reply, "edit_rule");
}

static void on_deleted(struct job *job, const struct plug_reply *reply)
{
	after(job, reply, "delete_rule");
}

static void on_cleared(struct job *job, const struct plug_reply *reply)
{
	after(job, reply, "delete_all_rules");
}

static void on_enabled(struct job *job, const struct plug_reply *reply)
{
	after(job, reply, "set_overall_enable");
}

static void add(struct job *job);

/* A device that does not tell its time does not get a worse rule for it. */
static void on_clock(struct job *job, const struct plug_reply *reply)
{
	struct plug_time time;

	if (plug_reply_time(reply, job->info.family, &time) == PLUG_OK) {
		job_check_clock(job, &time);
	}
	add(job);
}

static void ask_clock(struct job *job)
{
	struct plug_request request;

	job_ask(job, plug_request_time(&request, job->info.family), &request, on_clock);
}

static void add(struct job *job)
{
	const struct plug_rule_ask ask = who(job);
	struct plug_request request;

	job_ask_once(job, plug_request_add_rule(&request, &ask, &job->command->rule), &request,
		on_added);
}

static void on_old_countdown_gone(struct job *job, const struct plug_reply *reply)
{
	if (job_answer(job, reply, rule_method(job, "delete_all_rules"))) {
		add(job);
	}
}

static void delete_all(struct job *job, job_answer_cb *then)
{
	const struct plug_rule_ask ask = who(job);
	struct plug_request request;

	job_ask(job, plug_request_delete_rules(&request, &ask), &request, then);
}

/* There is room for one countdown, and one that has ended still takes it. */
static void on_countdowns(struct job *job, const struct plug_reply *reply)
{
	struct plug_rules *rules = memory_new(1, sizeof *rules);

	if (!read_rules(job, reply, rules)) {
		free(rules);
		return;
	}
	for (size_t i = 0; i < rules->count; i++) {
		if (rules->rules[i].is_enabled) {
			job_fail(job, "counts down already, %lld s are left: clear it first",
				(long long)rules->rules[i].remain_s);
			free(rules);
			return;
		}
	}
	if (rules->count > 0) {
		delete_all(job, on_old_countdown_gone);
	} else {
		add(job);
	}
	free(rules);
}

/* By number in the list, from 1 on, or by id. */
static struct plug_rule *find_rule(struct plug_rules *rules, const char *wanted)
{
	for (size_t i = 0; i < rules->count; i++) {
		char number[24];

		(void)snprintf(number, sizeof number, "%zu", i + 1);
		if (strcmp(number, wanted) == 0 || strcasecmp(rules->rules[i].id, wanted) == 0) {
			return &rules->rules[i];
		}
	}
	return NULL;
}

static void change(struct job *job, struct plug_rule *rule)
{
	const struct plug_rule_ask ask = who(job);
	struct plug_request request;

	if (is_word(job, "delete")) {
		/* The second time there would be no such rule. */
		job_ask_once(job, plug_request_delete_rule(&request, &ask, rule->id), &request,
			on_deleted);
		return;
	}
	if (rule->start_action >= PLUG_ACTION_LIGHT || rule->end_action >= PLUG_ACTION_LIGHT) {
		job_fail(job,
			"rule %s sets values of a light, which would be lost: delete it and "
			"add another",
			job->command->values[OPTION_RULE]);
		return;
	}
	if (is_word(job, "edit")) {
		rules_apply(job->command, rule);
	} else {
		rule->is_enabled = is_word(job, "enable");
	}
	job_ask(job, plug_request_edit_rule(&request, &ask, rule), &request, on_edited);
}

static void on_rules_to_change(struct job *job, const struct plug_reply *reply)
{
	const char *wanted = job->command->values[OPTION_RULE];
	struct plug_rules *rules = memory_new(1, sizeof *rules);
	struct plug_rule *rule;

	if (read_rules(job, reply, rules)) {
		rule = find_rule(rules, wanted);
		if (rule) {
			change(job, rule);
		} else {
			job_fail(job, "has no rule '%s'; it has %zu", wanted, rules->count);
		}
	}
	free(rules);
}

static void enable_all(struct job *job)
{
	const struct plug_rule_ask ask = who(job);
	struct plug_request request;

	job_ask(job, plug_request_enable_rules(&request, &ask, is_word(job, "enable")), &request,
		on_enabled);
}

/* As a row of its own among the rules: what is due, and when. */
static void put_next(struct job *job, const struct plug_due *next)
{
	struct json_object *row = job_row(job);
	const struct plug_moment moment = { PLUG_MOMENT_CLOCK, (int)(next->at_s / 60), 0 };
	char text[PLUG_RULE_TEXT_BYTES];

	if (next->has_moment) {
		plug_moment_format(&moment, text);
		output_text(row, "start", text);
	}
	output_text(row, "do", action_name(next->action));
	if (next->id) {
		output_text(row, "id", next->id);
	}
}

static void on_next(struct job *job, const struct plug_reply *reply)
{
	struct plug_due next;
	enum plug_error error;

	if (!job_answer(job, reply, plug_due_method(job->info.family))) {
		return;
	}
	error = plug_reply_due(reply, job->info.family, &next);
	if (error != PLUG_OK) {
		job_fail_error(job, error);
		return;
	}
	job_rows(job);
	if (next.is_due) {
		put_next(job, &next);
	}
	next_outlet(job);
}

static void ask_next(struct job *job)
{
	struct plug_request request;

	job_ask(job, plug_request_due(&request, job->info.family, job_child_id(job)), &request,
		on_next);
}

static void start_outlet(struct job *job)
{
	const bool is_countdown = rules_kind(job->command) == PLUG_RULE_COUNTDOWN;

	if (is_word(job, "list")) {
		ask_rules(job, on_list);
	} else if (is_word(job, "next")) {
		ask_next(job);
	} else if (is_word(job, "clear")) {
		delete_all(job, on_cleared);
	} else if (is_word(job, "add") && is_countdown) {
		ask_rules(job, on_countdowns);
	} else if (is_word(job, "add")) {
		ask_clock(job);
	} else if (command_has(job->command, OPTION_RULE)) {
		ask_rules(job, on_rules_to_change);
	} else {
		enable_all(job);
	}
}

static void start_rules(struct job *job)
{
	if (is_word(job, "list") || is_word(job, "next") || job_chose_outlet(job)) {
		start_outlet(job);
	}
}

static const struct output_column rule_columns[] = {
	{ .key = "rule" },
	{ .key = "active", .words = "active/inactive" },
	{ .key = "do" },
	{ .key = "start" },
	{ .key = "then", .label = "then" },
	{ .key = "end" },
	{ .key = "days" },
	{ .key = "delay_s", .label = "after", .unit = "s" },
	{ .key = "remain_s", .unit = "s left" },
	{ .key = "title" },
	{ .key = "id" },
	{ 0 },
};

static const char *const schedule_words[] = { "list", "next", "add", "edit", "delete", "clear",
	"enable", "disable", NULL };

static const char *const rule_words[] = { "list", "add", "edit", "delete", "clear", "enable",
	"disable", NULL };

const struct verb verb_schedule = {
	.name = "schedule",
	.words = schedule_words,
	.options = OPTION_BIT(AT) | OPTION_BIT(DO) | OPTION_BIT(DAYS) | OPTION_BIT(DATE) |
		   OPTION_BIT(NAME) | OPTION_BIT(RULE) | OPTION_BIT(YES),
	.help = "switch at times of the day",
	.prepare = rules_prepare,
	.start = start_rules,
	.columns = rule_columns,
	.rows_key = "rules",
};

const struct verb verb_countdown = {
	.name = "countdown",
	.words = rule_words,
	.options = OPTION_BIT(IN) | OPTION_BIT(DO) | OPTION_BIT(NAME) | OPTION_BIT(RULE) |
		   OPTION_BIT(YES),
	.help = "switch once, after a while; a device has room for one",
	.prepare = rules_prepare,
	.start = start_rules,
	.columns = rule_columns,
	.rows_key = "rules",
};

const struct verb verb_away = {
	.name = "away",
	.words = rule_words,
	.options = OPTION_BIT(FROM) | OPTION_BIT(TO) | OPTION_BIT(DAYS) | OPTION_BIT(DATE) |
		   OPTION_BIT(NAME) | OPTION_BIT(RULE) | OPTION_BIT(YES),
	.help = "switch as if somebody were there",
	.prepare = rules_prepare,
	.start = start_rules,
	.columns = rule_columns,
	.rows_key = "rules",
};

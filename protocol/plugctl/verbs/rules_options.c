#include "protocol/plugctl/verbs/rules.h"

#include <string.h>

#include "protocol/plugctl/hostclock.h"
#include "protocol/plugctl/terminal/confirm.h"
#include "protocol/plugctl/verbs/verbs.h"

/* How each option changes a rule; false when its text says nothing. */
static bool take_at(const char *text, struct plug_rule *rule)
{
	return plug_moment_parse(text, &rule->start);
}

static bool take_to(const char *text, struct plug_rule *rule)
{
	return plug_moment_parse(text, &rule->end);
}

static bool take_days(const char *text, struct plug_rule *rule)
{
	rule->is_weekly = true;
	return plug_days_parse(text, rule->days);
}

static bool take_date(const char *text, struct plug_rule *rule)
{
	rule->is_weekly = false;
	memset(rule->days, 0, sizeof rule->days);
	return plug_date_parse(text, rule);
}

/* Not in vain. */
static bool is_still_to_come(const struct command *command)
{
	struct plug_rule rule = { 0 };

	return !command_has(command, OPTION_DATE) ||
	       !take_date(command->values[OPTION_DATE], &rule) ||
	       !hostclock_is_past(rule.year, rule.month, rule.day) ||
	       command_complain(command, "--date %s is over", command->values[OPTION_DATE]);
}

static bool take_action(const char *text, struct plug_rule *rule)
{
	rule->start_action = strcmp(text, "on") == 0 ? PLUG_ACTION_ON : PLUG_ACTION_OFF;
	return rule->start_action == PLUG_ACTION_ON || strcmp(text, "off") == 0;
}

static bool take_span(const char *text, struct plug_rule *rule)
{
	return plug_span_parse(text, &rule->delay_s);
}

static bool take_name(const char *text, struct plug_rule *rule)
{
	const size_t size = strlen(text);

	if (size >= sizeof rule->name) {
		return false;
	}
	memcpy(rule->name, text, size + 1);
	return true;
}

static const struct part {
	enum plugctl_option option;
	bool (*take)(const char *text, struct plug_rule *rule);
	const char *name;
	const char *form;
} parts[] = {
	{ OPTION_AT, take_at, "at", "08:30, sunrise or sunset-30m" },
	{ OPTION_FROM, take_at, "from", "18:00, sunset or sunset+15m" },
	{ OPTION_TO, take_to, "to", "23:00, sunrise or sunrise-1h" },
	{ OPTION_DO, take_action, "do", "on or off" },
	{ OPTION_DAYS, take_days, "days", "mon-fri, sat,sun or daily" },
	{ OPTION_DATE, take_date, "date", "a day as 2026-12-24" },
	{ OPTION_IN, take_span, "in", "90s, 30m or 2h, up to 24h" },
	{ OPTION_NAME, take_name, "name", "up to 64 bytes" },
};
enum { PART_COUNT = sizeof parts / sizeof parts[0] };

/* What may follow each word. */
static const struct word {
	const char *name;
	bool takes_parts;
	bool needs_rule, takes_rule;
} words[] = {
	{ "list", false, false, false },
	{ "next", false, false, false },
	{ "add", true, false, false },
	{ "edit", true, true, true },
	{ "delete", false, true, true },
	{ "clear", false, false, false },
	{ "enable", false, false, true },
	{ "disable", false, false, true },
};

static const struct word *word_of(const struct command *command)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i].name, command->word) == 0) {
			return &words[i];
		}
	}
	return &words[0];
}

enum plug_rule_kind rules_kind(const struct command *command)
{
	if (command->verb == &verb_countdown) {
		return PLUG_RULE_COUNTDOWN;
	}
	return command->verb == &verb_away ? PLUG_RULE_AWAY : PLUG_RULE_SCHEDULE;
}

void rules_apply(const struct command *command, struct plug_rule *rule)
{
	for (size_t i = 0; i < PART_COUNT; i++) {
		const char *text = command->values[parts[i].option];

		if (text) {
			(void)parts[i].take(text, rule); /* checked by rules_prepare */
		}
	}
}

static bool check_parts(const struct command *command, const struct word *word, size_t *count)
{
	struct plug_rule scratch = { 0 };

	*count = 0;
	for (size_t i = 0; i < PART_COUNT; i++) {
		const char *text = command->values[parts[i].option];

		if (!text) {
			continue;
		}
		if (!word->takes_parts) {
			return command_complain(
				command, "%s does not take --%s", word->name, parts[i].name);
		}
		if (!parts[i].take(text, &scratch)) {
			return command_complain(command, "--%s takes %s, not '%s'", parts[i].name,
				parts[i].form, text);
		}
		(*count)++;
	}
	return true;
}

static bool has_all(
	const struct command *command, const enum plugctl_option *needed, size_t needed_count)
{
	for (size_t i = 0; i < needed_count; i++) {
		if (!command_has(command, needed[i])) {
			return false;
		}
	}
	return true;
}

/* A new rule is on, and at no time ends anything. */
static bool make_rule(struct command *command)
{
	static const enum plugctl_option schedule[] = { OPTION_AT, OPTION_DO };
	static const enum plugctl_option countdown[] = { OPTION_IN, OPTION_DO };
	static const enum plugctl_option away[] = { OPTION_FROM, OPTION_TO };
	static const struct need {
		const enum plugctl_option *options;
		bool needs_days;
		const char *words;
	} needs[] = {
		[PLUG_RULE_SCHEDULE] = { schedule, true, "--at, --do, and --days or --date" },
		[PLUG_RULE_COUNTDOWN] = { countdown, false, "--in and --do" },
		[PLUG_RULE_AWAY] = { away, true, "--from, --to, and --days or --date" },
	};
	const struct need *need = &needs[rules_kind(command)];
	const bool has_days =
		command_has(command, OPTION_DAYS) || command_has(command, OPTION_DATE);

	if (!has_all(command, need->options, 2) || (need->needs_days && !has_days)) {
		return command_complain(command, "add needs %s", need->words);
	}
	command->rule = (struct plug_rule) {
		.is_enabled = true,
		.end = { .kind = PLUG_MOMENT_NONE },
		.end_action = PLUG_ACTION_NONE,
	};
	rules_apply(command, &command->rule);
	return true;
}

bool rules_prepare(struct command *command)
{
	const struct word *word = word_of(command);
	size_t part_count;

	if (!check_parts(command, word, &part_count)) {
		return false;
	}
	if (command_has(command, OPTION_DAYS) && command_has(command, OPTION_DATE)) {
		return command_complain(command, "--days and --date: which?");
	}
	if (!is_still_to_come(command)) {
		return false;
	}
	/* There is one countdown, and no switch for all of them. */
	if (word->takes_rule && rules_kind(command) == PLUG_RULE_COUNTDOWN &&
		!command_has(command, OPTION_RULE)) {
		command->values[OPTION_RULE] = "1";
	}
	if (word->needs_rule && !command_has(command, OPTION_RULE)) {
		return command_complain(
			command, "%s needs --rule, a number from the list or an id", word->name);
	}
	if (!word->takes_rule && command_has(command, OPTION_RULE)) {
		return command_complain(command, "%s does not take --rule", word->name);
	}
	if (strcmp(word->name, "edit") == 0 && part_count == 0) {
		return command_complain(command, "edit needs something to change");
	}
	if (strcmp(word->name, "clear") == 0) {
		return confirm_several(command, "will lose all these rules");
	}
	return strcmp(word->name, "add") != 0 || make_rule(command);
}

/* replace: a new device in the place of a dead one, under the old name. */
#include "protocol/plugctl/replace/replace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "protocol/clock.h"
#include "protocol/plugctl/find/load.h"
#include "protocol/plugctl/find/where.h"
#include "protocol/plugctl/hostclock.h"
#include "protocol/plugctl/terminal/confirm.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/verbs/verbs.h"

enum { EXIT_USAGE = 2 };

/* How it ended. */
struct outcome {
	const struct plug_restore *restore;
	const char *configuration; /* "done", "failed", "not tried", "planned" */
	char *line;		   /* what is, or is to be, in it */
	char *backup;		   /* the file as it was; NULL: unchanged */
	char *problem;		   /* why not; NULL */
};

bool replace_complain(const struct replacement *replacement, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "plugctl: %s: ", replacement->device->name);
	va_start(arguments, format);
	(void)vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputs("\n", stderr);
	return false;
}

static const char *local_time(int zone, struct plug_time *time)
{
	const char *name = plug_zone_name(zone);

	*time = (struct plug_time) { 0 };
	return name && hostclock_now(name, time) ? NULL : "the time in that zone is not known here";
}

static bool find_device(struct replacement *replacement)
{
	const char *name = replacement->command->argument;
	bool is_outlet = false;

	replacement->device = config_replace_find(replacement->config, name, &is_outlet);
	if (!replacement->device) {
		return command_complain(
			replacement->command, "the configuration has no device '%s'", name);
	}
	return !is_outlet || command_complain(replacement->command,
				     "'%s' is an outlet: replace the strip it belongs to, '%s'",
				     name, replacement->device->name);
}

static size_t count_rules(const struct plug_snapshot *snapshot)
{
	size_t count = 0;

	for (size_t i = 0; i < snapshot->outlet_count; i++) {
		for (size_t kind = 0; kind < PLUG_RULE_KINDS; kind++) {
			count += snapshot->outlets[i].rules[kind].count +
				 snapshot->outlets[i].rules[kind].left_out;
		}
	}
	return count;
}

/* "as it is now", "as it was on 2026-11-21 at 03:00" (caller frees). */
static char *describe_source(const struct replacement *replacement)
{
	const time_t taken = (time_t)replacement->old.taken_s;
	char when[32] = "";
	struct tm parts;

	if (replacement->source == OLD_LIVE) {
		return memory_copy("as it is now");
	}
	if (replacement->source == OLD_GUESSED) {
		return memory_format("of which nothing but its names is known (%s; %s)",
			replacement->kept_problem,
			replacement->old_silence ? replacement->old_silence
						 : "the configuration gives no host for it");
	}
	if (localtime_r(&taken, &parts)) {
		(void)strftime(when, sizeof when, " on %Y-%m-%d at %H:%M", &parts);
	}
	return memory_format("as the bridge saw it%s", when);
}

/* "HS110(EU) 50:C7:BF:00:00:01" (caller frees). */
static char *describe(const struct plug_snapshot *snapshot, const uint8_t *mac)
{
	char *model = output_harmless(snapshot->model[0] != '\0' ? snapshot->model : "device");
	char text[PLUG_MAC_TEXT_BYTES] = "";
	char *whole;

	if (mac) {
		plug_mac_format(mac, text);
	}
	whole = memory_format("%s %s", model, mac ? text : "whose MAC is not known");
	free(model);
	return whole;
}

static char *make_question(const struct replacement *replacement, const struct outcome *outcome)
{
	uint8_t mac[PLUG_MAC_BYTES];
	const bool has_mac = replace_old_mac(replacement, mac);
	char *old = describe(&replacement->old, has_mac ? mac : NULL);
	char *new = describe(&replacement->new.snapshot, replacement->new.snapshot.mac);
	char *source = describe_source(replacement);
	const size_t lost = count_rules(&replacement->new.snapshot);
	char *question = memory_format("%s is %s, %s.\n"
				       "The %s at %s takes its place and gets its settings, with "
				       "%zu rules; the %zu it has "
				       "are deleted.\n"
				       "%s: %s%s%s",
		replacement->device->name, old, source, new, replacement->host,
		count_rules(&replacement->old), lost, replacement->command->values[OPTION_CONFIG],
		outcome->line, outcome->problem ? "\nThat is for you to write: " : "",
		outcome->problem ? outcome->problem : "");

	free(old);
	free(new);
	free(source);
	return question;
}

static void put_text(struct json_object *data, const char *key, const char *text)
{
	if (text && text[0] != '\0') {
		output_text(data, key, text);
	}
}

static struct json_object *make_device(const struct plug_snapshot *snapshot, const uint8_t *mac)
{
	struct json_object *data = memory_json(json_object_new_object());
	char text[PLUG_MAC_TEXT_BYTES];

	if (mac) {
		plug_mac_format(mac, text);
		output_text(data, "mac", text);
	}
	put_text(data, "model", snapshot->model);
	return data;
}

static void put_devices(struct json_object *data, const struct replacement *replacement)
{
	static const char *const sources[] = {
		[OLD_GUESSED] = "configuration", [OLD_KEPT] = "bridge", [OLD_LIVE] = "device"
	};
	const struct plug_snapshot *new = &replacement->new.snapshot;
	uint8_t mac[PLUG_MAC_BYTES];
	struct json_object *old =
		make_device(&replacement->old, replace_old_mac(replacement, mac) ? mac : NULL);
	struct json_object *made = make_device(new, new->mac);

	output_text(old, "known_from", sources[replacement->source]);
	json_object_object_add(data, "old", old);
	output_text(made, "host", replacement->host);
	output_int(made, "port", replacement->port);
	json_object_object_add(data, "new", made);
}

static void put_item(struct json_object *rows, const struct replacement *replacement,
	const struct plug_restore_item *item, bool is_plan)
{
	struct json_object *row = memory_json(json_object_new_object());
	const bool is_open = is_plan && item->result == PLUG_RESTORE_NOT_TRIED;

	if (item->outlet != PLUG_RESTORE_DEVICE &&
		replacement->new.snapshot.family == PLUG_FAMILY_STRIP) {
		char *name = memory_format("%s/%zu", replacement->device->name, item->outlet + 1);

		output_text(row, "name", name);
		output_int(row, "outlet", (int64_t)item->outlet + 1);
		free(name);
	}
	output_text(row, "item", plug_restore_what_name(item->what));
	output_text(row, "result", is_open ? "planned" : plug_restore_result_name(item->result));
	if (item->rules > 0) {
		output_int(row, "rules", (int64_t)item->rules);
	}
	if (item->left_out > 0) {
		output_int(row, "left_out", (int64_t)item->left_out);
	}
	put_text(row, "why", item->why);
	json_object_array_add(rows, row);
}

static void put_configuration(struct json_object *rows, const struct replacement *replacement,
	const struct outcome *outcome)
{
	struct json_object *row = memory_json(json_object_new_object());

	output_text(row, "item", "configuration");
	output_text(row, "result", outcome->configuration);
	output_text(row, "file", replacement->command->values[OPTION_CONFIG]);
	output_text(row, "line", outcome->line);
	put_text(row, "backup", outcome->backup);
	put_text(row, "why", outcome->problem);
	json_object_array_add(rows, row);
}

static struct json_object *make_report(
	const struct replacement *replacement, const struct outcome *outcome)
{
	struct json_object *data = memory_json(json_object_new_object());
	struct json_object *rows = memory_json(json_object_new_array());
	const bool is_plan = strcmp(outcome->configuration, "planned") == 0;

	put_devices(data, replacement);
	for (size_t i = 0; i < outcome->restore->item_count; i++) {
		put_item(rows, replacement, &outcome->restore->items[i], is_plan);
	}
	put_configuration(rows, replacement, outcome);
	json_object_object_add(data, "items", rows);
	return data;
}

static const struct output_column columns[] = {
	{ .key = "item" },
	{ .key = "result" },
	{ .key = "rules", .label = "rules:" },
	{ .key = "left_out", .label = "left out:" },
	{ .key = "why" },
	{ .key = "line" },
	{ 0 },
};

/* The usual object has an error in the place of the rows, but what was done is worth knowing. */
static void print_json(const struct output_result *result, bool is_done)
{
	struct json_object *line = memory_json(json_object_new_object());

	output_text(line, "target", result->name);
	output_flag(line, "ok", is_done);
	json_object_object_foreach(result->data, key, member)
	{
		json_object_object_add(line, key, json_object_get(member));
	}
	puts(json_object_to_json_string_ext(
		line, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(line);
}

static bool is_done(const struct outcome *outcome)
{
	return outcome->backup && plug_restore_count(outcome->restore, PLUG_RESTORE_FAILED) == 0;
}

static void print_report(const struct replacement *replacement, const struct outcome *outcome)
{
	const bool is_plan = strcmp(outcome->configuration, "planned") == 0;
	struct output output;
	const struct output_result result = { .name = replacement->device->name,
		.data = make_report(replacement, outcome) };

	output_init(&output, false, columns, "items");
	output_measure(&output, &result);
	if (command_has(replacement->command, OPTION_JSON)) {
		print_json(&result, is_plan || is_done(outcome));
	} else {
		output_print(&output, &result);
	}
	json_object_put(result.data);
}

static void change_configuration(struct replacement *replacement, struct outcome *outcome)
{
	const bool is_changed = config_edit_device(replacement->command->values[OPTION_CONFIG],
		replacement->device->name, replacement->changes.items, replacement->changes.count,
		&outcome->backup, &outcome->problem);

	outcome->configuration = is_changed ? "done" : "failed";
}

/* What there is to do by hand. */
static void advise(const struct replacement *replacement, const struct outcome *outcome)
{
	if (!plug_restore_is_whole(outcome->restore)) {
		replace_complain(replacement,
			"the new device did not get everything, so the configuration was not "
			"changed: try again, or write into it: %s",
			outcome->line);
	} else if (!outcome->backup) {
		replace_complain(replacement,
			"the configuration was not changed: write into it, and reload the bridge: "
			"%s",
			outcome->line);
	} else {
		fprintf(stderr,
			"plugctl: %s: now reload the bridge (systemctl reload plugbridge); the "
			"configuration as it was is %s\n",
			replacement->device->name, outcome->backup);
	}
	if (plug_restore_is_whole(outcome->restore) &&
		plug_restore_count(outcome->restore, PLUG_RESTORE_FAILED) > 0) {
		replace_complain(replacement,
			"the clock of the new device is not right: plugctl time sync %s",
			replacement->host);
	}
}

static int carry_out(
	struct replacement *replacement, struct plug_restore *restore, struct outcome *outcome)
{
	const struct carry_way way = { replacement->command, replacement->device->name,
		replacement->host, replacement->port };

	carry_write(&way, restore);
	if (plug_restore_is_whole(restore)) {
		free(outcome->problem);
		outcome->problem = NULL;
		change_configuration(replacement, outcome);
	} else {
		outcome->configuration = "not tried";
	}
	print_report(replacement, outcome);
	advise(replacement, outcome);
	return is_done(outcome) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int ask_and_carry_out(struct replacement *replacement, struct plug_restore *restore)
{
	struct outcome outcome = { .restore = restore, .configuration = "planned" };
	char *question;
	int status = EXIT_USAGE;

	outcome.line = config_patch_line(replacement->changes.items, replacement->changes.count);
	(void)config_edit_try(replacement->command->values[OPTION_CONFIG],
		replacement->device->name, replacement->changes.items, replacement->changes.count,
		&outcome.problem);
	question = make_question(replacement, &outcome);
	if (command_has(replacement->command, OPTION_DRY_RUN)) {
		fprintf(stderr, "%s\n", question);
		print_report(replacement, &outcome);
		status = EXIT_SUCCESS;
	} else {
		switch (confirm(replacement->command, question)) {
		case CONFIRM_YES:
			status = carry_out(replacement, restore, &outcome);
			break;
		case CONFIRM_NO:
			status = EXIT_FAILURE;
			break;
		default:
			break;
		}
	}
	free(question);
	free(outcome.line);
	free(outcome.backup);
	free(outcome.problem);
	return status;
}

static void plan_changes(struct replacement *replacement)
{
	uint8_t mac[PLUG_MAC_BYTES];
	const struct config_replacement change = { .host = replacement->host,
		.port = replacement->port,
		.mac = replacement->new.snapshot.mac,
		.old_mac = replace_old_mac(replacement, mac) ? mac : NULL,
		.is_searched = replacement->config->discovery.broadcast_count > 0 };

	config_replace_plan(&replacement->changes, replacement->device, &change);
}

/* Whoever may not write the file should know before anything else is done. */
static void try_configuration(const struct replacement *replacement)
{
	char *problem = NULL;

	if (!config_edit_try(replacement->command->values[OPTION_CONFIG], replacement->device->name,
		    NULL, 0, &problem)) {
		replace_complain(replacement,
			"the configuration cannot be changed from here (%s): you will get the "
			"line to write into it",
			problem);
	}
	free(problem);
}

static int replace(struct replacement *replacement)
{
	struct plug_restore *restore;
	int status = EXIT_FAILURE;

	try_configuration(replacement);
	replacement->now_s = (int64_t)time(NULL);
	replace_read_old(replacement);
	if (!replace_find_new(replacement)) {
		return status;
	}
	plan_changes(replacement);
	restore = memory_new(1, sizeof *restore);
	plug_restore_begin(
		restore, &(struct plug_restore_settings) { .from = &replacement->old,
				 .to = &replacement->new,
				 .local_time = local_time,
				 .age_s = (int64_t)time(NULL) - replacement->old.taken_s });
	status = ask_and_carry_out(replacement, restore);
	free(restore);
	return status;
}

static int run_replace(const struct command *command)
{
	struct replacement *replacement = memory_new(1, sizeof *replacement);
	int status = EXIT_USAGE;

	replacement->command = command;
	if (!command_has(command, OPTION_CONFIG)) {
		command_complain(command, "needs --config FILE, where the device has its name");
	} else if (where_port(command, &replacement->port) &&
		   load_config(command, &replacement->config) && find_device(replacement)) {
		status = replace(replacement);
	}
	plug_snapshot_clear(&replacement->old);
	plug_snapshot_clear(&replacement->new.snapshot);
	free(replacement->old_silence);
	free(replacement->kept_problem);
	free(replacement->host);
	config_free(replacement->config);
	free(replacement);
	return status;
}

const struct verb verb_replace = {
	.name = "replace",
	.argument = "NAME",
	.options = OPTION_BIT(WITH) | OPTION_BIT(DRY_RUN) | OPTION_BIT(YES),
	.help = "put a new device in the place of a dead one, under its name; asks first",
	.run = run_replace,
	.uses_general = true,
};

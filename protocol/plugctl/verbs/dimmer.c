/* brightness of dimmers and bulbs, and what dimmers have beyond it. */
#include "protocol/dimmer.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/light.h"
#include "protocol/plugctl/job.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/terminal/words.h"
#include "protocol/plugctl/verbs/verbs.h"

static const struct output_column brightness_columns[] = {
	{ .key = "brightness_percent", .unit = "%" },
	{ .key = "state" },
	{ 0 },
};

/* With a transition it may be on its way. */
static bool is_there(const struct job *job)
{
	return job->command->number == 0 || command_has(job->command, OPTION_TRANSITION) ||
	       job->info.brightness_percent == job->command->number;
}

static void put_brightness(struct job *job, const struct plug_reply *reply)
{
	(void)reply;
	if (!job->info.has_brightness) {
		job_fail(job, "cannot be dimmed");
		return;
	}
	if (!is_there(job)) {
		job_fail(job, "took the order, but is at %d %%", job->info.brightness_percent);
		return;
	}
	output_int(job_data(job), "brightness_percent", job->info.brightness_percent);
	output_text(job_data(job), "state", job->info.outlets[0].is_on ? "on" : "off");
	job_done(job);
}

static enum plug_error build_brightness(const struct job *job, struct plug_request *request)
{
	const enum plug_family family = job->info.family;
	const int percent = job->command->number;
	const int64_t duration_ms = (int64_t)job->command->pause_ms;

	if (!command_has(job->command, OPTION_TRANSITION)) {
		return plug_request_set_brightness(request, family, percent);
	}
	if (plug_family_is_light(family)) {
		return plug_request_light(request, family,
			&(struct plug_light_order) { .is_on = true,
				.brightness_percent = { true, percent },
				.transition_ms = { true, duration_ms } });
	}
	return plug_request_dimmer_transition(request, percent, (int)duration_ms);
}

/* A dimmer has a method of its own for a transition. */
static struct plug_method brightness_method(const struct job *job)
{
	return command_has(job->command, OPTION_TRANSITION) &&
			       !plug_family_is_light(job->info.family)
		       ? plug_dimmer_transition_method
		       : plug_brightness_method(job->info.family);
}

static void on_brightness_set(struct job *job, const struct plug_reply *reply)
{
	if (job_answer(job, reply, brightness_method(job))) {
		job_refresh(job, put_brightness);
	}
}

static void start_brightness(struct job *job)
{
	struct plug_request request;

	if (!job->info.has_brightness || job->command->number == 0) {
		put_brightness(job, NULL);
		return;
	}
	job_ask(job, build_brightness(job, &request), &request, on_brightness_set);
}

static bool prepare_brightness(struct command *command)
{
	const struct command_range percent = { OPTION_SET, 1, 100, 0 };
	const struct command_range transition = { OPTION_TRANSITION, 0, 3600, 0 };

	if (command_has(command, OPTION_TRANSITION) && !command_has(command, OPTION_SET)) {
		return command_complain(command, "--transition goes with --set");
	}
	return command_number(command, &percent, &command->number) &&
	       command_seconds(command, &transition, &command->pause_ms);
}

const struct verb verb_brightness = {
	.name = "brightness",
	.options = OPTION_BIT(SET) | OPTION_BIT(TRANSITION),
	.help = "of a dimmer or bulb, in percent; --set N changes it",
	.prepare = prepare_brightness,
	.start = start_brightness,
	.columns = brightness_columns,
	.is_whole = true,
};

static const struct output_column dimmer_columns[] = {
	{ .key = "minimum", .label = "minimum" },
	{ .key = "fade_on_ms", .label = "fade on", .unit = "ms" },
	{ .key = "fade_off_ms", .label = "off", .unit = "ms" },
	{ .key = "gentle_on_ms", .label = "gentle on", .unit = "ms" },
	{ .key = "gentle_off_ms", .label = "off", .unit = "ms" },
	{ .key = "ramp_rate", .label = "ramp rate" },
	{ .key = "double_click", .label = "double click" },
	{ .key = "long_press", .label = "long press" },
	{ 0 },
};

/* What --set takes, in the order of the enums of dimmer.h: numbers, then presses. */
static const char *const setting_names[] = { "minimum", "fade-on", "fade-off", "gentle-on",
	"gentle-off", "ramp-rate", "double-click", "long-press" };
enum { SETTING_COUNT = PLUG_DIMMER_NUMBER_COUNT + PLUG_DIMMER_PRESS_COUNT };
_Static_assert(SETTING_COUNT == sizeof setting_names / sizeof setting_names[0], "one name each");

struct setting {
	size_t index;
	const char *value;
};

/* False when text is not NAME=VALUE with a name that there is. */
static bool find_setting(const char *text, struct setting *setting)
{
	const size_t size = strcspn(text, "=");

	for (size_t i = 0; i < SETTING_COUNT && text[size] == '='; i++) {
		if (strlen(setting_names[i]) == size &&
			strncmp(setting_names[i], text, size) == 0) {
			*setting = (struct setting) { i, text + size + 1 };
			return true;
		}
	}
	return false;
}

static enum plug_error build_setting(
	struct plug_request *request, const struct setting *setting, struct plug_method *method)
{
	char *end = NULL;
	long number;

	if (setting->index >= PLUG_DIMMER_NUMBER_COUNT) {
		const enum plug_dimmer_press press =
			(enum plug_dimmer_press)(setting->index - PLUG_DIMMER_NUMBER_COUNT);

		*method = plug_dimmer_press_method(press);
		return plug_request_set_dimmer_press(request, press, setting->value);
	}
	*method = plug_dimmer_method((enum plug_dimmer_number)setting->index);
	number = strtol(setting->value, &end, 10);
	return end == setting->value || *end != '\0' || number < 0 ||
			       number > PLUG_DIMMER_TIME_MAX_MS
		       ? PLUG_EINVAL
		       : plug_request_set_dimmer(
				 request, (enum plug_dimmer_number)setting->index, (int)number);
}

static void on_behavior(struct job *job, const struct plug_reply *reply)
{
	struct plug_device_error device_error;
	struct plug_dimmer_behavior behavior;
	struct json_object *answer;
	const enum plug_error error = plug_reply_method(reply, plug_dimmer_behavior_method.module,
		plug_dimmer_behavior_method.method, &answer, &device_error);

	/* Older ones have no choice of it. */
	if (error != PLUG_OK && error != PLUG_EUNSUPPORTED) {
		job_fail_device(job, error, &device_error);
		return;
	}
	(void)plug_reply_dimmer_behavior(reply, &behavior);
	for (size_t i = 0; i < PLUG_DIMMER_PRESS_COUNT; i++) {
		if (behavior.modes[i]) {
			output_text(job_data(job), dimmer_columns[PLUG_DIMMER_NUMBER_COUNT + i].key,
				behavior.modes[i]);
		}
	}
	job_done(job);
}

static void on_dimmer(struct job *job, const struct plug_reply *reply)
{
	struct plug_request request;
	struct plug_dimmer dimmer;

	if (!job_answer(job, reply, plug_dimmer_get_method)) {
		return;
	}
	(void)plug_reply_dimmer(reply, &dimmer);
	for (size_t i = 0; i < PLUG_DIMMER_NUMBER_COUNT; i++) {
		if (dimmer.numbers[i].is_known) {
			output_int(job_data(job), dimmer_columns[i].key, dimmer.numbers[i].value);
		}
	}
	job_ask(job, plug_request_dimmer_behavior(&request), &request, on_behavior);
}

static void ask_dimmer(struct job *job)
{
	struct plug_request request;

	job_ask(job, plug_request_dimmer(&request), &request, on_dimmer);
}

static void on_setting(struct job *job, const struct plug_reply *reply)
{
	struct plug_request request;
	struct plug_method method;
	struct setting setting;

	if (find_setting(job->command->values[OPTION_SET], &setting) &&
		build_setting(&request, &setting, &method) == PLUG_OK &&
		job_answer(job, reply, method)) {
		ask_dimmer(job);
	}
}

static void start_dimmer(struct job *job)
{
	const char *text = job->command->values[OPTION_SET];
	struct plug_request request;
	struct plug_method method;
	struct setting setting;

	if (job->info.family != PLUG_FAMILY_DIMMER) {
		job_fail(job, "is a %s, not a dimmer", plug_family_traits(job->info.family)->name);
	} else if (text && find_setting(text, &setting)) {
		job_ask(job, build_setting(&request, &setting, &method), &request, on_setting);
	} else {
		ask_dimmer(job);
	}
}

static bool complain_of_name(const struct command *command, const char *text)
{
	char *name = memory_format("%.*s", (int)strcspn(text, "="), text);
	const char *nearest = words_nearest(name, setting_names, SETTING_COUNT);

	if (nearest) {
		command_complain(command, "--set takes NAME=VALUE, not '%s'; did you mean %s=...?",
			text, nearest);
	} else {
		command_complain(command,
			"--set takes NAME=VALUE, not '%s'; names are minimum, fade-on, fade-off, "
			"gentle-on, gentle-off, ramp-rate, double-click and long-press",
			text);
	}
	free(name);
	return false;
}

static bool prepare_dimmer(struct command *command)
{
	const char *text = command->values[OPTION_SET];
	struct plug_request request;
	struct plug_method method;
	struct setting setting;

	if (!text) {
		return true;
	}
	if (!find_setting(text, &setting)) {
		return complain_of_name(command, text);
	}
	if (build_setting(&request, &setting, &method) == PLUG_OK) {
		return true;
	}
	return setting.index >= PLUG_DIMMER_NUMBER_COUNT
		       ? command_complain(command,
				 "%s is none, last_status, instant_on_off or gentle_on_off, not "
				 "'%s'",
				 setting_names[setting.index], setting.value)
		       : command_complain(command,
				 "%s takes milliseconds up to %d, minimum and ramp-rate 0 to 100, "
				 "not '%s'",
				 setting_names[setting.index], PLUG_DIMMER_TIME_MAX_MS,
				 setting.value);
}

const struct verb verb_dimmer = {
	.name = "dimmer",
	.options = OPTION_BIT(SET),
	.help = "how a dimmer fades and what its button does; --set NAME=VALUE",
	.prepare = prepare_dimmer,
	.start = start_dimmer,
	.columns = dimmer_columns,
	.is_whole = true,
};

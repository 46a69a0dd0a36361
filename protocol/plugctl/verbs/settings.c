/* led, blink, alias, location, reboot. */
#include "protocol/settings.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/plugctl/job.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/verbs/verbs.h"

static const struct output_column led_columns[] = {
	{ .key = "led", .label = "led" },
	{ .key = "blinked", .unit = "times", .label = "blinked" },
	{ 0 },
};

/* What the device itself says, after what was done. */
static void put_led(struct job *job, const struct plug_reply *reply)
{
	bool is_dark;

	(void)reply;
	if (plug_json_flag(job_sysinfo(job), "led_off", &is_dark)) {
		output_text(job_data(job), "led", is_dark ? "off" : "on");
	}
	job_done(job);
}

static void on_led_set(struct job *job, const struct plug_reply *reply)
{
	if (job_answer(job, reply, plug_led_method)) {
		job_refresh(job, put_led);
	}
}

static void set_led(struct job *job)
{
	struct plug_request request;
	const bool is_on = strcmp(job->command->word, "on") == 0;

	job_ask(job, plug_request_set_led(&request, is_on), &request, on_led_set);
}

static const char *const led_words[] = { "on", "off", NULL };

const struct verb verb_led = {
	.name = "led",
	.words = led_words,
	.help = "let the device's own light shine, or keep it dark",
	.start = set_led,
	.columns = led_columns,
	.is_whole = true,
};

enum { BLINK_MS = 500, BLINK_TIMES = 5, BLINK_TIMES_MAX = 600 };

static void blink(struct job *job);

static void on_blinked(struct job *job, const struct plug_reply *reply)
{
	if (job_answer(job, reply, plug_led_method)) {
		job->round++;
		job_pause(job, BLINK_MS, blink);
	}
}

/* Every second change brings the light back to what it was; so does the end, also when the user
 * interrupts. */
static void blink(struct job *job)
{
	const size_t changes = 2 * (size_t)job->command->number;
	const bool is_changed = job->round % 2 == 1;
	struct plug_request request;

	if (!is_changed && (job->round >= changes || job_is_interrupted(job))) {
		output_int(job_data(job), "blinked", (int64_t)job->round / 2);
		job_refresh(job, put_led);
		return;
	}
	job_ask(job,
		plug_request_set_led(&request, is_changed ? job->led_was_on : !job->led_was_on),
		&request, on_blinked);
}

static void start_blink(struct job *job)
{
	bool is_dark;

	if (!plug_json_flag(job_sysinfo(job), "led_off", &is_dark)) {
		job_fail(job, "has no light that can be switched");
		return;
	}
	job->led_was_on = !is_dark;
	blink(job);
}

static bool prepare_blink(struct command *command)
{
	const struct command_range range = { OPTION_TIMES, 1, BLINK_TIMES_MAX, BLINK_TIMES };

	return command_number(command, &range, &command->number);
}

static uint64_t blink_ms(const struct command *command)
{
	return (uint64_t)command->number * 2 * BLINK_MS;
}

const struct verb verb_blink = {
	.name = "blink",
	.options = OPTION_BIT(TIMES),
	.help = "let the device's own light blink, to find it",
	.prepare = prepare_blink,
	.start = start_blink,
	.columns = led_columns,
	.is_restoring = true,
	.extra_ms = blink_ms,
	.is_whole = true,
};

/* What devices surely take; more depends on the model. */
enum { ALIAS_BYTES = 31 };

static const struct output_column alias_columns[] = { { .key = "alias" }, { 0 } };

/* Without an outlet the name of a strip is its own, not that of its outlets. */
static bool means_outlet(const struct job *job)
{
	return job->info.family == PLUG_FAMILY_STRIP && job->target->outlet;
}

static void put_alias(struct job *job, const struct plug_reply *reply)
{
	const char *alias =
		means_outlet(job) ? job->info.outlets[job->outlet].alias : job->info.alias;
	const char *wanted = job->command->values[OPTION_SET];

	(void)reply;
	if (wanted && strcmp(alias, wanted) != 0) {
		job_fail(job, "took the name, but calls itself '%s'", alias);
		return;
	}
	output_text(job_data(job), "alias", alias);
	job_done(job);
}

static void on_alias_set(struct job *job, const struct plug_reply *reply)
{
	const struct plug_method method = plug_alias_method(job->info.family);
	const size_t size = strlen(job->command->values[OPTION_SET]);
	struct plug_device_error device_error;
	struct json_object *answer;
	const enum plug_error error =
		plug_reply_method(reply, method.module, method.method, &answer, &device_error);

	if (error == PLUG_OK) {
		job_refresh(job, put_alias);
	} else if (error == PLUG_EDEVICE && size > ALIAS_BYTES) {
		job->err_code = device_error.err_code;
		job_fail(job, "%s: %s (%d): perhaps the name is too long, it has %zu bytes",
			plug_error_text(error), plug_device_error_text(device_error.err_code),
			device_error.err_code, size);
	} else {
		job_fail_device(job, error, &device_error);
	}
}

static void start_alias(struct job *job)
{
	struct plug_request request;

	if (!command_has(job->command, OPTION_SET)) {
		put_alias(job, NULL);
		return;
	}
	job_ask(job,
		plug_request_set_alias(&request, job->info.family,
			means_outlet(job) ? job_child_id(job) : NULL,
			job->command->values[OPTION_SET]),
		&request, on_alias_set);
}

static bool is_harmless(const char *text)
{
	char *harmless = output_harmless(text);
	const bool is_same = strcmp(harmless, text) == 0;

	free(harmless);
	return is_same;
}

static bool prepare_alias(struct command *command)
{
	const char *alias = command->values[OPTION_SET];
	struct plug_request request;

	if (command_has(command, OPTION_ALL_OUTLETS)) {
		return command_complain(command,
			"name one outlet, as cases/2, or the strip: --all-outlets would give all "
			"the same name; 'plugctl state' shows those they have");
	}
	if (!alias) {
		return true;
	}
	if (plug_request_set_alias(&request, PLUG_FAMILY_PLUG, NULL, alias) != PLUG_OK) {
		return command_complain(command,
			"'%s' is no name: it has 1 to 400 bytes of UTF-8, and devices take 31 or "
			"so",
			alias);
	}
	return (alias[strspn(alias, " ")] != '\0' && is_harmless(alias)) ||
	       command_complain(command, "a name needs letters, and no control characters");
}

const struct verb verb_alias = {
	.name = "alias",
	.options = OPTION_BIT(SET),
	.help = "the name that the device keeps; --set NAME changes it",
	.prepare = prepare_alias,
	.start = start_alias,
	.columns = alias_columns,
};

static const struct output_column location_columns[] = {
	{ .key = "latitude" },
	{ .key = "longitude" },
	{ 0 },
};

static void put_degrees(struct json_object *data, const char *key, int64_t ten_thousandths)
{
	const int64_t size = ten_thousandths < 0 ? -ten_thousandths : ten_thousandths;
	char *text = memory_format("%s%d.%04d", ten_thousandths < 0 ? "-" : "", (int)(size / 10000),
		(int)(size % 10000));

	json_object_object_add(data, key,
		memory_json(json_object_new_double_s((double)ten_thousandths / 10000, text)));
	free(text);
}

static void put_location(struct job *job, const struct plug_reply *reply)
{
	const struct plug_location *wanted = &job->command->location;
	struct plug_location location;

	(void)reply;
	if (!plug_sysinfo_location(job_sysinfo(job), &location)) {
		job_fail(job, "knows no location");
		return;
	}
	if (command_has(job->command, OPTION_SET) &&
		(location.latitude_i != wanted->latitude_i ||
			location.longitude_i != wanted->longitude_i)) {
		job_fail(job, "took the location, but tells another");
		return;
	}
	put_degrees(job_data(job), "latitude", location.latitude_i);
	put_degrees(job_data(job), "longitude", location.longitude_i);
	job_done(job);
}

static void on_location_set(struct job *job, const struct plug_reply *reply)
{
	if (job_answer(job, reply, plug_location_method)) {
		job_refresh(job, put_location);
	}
}

static void start_location(struct job *job)
{
	struct plug_request request;

	if (command_has(job->command, OPTION_SET)) {
		job_ask(job, plug_request_set_location(&request, &job->command->location), &request,
			on_location_set);
	} else {
		put_location(job, NULL);
	}
}

/* Degrees with up to any number of decimals, rounded to four. */
static const char *read_degrees(const char *text, char end, int64_t *ten_thousandths)
{
	char *behind = NULL;
	const double degrees = strtod(text, &behind);

	if (behind == text || *behind != end || !(degrees >= -180 && degrees <= 180)) {
		return NULL;
	}
	*ten_thousandths = (int64_t)(degrees * 10000 + (degrees < 0 ? -0.5 : 0.5));
	return behind + 1;
}

static bool prepare_location(struct command *command)
{
	const char *text = command->values[OPTION_SET];
	struct plug_request request;
	const char *at;

	if (!text) {
		return true;
	}
	at = read_degrees(text, ',', &command->location.latitude_i);
	if (at && read_degrees(at, '\0', &command->location.longitude_i) &&
		plug_request_set_location(&request, &command->location) == PLUG_OK) {
		return true;
	}
	return command_complain(
		command, "--set takes latitude,longitude in degrees, as 52.3702,4.8952");
}

const struct verb verb_location = {
	.name = "location",
	.options = OPTION_BIT(SET),
	.help = "where the device believes to be, for sunrise; --set LAT,LON changes it",
	.prepare = prepare_location,
	.start = start_location,
	.columns = location_columns,
	.is_whole = true,
};

static const struct output_column reboot_columns[] = {
	{ .key = "reboots_in_s", .label = "reboots in", .unit = "s" },
	{ 0 },
};

static void on_reboot(struct job *job, const struct plug_reply *reply)
{
	/* No reply: some are gone before they have answered. */
	if (!reply || job_answer(job, reply, plug_reboot_method)) {
		output_int(job_data(job), "reboots_in_s", job->command->number);
		job_done(job);
	}
}

static void start_reboot(struct job *job)
{
	struct plug_request request;

	job->may_vanish = true;
	job_ask_once(job, plug_request_reboot(&request, job->command->number), &request, on_reboot);
}

static bool prepare_reboot(struct command *command)
{
	const struct command_range range = { OPTION_DELAY, 1, 3600, 1 };

	return command_number(command, &range, &command->number);
}

const struct verb verb_reboot = {
	.name = "reboot",
	.options = OPTION_BIT(DELAY) | OPTION_BIT(YES),
	.help = "start the device anew; relays may move",
	.prepare = prepare_reboot,
	.start = start_reboot,
	.columns = reboot_columns,
	.is_whole = true,
};

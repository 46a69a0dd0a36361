/* firmware, check, testmode: what a device runs, and how the maker looks after it. */
#include "protocol/firmware.h"

#include <stdlib.h>

#include "protocol/plugctl/job.h"
#include "protocol/plugctl/terminal/confirm.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/verbs/verbs.h"
#include "protocol/plugctl/word.h"

static const struct output_column firmware_columns[] = {
	{ .key = "status" },
	{ .key = "progress_percent", .unit = "%" },
	{ .key = "flash_s", .label = "flash", .unit = "s" },
	{ .key = "reboot_s", .label = "reboot", .unit = "s" },
	{ .key = "flashing", .words = "flashing/not flashing" },
	{ 0 },
};

static void put_figure(struct json_object *data, const char *key, const struct plug_figure *figure)
{
	if (figure->is_known) {
		output_int(data, key, figure->value);
	}
}

static void on_state(struct job *job, const struct plug_reply *reply)
{
	struct plug_device_error device_error;
	struct plug_download download;
	const enum plug_error error = plug_reply_download(reply, &download, &device_error);
	const char *name = plug_download_status_name(download.status);
	char *other;

	if (error != PLUG_OK) {
		job_fail_device(job, error, &device_error);
		return;
	}
	other = memory_format("status %d", download.status);
	output_text(job_data(job), "status", name ? name : other);
	put_figure(job_data(job), "progress_percent", &download.progress_percent);
	put_figure(job_data(job), "flash_s", &download.flash_s);
	put_figure(job_data(job), "reboot_s", &download.reboot_s);
	free(other);
	job_done(job);
}

static void ask_state(struct job *job)
{
	struct plug_request request;

	job_ask(job, plug_request_download_state(&request), &request, on_state);
}

static void on_download(struct job *job, const struct plug_reply *reply)
{
	if (job_answer(job, reply, plug_download_method)) {
		ask_state(job);
	}
}

static void on_flash(struct job *job, const struct plug_reply *reply)
{
	/* No reply: it may be gone before it has answered. */
	if (!reply || job_answer(job, reply, plug_flash_method)) {
		output_flag(job_data(job), "flashing", true);
		job_done(job);
	}
}

static void start_firmware(struct job *job)
{
	struct plug_request request;

	if (word_is(job->command, "state")) {
		ask_state(job);
	} else if (word_is(job->command, "download")) {
		job_ask_once(job, plug_request_download(&request, job->command->values[OPTION_URL]),
			&request, on_download);
	} else {
		job->may_vanish = true;
		job_ask_once(job, plug_request_flash(&request), &request, on_flash);
	}
}

static bool prepare_firmware(struct command *command)
{
	static const struct word_options options[] = {
		{ "state", 0, 0 },
		{ "download", OPTION_BIT(URL), OPTION_BIT(YES) },
		{ "flash", 0, OPTION_BIT(YES) },
		{ 0 },
	};
	const char *url = command->values[OPTION_URL];
	struct plug_request request;

	if (!word_check(command, options)) {
		return false;
	}
	if (url && plug_request_download(&request, url) != PLUG_OK) {
		return command_complain(
			command, "devices download from http://... alone, not from '%s'", url);
	}
	return word_is(command, "state") ||
	       confirm_targets(command, url ? "will download this, and some will flash it at once; "
					      "the wrong firmware makes a brick"
					    : "will flash what was downloaded; without power "
					      "meanwhile, or with the wrong firmware, that makes "
					      "a brick");
}

static const char *const firmware_words[] = { "state", "download", "flash", NULL };

const struct verb verb_firmware = {
	.name = "firmware",
	.words = firmware_words,
	.options = OPTION_BIT(URL) | OPTION_BIT(YES),
	.help = "download and flash one; cloud firmware tells which there are",
	.prepare = prepare_firmware,
	.start = start_firmware,
	.columns = firmware_columns,
	.is_whole = true,
};

static const struct output_column check_columns[] = {
	{ .key = "uboot", .label = "boot loader" },
	{ .key = "answer" },
	{ 0 },
};

/* What devices answer to it was not seen: all but err_code is shown as it is. */
static void on_config(struct job *job, const struct plug_reply *reply)
{
	struct json_object *answer = job_answer(job, reply, plug_check_config_method);
	struct json_object *shown;

	if (!answer) {
		return;
	}
	shown = memory_json(json_object_new_object());
	json_object_object_foreach(answer, key, member)
	{
		json_object_object_add(shown, key, json_object_get(member));
	}
	json_object_object_del(shown, "err_code");
	json_object_object_add(job_data(job), "answer", shown);
	job_done(job);
}

static void on_uboot(struct job *job, const struct plug_reply *reply)
{
	const char *uboot;
	enum plug_error error;

	if (!job_answer(job, reply, plug_check_uboot_method)) {
		return;
	}
	error = plug_reply_uboot(reply, &uboot);
	if (error != PLUG_OK) {
		job_fail_error(job, error);
		return;
	}
	output_text(job_data(job), "uboot", uboot);
	job_done(job);
}

static void start_check(struct job *job)
{
	struct plug_request request;

	if (word_is(job->command, "uboot")) {
		job_ask(job, plug_request_check_uboot(&request), &request, on_uboot);
	} else {
		job_ask(job, plug_request_check_config(&request), &request, on_config);
	}
}

static const char *const check_words[] = { "config", "uboot", NULL };

const struct verb verb_check = {
	.name = "check",
	.words = check_words,
	.help = "let the device check its new configuration, or its boot loader",
	.start = start_check,
	.columns = check_columns,
	.is_whole = true,
};

static const struct output_column testmode_columns[] = {
	{ .key = "test_mode", .label = "test mode" },
	{ 0 },
};

static void on_testmode(struct job *job, const struct plug_reply *reply)
{
	if (job_answer(job, reply, plug_test_mode_method)) {
		output_text(job_data(job), "test_mode", job->command->word);
		job_done(job);
	}
}

static void start_testmode(struct job *job)
{
	struct plug_request request;

	job_ask_once(job, plug_request_set_test_mode(&request, word_is(job->command, "on")),
		&request, on_testmode);
}

static bool prepare_testmode(struct command *command)
{
	return word_is(command, "off") ||
	       confirm_targets(command, "will be in the maker's test mode");
}

static const char *const testmode_words[] = { "on", "off", NULL };

const struct verb verb_testmode = {
	.name = "testmode",
	.words = testmode_words,
	.options = OPTION_BIT(YES),
	.help = "the maker's test mode; taken from 192.168.1.100 only",
	.prepare = prepare_testmode,
	.start = start_testmode,
	.columns = testmode_columns,
	.is_whole = true,
};

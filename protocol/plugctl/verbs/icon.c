/* icon: the picture that the vendor's app shows for a device. */
#include <string.h>

#include "protocol/plugctl/job.h"
#include "protocol/plugctl/verbs/verbs.h"
#include "protocol/settings.h"

static const struct output_column columns[] = {
	{ .key = "icon", .label = "icon" },
	{ .key = "hash", .label = "hash" },
	{ 0 },
};

static struct plug_icon wanted(const struct command *command)
{
	return (struct plug_icon) { command->values[OPTION_SET], command->values[OPTION_HASH] };
}

static void on_icon(struct job *job, const struct plug_reply *reply)
{
	const char *set = job->command->values[OPTION_SET];
	struct plug_icon icon;
	enum plug_error error;

	if (!job_answer(job, reply, plug_get_icon_method)) {
		return;
	}
	error = plug_reply_icon(reply, &icon);
	if (error != PLUG_OK) {
		job_fail_error(job, error);
	} else if (set && (strcmp(set, icon.icon) != 0 ||
				  strcmp(job->command->values[OPTION_HASH], icon.hash) != 0)) {
		job_fail(job, "took the icon, but tells another");
	} else {
		output_text(job_data(job), "icon", icon.icon);
		output_text(job_data(job), "hash", icon.hash);
		job_done(job);
	}
}

static void ask_icon(struct job *job)
{
	struct plug_request request;

	job_ask(job, plug_request_icon(&request), &request, on_icon);
}

static void on_set(struct job *job, const struct plug_reply *reply)
{
	if (job_answer(job, reply, plug_set_icon_method)) {
		ask_icon(job);
	}
}

static void start(struct job *job)
{
	const struct plug_icon icon = wanted(job->command);
	struct plug_request request;

	if (icon.icon) {
		job_ask(job, plug_request_set_icon(&request, &icon), &request, on_set);
	} else {
		ask_icon(job);
	}
}

static bool prepare(struct command *command)
{
	const struct plug_icon icon = wanted(command);
	struct plug_request request;

	if (!icon.icon != !icon.hash) {
		return command_complain(command, "--set ICON and --hash HASH go together");
	}
	return !icon.icon || plug_request_set_icon(&request, &icon) == PLUG_OK ||
	       command_complain(command, "an icon and its hash have at most 400 bytes of UTF-8");
}

const struct verb verb_icon = {
	.name = "icon",
	.options = OPTION_BIT(SET) | OPTION_BIT(HASH),
	.help = "the picture the app shows; --set ICON --hash HASH changes it",
	.prepare = prepare,
	.start = start,
	.columns = columns,
	.is_whole = true,
};

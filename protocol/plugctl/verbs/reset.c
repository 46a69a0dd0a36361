/* reset: back to factory settings. */
#include "protocol/plugctl/job.h"
#include "protocol/plugctl/terminal/confirm.h"
#include "protocol/plugctl/verbs/verbs.h"

enum { RESET_DELAY_S = 1 };

static const struct output_column reset_columns[] = {
	{ .key = "resets_in_s", .label = "resets in", .unit = "s" },
	{ 0 },
};

static void on_reset(struct job *job, const struct plug_reply *reply)
{
	/* No reply: some are gone before they have answered. */
	if (!reply || job_answer(job, reply, plug_reset_method)) {
		output_int(job_data(job), "resets_in_s", RESET_DELAY_S);
		job_done(job);
	}
}

static void start_reset(struct job *job)
{
	struct plug_request request;

	job->may_vanish = true;
	job_ask_once(job, plug_request_reset(&request, RESET_DELAY_S), &request, on_reset);
}

static bool prepare_reset(struct command *command)
{
	return confirm_targets(
		command, "will leave the network and forget name, rules, Wi-Fi and account");
}

const struct verb verb_reset = {
	.name = "reset",
	.options = OPTION_BIT(YES),
	.help = "back to factory settings, out of the network; asks first",
	.prepare = prepare_reset,
	.start = start_reset,
	.columns = reset_columns,
	.is_whole = true,
};

/* calibration: the gains of an energy meter. */
#include "protocol/calibration.h"

#include "protocol/plugctl/job.h"
#include "protocol/plugctl/terminal/confirm.h"
#include "protocol/plugctl/verbs/verbs.h"
#include "protocol/plugctl/word.h"

static const struct output_column columns[] = {
	{ .key = "voltage_gain", .label = "voltage gain" },
	{ .key = "current_gain", .label = "current gain" },
	{ 0 },
};

static struct plug_calibration_ask who(const struct job *job, enum plug_calibration_call call)
{
	return (struct plug_calibration_ask) { call, job->info.family, job_child_id(job) };
}

static void start_outlet(struct job *job);

static void put_gains(struct job *job, const struct plug_calibration *gains)
{
	struct json_object *row = job_row(job);

	output_int(row, "voltage_gain", gains->voltage);
	output_int(row, "current_gain", gains->current);
	job->outlet++;
	if (job->outlet == job->outlet_end) {
		job_done(job);
	} else {
		start_outlet(job);
	}
}

static void on_gains(struct job *job, const struct plug_reply *reply)
{
	const struct plug_calibration *wanted = &job->command->calibration;
	struct plug_calibration gains;
	enum plug_error error;

	if (!job_answer(
		    job, reply, plug_calibration_method(PLUG_CALIBRATION_GET, job->info.family))) {
		return;
	}
	error = plug_reply_calibration(reply, job->info.family, &gains);
	if (error != PLUG_OK) {
		job_fail_error(job, error);
	} else if (word_is(job->command, "set") &&
		   (gains.voltage != wanted->voltage || gains.current != wanted->current)) {
		job_fail(job, "took the gains, but tells others");
	} else {
		put_gains(job, &gains);
	}
}

static void ask_gains(struct job *job)
{
	const struct plug_calibration_ask ask = who(job, PLUG_CALIBRATION_GET);
	struct plug_request request;

	job_ask(job, plug_request_calibration(&request, &ask, NULL), &request, on_gains);
}

static enum plug_calibration_call change_of(const struct job *job)
{
	return word_is(job->command, "set") ? PLUG_CALIBRATION_SET : PLUG_CALIBRATION_START;
}

static void on_changed(struct job *job, const struct plug_reply *reply)
{
	if (job_answer(job, reply, plug_calibration_method(change_of(job), job->info.family))) {
		ask_gains(job);
	}
}

static void start_outlet(struct job *job)
{
	const struct plug_calibration_ask ask = who(job, change_of(job));
	struct plug_request request;

	if (word_is(job->command, "get")) {
		ask_gains(job);
	} else {
		job_ask_once(job,
			plug_request_calibration(&request, &ask, &job->command->calibration),
			&request, on_changed);
	}
}

static void start(struct job *job)
{
	if (!job->info.has_energy) {
		job_fail(job, "has no energy meter");
	} else if (word_is(job->command, "get") || job_chose_outlet(job)) {
		start_outlet(job);
	}
}

static bool read_values(struct command *command)
{
	const struct command_range voltage = { OPTION_VOLTAGE, 1, PLUG_CALIBRATION_MAX, 0 };
	const struct command_range current = { OPTION_CURRENT, 1, PLUG_CALIBRATION_MAX, 0 };
	int number;

	if (!command_number(command, &voltage, &number)) {
		return false;
	}
	command->calibration.voltage = number;
	if (!command_number(command, &current, &number)) {
		return false;
	}
	command->calibration.current = number;
	return true;
}

static bool prepare(struct command *command)
{
	static const uint64_t values = OPTION_BIT(VOLTAGE) | OPTION_BIT(CURRENT);
	static const struct word_options options[] = {
		{ "get", 0, 0 },
		{ "set", values, OPTION_BIT(YES) },
		{ "start", values, OPTION_BIT(YES) },
		{ 0 },
	};

	if (!word_check(command, options) || !read_values(command)) {
		return false;
	}
	return word_is(command, "get") ||
	       confirm_targets(command, "will measure differently from now on: note what "
					"'calibration get' tells first");
}

static const char *const words[] = { "get", "set", "start", NULL };

const struct verb verb_calibration = {
	.name = "calibration",
	.words = words,
	.options = OPTION_BIT(VOLTAGE) | OPTION_BIT(CURRENT) | OPTION_BIT(YES),
	.help = "the gains of the energy meter; set them, or let it find them",
	.prepare = prepare,
	.start = start,
	.columns = columns,
	.rows_key = "calibrations",
};

/* time: the device's clock and zone. */
#include <stdlib.h>
#include <string.h>

#include "protocol/plugctl/hostclock.h"
#include "protocol/plugctl/job.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/verbs/verbs.h"

static const struct output_column time_columns[] = {
	{ .key = "time" },
	{ .key = "zone" },
	{ .key = "zone_index", .label = "zone" },
	{ .key = "offset_s", .unit = "s ahead", .below = "s behind" },
	{ 0 },
};

static struct plug_method time_method(const struct job *job, const char *method)
{
	return (struct plug_method) { plug_family_traits(job->info.family)->time_module, method };
}

static void put_time(struct json_object *data, const struct plug_time *time)
{
	char *text = memory_format("%04d-%02d-%02dT%02d:%02d:%02d", time->year, time->month,
		time->day, time->hour, time->minute, time->second);

	output_text(data, "time", text);
	free(text);
}

/* How far the device's clock is from ours, seen from its zone. */
static void put_offset(struct job *job, const struct plug_time *time, const char *zone)
{
	struct plug_time now;

	if (zone && hostclock_now(zone, &now)) {
		output_int(job_data(job), "offset_s", plug_time_difference_s(time, &now));
	} else {
		output_null(job_data(job), "offset_s");
	}
}

/* What was set is believed when the device tells it, but for the seconds in between. */
static bool is_as_wanted(struct job *job, const struct plug_time *told)
{
	enum { SLACK_S = 30 };
	const char *zone = plug_zone_name(job->zone);
	struct plug_time wanted = job->command->time;
	int64_t off_s;

	if (strcmp(job->command->word, "get") == 0) {
		return true;
	}
	if (job->command->zone >= 0 && job->zone != job->command->zone) {
		job_fail(job, "took the zone, but tells zone number %d", job->zone);
		return false;
	}
	if (strcmp(job->command->word, "sync") == 0 && !(zone && hostclock_now(zone, &wanted))) {
		return true;
	}
	off_s = plug_time_difference_s(told, &wanted);
	if (off_s < -SLACK_S || off_s > SLACK_S) {
		job_fail(job, "took the time, but its clock is %lld s off", (long long)off_s);
		return false;
	}
	return true;
}

static void on_time(struct job *job, const struct plug_reply *reply)
{
	const char *zone = plug_zone_name(job->zone);
	struct plug_time time;
	enum plug_error error;

	if (!job_answer(job, reply, time_method(job, "get_time"))) {
		return;
	}
	error = plug_reply_time(reply, job->info.family, &time);
	if (error != PLUG_OK) {
		job_fail_error(job, error);
		return;
	}
	if (!is_as_wanted(job, &time)) {
		return;
	}
	put_time(job_data(job), &time);
	if (zone) {
		output_text(job_data(job), "zone", zone);
	} else {
		output_null(job_data(job), "zone");
	}
	output_int(job_data(job), "zone_index", job->zone);
	put_offset(job, &time, zone);
	job_done(job);
}

static bool read_zone(struct job *job, const struct plug_reply *reply)
{
	enum plug_error error;

	if (!job_answer(job, reply, time_method(job, "get_timezone"))) {
		return false;
	}
	error = plug_reply_timezone(reply, job->info.family, &job->zone);
	if (error != PLUG_OK) {
		job_fail_error(job, error);
	}
	return error == PLUG_OK;
}

static void ask_time(struct job *job)
{
	struct plug_request request;

	job_ask(job, plug_request_time(&request, job->info.family), &request, on_time);
}

static void on_zone(struct job *job, const struct plug_reply *reply)
{
	if (read_zone(job, reply)) {
		ask_time(job);
	}
}

static void ask_zone(struct job *job, job_answer_cb *then)
{
	struct plug_request request;

	job_ask(job, plug_request_timezone(&request, job->info.family), &request, then);
}

static void on_time_set(struct job *job, const struct plug_reply *reply)
{
	if (job_answer(job, reply, time_method(job, "set_time"))) {
		ask_zone(job, on_zone);
	}
}

/* A zone is better known by the name the user gave than by the vendor's number for it. */
static const char *zone_to_set(const struct job *job)
{
	const char *given = job->command->values[OPTION_ZONE];

	return given && (given[0] < '0' || given[0] > '9') ? given : plug_zone_name(job->zone);
}

/* The time to set, by --at or by this computer's clock. False when the job has failed. */
static bool find_time(struct job *job, struct plug_time *time)
{
	const char *zone = zone_to_set(job);

	*time = job->command->time;
	if (!zone) {
		job_fail(job, "has zone number %d, which is unknown: give --zone", job->zone);
	} else if (strcmp(job->command->word, "sync") == 0 && !hostclock_now(zone, time)) {
		job_fail(job, "this computer does not know the zone %s", zone);
	} else {
		return true;
	}
	return false;
}

static void set_time_alone(struct job *job)
{
	struct plug_request request;
	struct plug_time time;

	if (find_time(job, &time)) {
		job_ask(job, plug_request_set_time(&request, job->info.family, &time), &request,
			on_time_set);
	}
}

/* Some take a time only with the zone, others only without; the zone comes first. */
static void on_set(struct job *job, const struct plug_reply *reply)
{
	const struct plug_method method = time_method(job, "set_timezone");
	struct plug_device_error device_error;
	struct json_object *answer;
	const enum plug_error error =
		plug_reply_method(reply, method.module, method.method, &answer, &device_error);

	if (error == PLUG_OK) {
		ask_zone(job, on_zone);
	} else if (device_error.err_code != 0 && job->command->zone < 0) {
		set_time_alone(job);
	} else {
		job_fail_device(job, error, &device_error);
	}
}

static void set(struct job *job)
{
	struct plug_request request;
	struct plug_time time;

	if (find_time(job, &time)) {
		job_ask(job,
			plug_request_set_timezone(&request, job->info.family, job->zone, &time),
			&request, on_set);
	}
}

static void on_zone_to_keep(struct job *job, const struct plug_reply *reply)
{
	if (read_zone(job, reply)) {
		set(job);
	}
}

static void start_time(struct job *job)
{
	if (strcmp(job->command->word, "get") == 0) {
		ask_zone(job, on_zone);
	} else if (job->command->zone < 0) {
		ask_zone(job, on_zone_to_keep);
	} else {
		job->zone = job->command->zone;
		set(job);
	}
}

static bool prepare_time(struct command *command)
{
	const char *at = command->values[OPTION_AT];
	const char *zone = command->values[OPTION_ZONE];
	const bool is_set = strcmp(command->word, "set") == 0;

	if (is_set != (at != NULL)) {
		return command_complain(command,
			is_set ? "set needs --at 2026-11-21T12:00:00" : "--at goes with set only");
	}
	if (zone && strcmp(command->word, "get") == 0) {
		return command_complain(command, "--zone goes with set and sync");
	}
	if (at && !plug_time_parse(at, &command->time)) {
		return command_complain(
			command, "--at takes a time as 2026-11-21T12:00:00, not '%s'", at);
	}
	if (zone && !plug_zone_find(zone, &command->zone)) {
		return command_complain(command,
			"no zone '%s': an IANA name as Europe/Berlin, or an index from 0 to %d",
			zone, PLUG_ZONE_COUNT - 1);
	}
	return true;
}

static const char *const time_words[] = { "get", "set", "sync", NULL };

const struct verb verb_time = {
	.name = "time",
	.words = time_words,
	.options = OPTION_BIT(AT) | OPTION_BIT(ZONE),
	.help = "the device's clock; set it, or sync it with this computer's",
	.prepare = prepare_time,
	.start = start_time,
	.columns = time_columns,
	.is_whole = true,
};

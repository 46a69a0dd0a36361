/* energy, usage, watch: what the meter and the statistics say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "protocol/plugctl/job.h"
#include "protocol/plugctl/terminal/confirm.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/verbs/verbs.h"
#include "protocol/reading.h"

static const struct output_column energy_columns[] = {
	{ .key = "period" },
	{ .key = "energy_kwh", .unit = "kWh" },
	{ .key = "on_minutes", .unit = "min" },
	{ .key = "power_w", .unit = "W" },
	{ .key = "voltage_v", .unit = "V" },
	{ .key = "current_a", .unit = "A" },
	{ .key = "total_kwh", .unit = "kWh" },
	{ .key = "erased", .words = "erased/not erased" },
	{ 0 },
};

static enum plug_statistic statistic_of(const struct job *job)
{
	return job->command->verb == &verb_usage ? PLUG_STATISTIC_USAGE : PLUG_STATISTIC_ENERGY;
}

static struct plug_statistic_ask who(const struct job *job)
{
	return (struct plug_statistic_ask) { statistic_of(job), job->info.family,
		job_child_id(job) };
}

static struct plug_method realtime_method(const struct job *job)
{
	return (struct plug_method) { plug_family_traits(job->info.family)->energy_module,
		"get_realtime" };
}

static bool read_realtime(
	struct job *job, const struct plug_reply *reply, struct plug_realtime *reading)
{
	if (!job_answer(job, reply, realtime_method(job))) {
		return false;
	}
	if (plug_reply_realtime(reply, job->info.family, reading) != PLUG_OK) {
		job_fail(job, "gave a reading that no meter can have");
		return false;
	}
	return true;
}

static void put_reading(struct json_object *row, const struct plug_realtime *reading)
{
	if (reading->has_power) {
		output_milli(row, "power_w", reading->power_mw);
	}
	if (reading->has_voltage) {
		output_milli(row, "voltage_v", reading->voltage_mv);
	}
	if (reading->has_current) {
		output_milli(row, "current_a", reading->current_ma);
	}
	if (reading->has_total) {
		output_milli(row, "total_kwh", reading->total_wh);
	}
}

/* Goes through the outlets, one question each; handle asks it and ends in next_outlet. */
static void next_outlet(struct job *job, job_cb *handle)
{
	job->outlet++;
	if (job->outlet == job->outlet_end) {
		job_done(job);
	} else {
		handle(job);
	}
}

static void ask_reading(struct job *job, job_answer_cb *then)
{
	struct plug_request request;

	job_ask(job, plug_request_realtime(&request, job->info.family, job_child_id(job)), &request,
		then);
}

static void ask_now(struct job *job);

static void on_now(struct job *job, const struct plug_reply *reply)
{
	struct plug_realtime reading;

	if (read_realtime(job, reply, &reading)) {
		put_reading(job_row(job), &reading);
		next_outlet(job, ask_now);
	}
}

static void ask_now(struct job *job)
{
	ask_reading(job, on_now);
}

static void put_value(
	struct job *job, struct json_object *row, const struct plug_statistic_entry *entry)
{
	const bool is_energy = statistic_of(job) == PLUG_STATISTIC_ENERGY;

	if (!entry->is_possible) {
		output_null(row, is_energy ? "energy_kwh" : "on_minutes");
	} else if (is_energy) {
		output_milli(row, "energy_kwh", entry->value);
	} else {
		output_int(row, "on_minutes", entry->value);
	}
}

static void put_entry(struct job *job, const struct plug_statistic_entry *entry)
{
	struct json_object *row = job_row(job);
	char period[32];

	if (entry->day > 0) {
		(void)snprintf(period, sizeof period, "%04d-%02d-%02d", entry->year, entry->month,
			entry->day);
	} else if (entry->month > 0) {
		(void)snprintf(period, sizeof period, "%04d-%02d", entry->year, entry->month);
	} else {
		(void)snprintf(period, sizeof period, "%04d", entry->year);
	}
	output_text(row, "period", period);
	put_value(job, row, entry);
}

static void put_statistics(struct job *job, const struct plug_statistics *statistics)
{
	struct plug_statistic_entry sum = { .year = job->period.year, .is_possible = true };

	job_rows(job);
	for (size_t i = 0; i < statistics->count; i++) {
		sum.value += statistics->entries[i].value;
		sum.is_possible = sum.is_possible && statistics->entries[i].is_possible;
		if (!command_has(job->command, OPTION_YEAR)) {
			put_entry(job, &statistics->entries[i]);
		}
	}
	if (command_has(job->command, OPTION_YEAR)) {
		put_entry(job, &sum);
	}
}

static void ask_statistic(struct job *job);

static void on_statistic(struct job *job, const struct plug_reply *reply)
{
	const struct plug_statistic_ask ask = who(job);
	const struct plug_method method = { plug_statistic_module(ask.statistic, ask.family),
		plug_statistic_method(&job->period) };
	struct plug_statistics statistics;
	enum plug_error error;

	if (!job_answer(job, reply, method)) {
		return;
	}
	error = plug_reply_statistic(reply, &ask, &job->period, &statistics);
	if (error != PLUG_OK) {
		job_fail_error(job, error);
		return;
	}
	put_statistics(job, &statistics);
	next_outlet(job, ask_statistic);
}

static void ask_statistic(struct job *job)
{
	const struct plug_statistic_ask ask = who(job);
	struct plug_request request;

	job_ask(job, plug_request_statistic(&request, &ask, &job->period), &request, on_statistic);
}

/* The statistics are kept by the device's calendar, not by ours. */
static void on_time(struct job *job, const struct plug_reply *reply)
{
	const struct plug_method method = { plug_family_traits(job->info.family)->time_module,
		"get_time" };
	struct plug_time time;
	enum plug_error error;

	if (!job_answer(job, reply, method)) {
		return;
	}
	error = plug_reply_time(reply, job->info.family, &time);
	if (error != PLUG_OK) {
		job_fail_error(job, error);
		return;
	}
	job_check_clock(job, &time);
	job->period.year = time.year;
	job->period.month = command_has(job->command, OPTION_DAY) ? time.month : 0;
	ask_statistic(job);
}

static void start_statistic(struct job *job)
{
	struct plug_request request;

	job->period = job->command->period;
	if (job->period.year > 0) {
		ask_statistic(job);
	} else {
		job_ask(job, plug_request_time(&request, job->info.family), &request, on_time);
	}
}

static void erase(struct job *job);

/* HS110(US) hardware 1 firmware 1.1.1 says yes and keeps its total. */
static void on_total_after(struct job *job, const struct plug_reply *reply)
{
	const int64_t before_wh = job->total_wh[job->outlet];
	struct plug_realtime reading;
	struct json_object *row;

	if (!read_realtime(job, reply, &reading)) {
		return;
	}
	if (reading.has_total && before_wh > 0 && reading.total_wh >= before_wh) {
		job_fail(job, "says that it erased, but its total is as before");
		return;
	}
	row = job_row(job);
	output_flag(row, "erased", true);
	put_reading(row, &reading);
	next_outlet(job, erase);
}

static void on_erased(struct job *job, const struct plug_reply *reply)
{
	const struct plug_statistic_ask ask = who(job);
	const struct plug_method method = { plug_statistic_module(ask.statistic, ask.family),
		plug_statistic_erase_method(ask.statistic) };

	if (!job_answer(job, reply, method)) {
		return;
	}
	if (ask.statistic == PLUG_STATISTIC_ENERGY) {
		ask_reading(job, on_total_after);
		return;
	}
	output_flag(job_row(job), "erased", true);
	next_outlet(job, erase);
}

static void ask_erase(struct job *job)
{
	const struct plug_statistic_ask ask = who(job);
	struct plug_request request;

	job_ask_once(job, plug_request_erase_statistic(&request, &ask), &request, on_erased);
}

static void on_total_before(struct job *job, const struct plug_reply *reply)
{
	struct plug_realtime reading;

	if (read_realtime(job, reply, &reading)) {
		job->total_wh[job->outlet] = reading.has_total ? reading.total_wh : 0;
		ask_erase(job);
	}
}

static void erase(struct job *job)
{
	if (statistic_of(job) == PLUG_STATISTIC_ENERGY) {
		ask_reading(job, on_total_before);
	} else {
		ask_erase(job);
	}
}

static bool wants_statistic(const struct command *command)
{
	return command_has(command, OPTION_DAY) || command_has(command, OPTION_MONTH) ||
	       command_has(command, OPTION_YEAR);
}

static void start_energy(struct job *job)
{
	if (!job->info.has_energy) {
		job_fail(job, "has no energy meter");
	} else if (command_has(job->command, OPTION_RESET)) {
		if (job_chose_outlet(job)) {
			erase(job);
		}
	} else if (wants_statistic(job->command)) {
		start_statistic(job);
	} else {
		ask_now(job);
	}
}

static void start_usage(struct job *job)
{
	if (!command_has(job->command, OPTION_RESET)) {
		start_statistic(job);
	} else if (job_chose_outlet(job)) {
		erase(job);
	}
}

/* "2026" or "2026-11". */
static bool read_period(struct command *command)
{
	const char *text = command->values[OPTION_OF];
	const bool is_day = command_has(command, OPTION_DAY);
	int size = 0;

	if (sscanf(text, is_day ? "%4d-%2d%n" : "%4d%n", &command->period.year,
		    is_day ? &command->period.month : &size, &size) >= 1 &&
		size == (is_day ? 7 : 4) && text[size] == '\0' &&
		command->period.year >= PLUG_YEAR_MIN && command->period.month <= 12 &&
		command->period.month >= (is_day ? 1 : 0)) {
		return true;
	}
	return command_complain(command, "--of takes %s, not '%s'",
		is_day ? "a month as 2026-11" : "a year as 2026", text);
}

static bool prepare_statistic(struct command *command)
{
	static const enum plugctl_option kinds[] = { OPTION_DAY, OPTION_MONTH, OPTION_YEAR,
		OPTION_RESET };
	int count = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		count += command_has(command, kinds[i]) ? 1 : 0;
	}
	if (count > 1) {
		return command_complain(
			command, "--day, --month, --year and --reset: one of them, please");
	}
	if (command_has(command, OPTION_RESET) && !command_has(command, OPTION_OF)) {
		return confirm_several(command, "will lose these statistics");
	}
	if (!command_has(command, OPTION_OF)) {
		return true;
	}
	if (!wants_statistic(command)) {
		return command_complain(command, "--of needs --day, --month or --year");
	}
	return read_period(command);
}

static bool prepare_usage(struct command *command)
{
	if (!wants_statistic(command) && !command_has(command, OPTION_RESET)) {
		command->values[OPTION_DAY] = "";
	}
	return prepare_statistic(command);
}

#define STATISTIC_OPTIONS                                                                          \
	(OPTION_BIT(DAY) | OPTION_BIT(MONTH) | OPTION_BIT(YEAR) | OPTION_BIT(OF) |                 \
		OPTION_BIT(RESET) | OPTION_BIT(YES))

const struct verb verb_energy = {
	.name = "energy",
	.options = STATISTIC_OPTIONS,
	.help = "what is drawn now; --day, --month, --year: the device's statistics",
	.prepare = prepare_statistic,
	.start = start_energy,
	.columns = energy_columns,
	.rows_key = "readings",
};

const struct verb verb_usage = {
	.name = "usage",
	.options = STATISTIC_OPTIONS,
	.help = "minutes switched on each day; --month, --year: longer periods",
	.prepare = prepare_usage,
	.start = start_usage,
	.columns = energy_columns,
	.rows_key = "readings",
};

/* As wide as they get, because lines come before that is known. */
static const struct output_column watch_columns[] = {
	{ .key = "time" },
	{ .key = "state", .width = sizeof "off" - 1 },
	{ .key = "power_w", .unit = "W", .width = sizeof "1234.567 W" - 1 },
	{ .key = "voltage_v", .unit = "V", .width = sizeof "230.123 V" - 1 },
	{ .key = "current_a", .unit = "A", .width = sizeof "12.345 A" - 1 },
	{ .key = "total_kwh", .unit = "kWh" },
	{ 0 },
};

/* 2026-11-21T12:00:00+01:00, by this computer's clock. */
static void put_now(struct json_object *row)
{
	enum { BEFORE_MINUTES = sizeof "2026-11-21T12:00:00+01" - 1 };
	const time_t now = time(NULL);
	struct tm parts;
	char text[32] = "";
	char *iso;

	if (localtime_r(&now, &parts)) {
		(void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S%z", &parts);
	}
	iso = memory_format("%.*s:%s", BEFORE_MINUTES, text,
		strlen(text) > BEFORE_MINUTES ? text + BEFORE_MINUTES : "");
	output_text(row, "time", iso);
	free(iso);
}

static struct json_object *watch_row(struct job *job)
{
	struct json_object *row = job_row(job);

	put_now(row);
	output_text(row, "state", job->info.outlets[job->outlet].is_on ? "on" : "off");
	return row;
}

static void watch(struct job *job);

static void on_watched(struct job *job, const struct plug_reply *reply)
{
	struct plug_realtime reading;

	if (read_realtime(job, reply, &reading)) {
		put_reading(watch_row(job), &reading);
		next_outlet(job, watch);
	}
}

static void watch(struct job *job)
{
	if (job->info.has_energy) {
		ask_reading(job, on_watched);
	} else {
		(void)watch_row(job);
		next_outlet(job, watch);
	}
}

static bool prepare_watch(struct command *command)
{
	const struct command_range interval = { OPTION_INTERVAL, 0, 86400, 1 };
	const struct command_range count = { OPTION_COUNT, 1, 1000000000, 0 };

	return command_seconds(command, &interval, &command->pause_ms) &&
	       command_number(command, &count, &command->number);
}

const struct verb verb_watch = {
	.name = "watch",
	.options = OPTION_BIT(INTERVAL) | OPTION_BIT(COUNT),
	.help = "readings again and again, until Ctrl-C",
	.prepare = prepare_watch,
	.start = watch,
	.columns = watch_columns,
	.rows_key = "readings",
	.repeats = true,
};

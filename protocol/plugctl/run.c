#include "protocol/plugctl/run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/streams.h"
#include "protocol/plugctl/ending.h"
#include "protocol/plugctl/job.h"
#include "protocol/plugctl/loop.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/terminal/output.h"
#include "protocol/plugctl/verb.h"

static const int signals[] = { SIGINT, SIGTERM };
enum { SIGNAL_COUNT = sizeof signals / sizeof signals[0] };

/* What shells call the end by a signal. */
enum { STATUS_SIGNAL = 128 };

struct run {
	uv_loop_t loop;
	struct plug_transport transport;
	const struct command *command;
	struct output output;
	struct job *jobs;
	struct link *links;
	size_t job_count, link_count, left_count;
	size_t failure_count;
	uint64_t span_ms; /* what one job may take in all */
	uv_signal_t signals[SIGNAL_COUNT];
	bool is_interrupted, is_closing;
	int cut_by; /* the signal that ended it before its time, or 0 */
};

uint64_t loop_now_ms(const struct run *run)
{
	return uv_now(&run->loop);
}

bool loop_is_closing(const struct run *run)
{
	return run->is_closing;
}

bool job_is_interrupted(const struct job *job)
{
	return job->run->is_interrupted;
}

static struct output_result result_of(const struct job *job)
{
	return (struct output_result) { .name = job->target->name,
		.data = job->error ? NULL : job->data,
		.error = job->error,
		.err_code = job->err_code };
}

typedef int same_fn(const char *a, const char *b);

/* Which outlets of the device are meant: a number from 1 on, an alias, or an id, of which the
 * last two characters are enough. An alias in other letters does when none is exactly so. */
static bool is_outlet(const struct job *job, size_t index, const char *wanted, same_fn *is_same)
{
	const struct plug_outlet_info *outlet = &job->info.outlets[index];
	const size_t id_size = strlen(outlet->child_id);
	char number[24];

	(void)snprintf(number, sizeof number, "%zu", index + 1);
	return strcmp(number, wanted) == 0 || strcasecmp(outlet->child_id, wanted) == 0 ||
	       is_same(outlet->alias, wanted) == 0 ||
	       (strlen(wanted) == 2 && id_size > 2 &&
		       strcasecmp(outlet->child_id + id_size - 2, wanted) == 0);
}

/* How many there are; the last of them is the job's. */
static size_t find_outlet(struct job *job, const char *wanted, same_fn *is_same)
{
	size_t count = 0;

	for (size_t i = 0; i < job->info.outlet_count; i++) {
		if (is_outlet(job, i, wanted, is_same)) {
			job->outlet_first = i;
			job->outlet_end = i + 1;
			count++;
		}
	}
	return count;
}

static bool choose_outlet(struct job *job)
{
	const char *wanted = job->target->outlet;
	size_t count = find_outlet(job, wanted, strcmp);

	if (count == 0) {
		count = find_outlet(job, wanted, strcasecmp);
	}
	if (count != 1) {
		job_fail(job,
			count == 0 ? "has no outlet '%s'; it has %zu"
				   : "more than one outlet is called '%s', of %zu",
			wanted, job->info.outlet_count);
	}
	return count == 1;
}

/* Of the jobs before it, the one that meant the same outlets of the same device. */
static const struct job *twin_of(const struct job *job)
{
	for (const struct job *other = job->run->jobs; other < job; other++) {
		if (other->link == job->link && other->is_begun &&
			other->outlet_first == job->outlet_first &&
			other->outlet_end == job->outlet_end &&
			!other->target->outlet == !job->target->outlet) {
			return other;
		}
	}
	return NULL;
}

/* What several words mean is done once, and told for each of them. */
static void start(struct job *job)
{
	const struct job *twin = job->command->verb->repeats ? NULL : twin_of(job);

	job->outlet = job->outlet_first;
	job->is_begun = true;
	if (twin) {
		job_follow(job, twin);
	} else {
		job->command->verb->start(job);
	}
}

/* "cases" for cases/2; the address for an outlet that was named by its alias. */
static void refuse_outlet(struct job *job)
{
	const struct target *target = job->target;
	const bool is_named = strcmp(target->device, target->name) != 0;

	job_fail(job, "is an outlet, but %s means the whole strip: say %s",
		job->command->verb->name, is_named ? target->device : target->host);
}

static void on_first_sysinfo(struct job *job, const struct plug_reply *reply)
{
	const struct verb *verb = job->command->verb;
	const bool is_strip = job->info.family == PLUG_FAMILY_STRIP;

	(void)reply;
	job->outlet_first = 0;
	job->outlet_end = job->info.outlet_count;
	if (verb->is_blind) {
		start(job);
		return;
	}
	if (job->info.family == PLUG_FAMILY_UNSUPPORTED) {
		job_fail(job, "this kind of device is not supported");
		return;
	}
	if (job->target->outlet && !is_strip) {
		job_fail(job, "is a %s: it has one outlet, leave '%s' out",
			plug_family_traits(job->info.family)->name, job->target->outlet);
		return;
	}
	if (job->target->outlet && verb->is_whole) {
		refuse_outlet(job);
		return;
	}
	if (job->target->outlet && !choose_outlet(job)) {
		return;
	}
	if (verb->is_one_outlet && !job_chose_outlet(job)) {
		return;
	}
	start(job);
}

static void begin(struct job *job)
{
	if (job->target->problem) {
		job_fail(job, "%s", job->target->problem);
	} else if (job->target->host[0] == '\0') {
		job_fail(job, "only an address or a host name can be meant here");
	} else if (job->command->verb->is_blind && job->target->outlet) {
		refuse_outlet(job);
	} else if (job->command->verb->is_blind && !job->target->has_mac) {
		start(job);
	} else {
		job_refresh(job, on_first_sysinfo);
	}
}

/* One job at a time on a device. */
static void enter(struct job *job)
{
	struct link *link = job->link;

	job->next_waiting = NULL;
	if (!link->current) {
		link->current = job;
		begin(job);
	} else if (link->first_waiting) {
		link->last_waiting->next_waiting = job;
		link->last_waiting = job;
	} else {
		link->first_waiting = job;
		link->last_waiting = job;
	}
}

static void on_link_closed(struct plug_line *line)
{
	(void)line;
}

static void close_all(struct run *run)
{
	if (run->is_closing) {
		return;
	}
	run->is_closing = true;
	for (size_t i = 0; i < run->link_count; i++) {
		plug_line_close(&run->links[i].line, on_link_closed);
	}
	for (size_t i = 0; i < run->job_count; i++) {
		uv_close((uv_handle_t *)&run->jobs[i].timer, NULL);
	}
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		uv_close((uv_handle_t *)&run->signals[i], NULL);
	}
	uv_stop(&run->loop);
}

static void leave(struct job *job)
{
	struct link *link = job->link;
	struct job *next = link->first_waiting;

	link->current = NULL;
	if (next) {
		link->first_waiting = next->next_waiting;
		link->current = next;
		begin(next);
	}
}

static void print_now(struct job *job)
{
	const struct output_result result = result_of(job);

	output_measure(&job->run->output, &result);
	output_print(&job->run->output, &result);
}

static void again(struct job *job)
{
	if (job->run->is_interrupted) {
		job->is_done = true;
		job->run->left_count--;
		if (job->run->left_count == 0) {
			close_all(job->run);
		}
		return;
	}
	json_object_put(job->data);
	free(job->error);
	job->data = NULL;
	job->error = NULL;
	job->err_code = 0;
	job->deadline_ms = uv_now(&job->run->loop) + job->run->span_ms;
	enter(job);
}

static void end_pauses(struct run *run)
{
	for (size_t i = 0; i < run->job_count; i++) {
		struct job *job = &run->jobs[i];

		if (uv_is_active((uv_handle_t *)&job->timer)) {
			uv_timer_stop(&job->timer);
			job->after_pause(job);
		}
	}
}

/* Nobody reads what is printed from now on. */
static void stop_if_unread(struct run *run)
{
	if (!run->is_interrupted && !streams_flush()) {
		run->is_interrupted = true;
		end_pauses(run);
	}
}

static bool is_last_round(const struct job *job)
{
	return job->run->is_interrupted ||
	       (job->command->number > 0 && job->round >= (size_t)job->command->number);
}

void loop_job_ended(struct job *job)
{
	struct run *run = job->run;

	run->failure_count += job->error ? 1 : 0;
	if (job->command->verb->repeats) {
		print_now(job);
		stop_if_unread(run);
		job->round++;
		if (!is_last_round(job)) {
			job_pause(job, job->command->pause_ms, again);
			leave(job);
			return;
		}
	}
	job->is_done = true;
	run->left_count--;
	leave(job);
	if (run->left_count == 0) {
		close_all(run);
	}
}

/* What is known is still told. */
static void cut_off(struct run *run, int number)
{
	run->cut_by = number;
	close_all(run);
	for (size_t i = 0; i < run->job_count; i++) {
		struct job *job = &run->jobs[i];

		if (!job->is_done) {
			job_give_up(job, job->is_begun ? "interrupted, outcome unknown"
						       : "interrupted, nothing was done");
		}
	}
}

/* The first asks for an end in order, the second does not. */
static void on_signal(uv_signal_t *handle, int number)
{
	struct run *run = handle->data;
	const struct verb *verb = run->command->verb;

	if (run->is_interrupted) {
		signal(number, SIG_DFL);
		(void)raise(number);
		return;
	}
	run->is_interrupted = true;
	if (verb->repeats || verb->is_restoring) {
		end_pauses(run);
	} else {
		cut_off(run, number);
	}
}

static void watch_signals(struct run *run)
{
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		uv_signal_init(&run->loop, &run->signals[i]);
		run->signals[i].data = run;
		uv_signal_start(&run->signals[i], on_signal, signals[i]);
		uv_unref((uv_handle_t *)&run->signals[i]);
	}
}

static struct link *link_for(struct run *run, const struct target *target)
{
	struct link *link;

	for (size_t i = 0; i < run->link_count; i++) {
		link = &run->links[i];
		if (link->line.port == target->port && strcmp(link->line.host, target->host) == 0 &&
			target->host[0] != '\0') {
			return link;
		}
	}
	link = &run->links[run->link_count++];
	link->run = run;
	if (plug_line_init(&link->line, &run->transport, target->host, target->port, NULL) !=
		PLUG_OK) {
		memory_is_out();
	}
	link->line.data = link;
	return link;
}

static void make_jobs(struct run *run, const struct targets *targets)
{
	run->job_count = targets->count;
	run->left_count = targets->count;
	run->jobs = memory_new(targets->count, sizeof *run->jobs);
	run->links = memory_new(targets->count, sizeof *run->links);
	for (size_t i = 0; i < targets->count; i++) {
		struct job *job = &run->jobs[i];

		job->run = run;
		job->command = run->command;
		job->target = &targets->items[i];
		job->link = link_for(run, job->target);
		job->deadline_ms = uv_now(&run->loop) + run->span_ms;
		uv_timer_init(&run->loop, &job->timer);
		job->timer.data = job;
	}
}

static void print_one(struct run *run, const struct output_result *result)
{
	const struct verb *verb = run->command->verb;

	if (verb->print && result->data) {
		verb->print(run->command, result);
	} else {
		output_print(&run->output, result);
	}
}

static void print_all(struct run *run)
{
	for (size_t i = 0; i < run->job_count; i++) {
		const struct output_result result = result_of(&run->jobs[i]);

		output_measure(&run->output, &result);
	}
	for (int wants_failures = 0; wants_failures < 2; wants_failures++) {
		for (size_t i = 0; i < run->job_count; i++) {
			const struct output_result result = result_of(&run->jobs[i]);

			if (!result.data == (wants_failures == 1)) {
				print_one(run, &result);
			}
		}
	}
}

static void clear(struct run *run)
{
	for (size_t i = 0; i < run->job_count; i++) {
		plug_reply_clear(&run->jobs[i].sysinfo);
		json_object_put(run->jobs[i].data);
		free(run->jobs[i].error);
	}
	free(run->jobs);
	free(run->links);
	uv_loop_close(&run->loop);
}

/* Lines of a verb that repeats come before all that have to be aligned are known. */
static void widen_names(struct run *run, const struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++) {
		const size_t size = strlen(targets->items[i].name);

		if (size > run->output.name_width) {
			run->output.name_width = size;
		}
	}
}

static void prepare(struct run *run, const struct targets *targets)
{
	const struct verb *verb = run->command->verb;

	output_init(&run->output, command_has(run->command, OPTION_JSON), verb->columns,
		verb->rows_key);
	if (verb->repeats) {
		widen_names(run, targets);
	}
	run->output.is_block = verb->is_block && targets->count == 1;
	run->span_ms =
		run->command->timeout_ms + (verb->extra_ms ? verb->extra_ms(run->command) : 0);
	if (uv_loop_init(&run->loop) != 0) {
		memory_is_out();
	}
	plug_transport_init(&run->transport, &run->loop);
	watch_signals(run);
	make_jobs(run, targets);
}

int run_all(const struct command *command, const struct targets *targets)
{
	struct run *run = memory_new(1, sizeof *run);
	int status;

	run->command = command;
	prepare(run, targets);
	for (size_t i = 0; i < run->job_count; i++) {
		enter(&run->jobs[i]);
	}
	uv_run(&run->loop, UV_RUN_DEFAULT);
	if (!command->verb->repeats) {
		print_all(run);
	}
	status = run->failure_count > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	status = run->cut_by != 0 ? STATUS_SIGNAL + run->cut_by : status;
	if (ending_drain(&run->loop)) {
		clear(run);
		free(run);
	}
	return status;
}

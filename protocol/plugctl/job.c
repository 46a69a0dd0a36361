#include "protocol/plugctl/job.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "protocol/plugctl/hostclock.h"
#include "protocol/plugctl/loop.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/terminal/show.h"
#include "protocol/plugctl/verb.h"

enum { BUSY_MAX = 5, BUSY_PAUSE_MS = 1000 };

static void show_line(const struct job *job, char mark, const char *text, size_t size)
{
	show(job->command,
		&(struct dump) {
			.name = job->target->name, .mark = mark, .text = text, .size = size });
}

static void forget_request(struct job *job)
{
	if (job->asked) {
		OPENSSL_cleanse(job->asked, job->asked_size); /* it may hold a password */
	}
	free(job->asked);
	job->asked = NULL;
}

static void send_request(struct job *job);

/* A device that is still at a long command takes no other: again after a while, if there is time
 * for it. */
static bool waits_for_device(struct job *job, const struct plug_reply *reply)
{
	if (!plug_reply_is_busy(reply) || job->busy_count == BUSY_MAX ||
		job->deadline_ms <= loop_now_ms(job->run) + BUSY_PAUSE_MS) {
		return false;
	}
	job->busy_count++;
	job_pause(job, BUSY_PAUSE_MS, send_request);
	return true;
}

static void hand_over(struct job *job, enum plug_error error, const struct plug_reply *reply)
{
	forget_request(job);
	if (error != PLUG_OK) {
		job_fail_error(job, error);
	} else {
		job->then(job, reply);
	}
}

static void on_answer(struct plug_line *line, enum plug_error error, const char *text, size_t size)
{
	struct link *link = line->data;
	struct job *job = link->current;
	struct plug_reply reply = { 0 };
	const bool has_vanished = job->may_vanish &&
				  (error == PLUG_ERESET || error == PLUG_ETIMEOUT) &&
				  plug_line_was_sent(line);

	if (loop_is_closing(job->run)) {
		forget_request(job);
		return;
	}
	if (error == PLUG_OK) {
		show_line(job, '<', text, size);
		error = plug_reply_parse(&reply, text, size);
	}
	if (has_vanished) {
		hand_over(job, PLUG_OK, NULL);
	} else if (error != PLUG_OK || !waits_for_device(job, &reply)) {
		hand_over(job, error, &reply);
	}
	plug_reply_clear(&reply);
}

static void send_request(struct job *job)
{
	const uint64_t now_ms = loop_now_ms(job->run);
	enum plug_error error = PLUG_ETIMEOUT;

	if (job->is_asked_once) {
		/* A connection that is surely alive: one that died while it was kept could not be
		 * told from a device that took the order and then went. */
		plug_line_disconnect(&job->link->line);
	}
	if (job->deadline_ms > now_ms) {
		show_line(job, '>', job->asked, job->asked_size);
		error = plug_line_ask(&job->link->line,
			&(struct plug_ask) { .text = job->asked,
				.size = job->asked_size,
				.timeout_ms = job->deadline_ms - now_ms,
				.may_repeat = job->may_repeat },
			on_answer);
	}
	if (error != PLUG_OK) {
		hand_over(job, error, NULL);
	}
}

static void ask(struct job *job, const char *text, size_t size, job_answer_cb *then)
{
	job->asked = memory_new(size + 1, 1);
	memcpy(job->asked, text, size);
	job->asked_size = size;
	job->busy_count = 0;
	job->then = then;
	send_request(job);
}

void job_ask(struct job *job, enum plug_error built, const struct plug_request *request,
	job_answer_cb *then)
{
	if (built != PLUG_OK) {
		job_fail_error(job, built);
		return;
	}
	job->is_asked_once = false;
	job->may_repeat = true;
	ask(job, request->text, request->size, then);
}

void job_ask_once(struct job *job, enum plug_error built, const struct plug_request *request,
	job_answer_cb *then)
{
	if (built != PLUG_OK) {
		job_fail_error(job, built);
		return;
	}
	job->is_asked_once = true;
	job->may_repeat = false;
	ask(job, request->text, request->size, then);
}

void job_ask_text(struct job *job, const char *text, job_answer_cb *then)
{
	job->is_asked_once = false;
	job->may_repeat = false;
	ask(job, text, strlen(text), then);
}

void job_fail_device(
	struct job *job, enum plug_error error, const struct plug_device_error *device_error)
{
	if (device_error->err_code == 0) {
		job_fail_error(job, error);
		return;
	}
	job->err_code = device_error->err_code;
	job_fail(job, "%s: %s (%d)", plug_error_text(error),
		plug_device_error_text(device_error->err_code), device_error->err_code);
}

struct json_object *job_answer(
	struct job *job, const struct plug_reply *reply, struct plug_method method)
{
	struct plug_device_error device_error;
	struct json_object *answer;
	const enum plug_error error =
		plug_reply_method(reply, method.module, method.method, &answer, &device_error);

	if (error == PLUG_OK) {
		return answer;
	}
	job_fail_device(job, error, &device_error);
	return NULL;
}

void job_check_clock(const struct job *job, const struct plug_time *time)
{
	if (hostclock_is_far(time)) {
		fprintf(stderr,
			"plugctl: %s: its clock says %04d-%02d-%02d, which this computer's does "
			"not: see plugctl time get, and set it with time sync\n",
			job->target->name, time->year, time->month, time->day);
	}
}

static bool is_pinned_device(const struct job *job)
{
	return !job->target->has_mac || job->is_renamed ||
	       (job->info.has_mac &&
		       memcmp(job->info.mac, job->target->mac, sizeof job->info.mac) == 0);
}

static void on_sysinfo(struct job *job, const struct plug_reply *reply)
{
	static const struct plug_method method = { "system", "get_sysinfo" };
	enum plug_error error;

	if (!job_answer(job, reply, method)) {
		return;
	}
	plug_reply_clear(&job->sysinfo);
	job->sysinfo.root = json_object_get(reply->root);
	error = plug_reply_sysinfo(&job->sysinfo, &job->info);
	if (error != PLUG_OK) {
		job_fail_error(job, error);
	} else if (!is_pinned_device(job)) {
		job_fail(job, "another device is at this address: its MAC is not the configured "
			      "one");
	} else {
		job->after_sysinfo(job, reply);
	}
}

void job_refresh(struct job *job, job_answer_cb *then)
{
	struct plug_request request;

	job->after_sysinfo = then;
	job_ask(job, plug_request_sysinfo(&request), &request, on_sysinfo);
}

static void on_timer(uv_timer_t *timer)
{
	struct job *job = timer->data;

	job->after_pause(job);
}

void job_pause(struct job *job, uint64_t milliseconds, job_cb *then)
{
	job->after_pause = then;
	uv_timer_start(&job->timer, on_timer, job_is_interrupted(job) ? 0 : milliseconds, 0);
}

void job_fail(struct job *job, const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	int size;

	va_start(arguments, format);
	size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (size >= 0) {
		text = memory_new((size_t)size + 1, 1);
		va_start(arguments, format);
		(void)vsnprintf(text, (size_t)size + 1, format, arguments);
		va_end(arguments);
	}
	free(job->error);
	job->error = text ? text : memory_copy("failed");
	json_object_put(job->data);
	job->data = NULL;
	loop_job_ended(job);
}

/* The transport tells only that the system gave it nothing. */
static bool has_no_files(void)
{
	const int file = dup(STDERR_FILENO);
	const bool is_full = file < 0 && (errno == EMFILE || errno == ENFILE);

	if (file >= 0) {
		close(file);
	}
	return is_full;
}

void job_fail_error(struct job *job, enum plug_error error)
{
	if (error == PLUG_ERESOLVE && job->target->hint) {
		job_fail(job, "%s; did you mean '%s'?", plug_error_text(error), job->target->hint);
	} else if (error == PLUG_EREFUSED && !job->sysinfo.root) {
		job_fail(job,
			"%s: perhaps newer firmware has closed the port, plugctl discover tells",
			plug_error_text(error));
	} else if (error == PLUG_ESYSTEM && has_no_files()) {
		job_fail(job, "too many open files: raise the limit with ulimit -n");
	} else {
		job_fail(job, "%s", plug_error_text(error));
	}
}

struct json_object *job_data(struct job *job)
{
	if (!job->data) {
		job->data = memory_json(json_object_new_object());
	}
	return job->data;
}

void job_give_up(struct job *job, const char *error)
{
	forget_request(job);
	free(job->error);
	job->error = memory_copy(error);
	json_object_put(job->data);
	job->data = NULL;
	job->is_done = true;
}

bool job_chose_outlet(struct job *job)
{
	if (job->info.family != PLUG_FAMILY_STRIP || job->target->outlet ||
		command_has(job->command, OPTION_ALL_OUTLETS)) {
		return true;
	}
	job_fail(job, "is a strip of %zu outlets: name one as in %s/1, or give --all-outlets",
		job->info.outlet_count, job->target->device);
	return false;
}

void job_done(struct job *job)
{
	(void)job_data(job);
	loop_job_ended(job);
}

const char *job_child_id(const struct job *job)
{
	const char *id = job->info.outlets[job->outlet].child_id;

	return id[0] != '\0' ? id : NULL;
}

struct json_object *job_sysinfo(const struct job *job)
{
	struct json_object *system;
	struct json_object *sysinfo;

	(void)json_object_object_get_ex(job->sysinfo.root, "system", &system);
	(void)json_object_object_get_ex(system, "get_sysinfo", &sysinfo);
	return sysinfo;
}

void job_rows(struct job *job)
{
	const char *key = job->command->verb->rows_key;

	if (!job->data) {
		job->data = memory_json(json_object_new_object());
		json_object_object_add(job->data, key, memory_json(json_object_new_array()));
	}
}

/* Of outlet number, from 1 on, of a strip. */
static void put_name(const struct job *job, struct json_object *row, int64_t number)
{
	char *name = memory_format("%s/%lld", job->target->device, (long long)number);

	output_text(row, "name", job->target->outlet ? job->target->name : name);
	free(name);
}

struct json_object *job_row(struct job *job)
{
	struct json_object *row = memory_json(json_object_new_object());
	struct json_object *rows;

	job_rows(job);
	(void)json_object_object_get_ex(job->data, job->command->verb->rows_key, &rows);
	if (job_child_id(job)) {
		put_name(job, row, (int64_t)job->outlet + 1);
		output_int(row, "outlet", (int64_t)job->outlet + 1);
	}
	json_object_array_add(rows, row);
	return row;
}

static void name_rows(struct job *job)
{
	const char *key = job->command->verb->rows_key;
	struct json_object *rows = NULL;
	struct json_object *number;

	if (!key || !json_object_object_get_ex(job->data, key, &rows)) {
		return;
	}
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);

		if (json_object_object_get_ex(row, "outlet", &number)) {
			put_name(job, row, json_object_get_int64(number));
		}
	}
}

void job_follow(struct job *job, const struct job *other)
{
	job->err_code = other->err_code;
	if (other->error) {
		job_fail(job, "%s", other->error);
		return;
	}
	if (json_object_deep_copy(other->data, &job->data, NULL) != 0) {
		memory_is_out();
	}
	name_rows(job);
	job_done(job);
}

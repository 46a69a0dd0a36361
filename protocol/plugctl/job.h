/* job.h - one target on its way through a verb.
 *
 * A verb is a chain of small functions: each asks the device something and names the function that
 * goes on with the answer. Whatever goes wrong on the way ends the job with a failure, so that the
 * functions see good answers only. Every job ends with job_done or job_fail, once. */
#ifndef PLUG_PLUGCTL_JOB_H
#define PLUG_PLUGCTL_JOB_H

#include "protocol/io/exchange.h"
#include "protocol/network.h"
#include "protocol/plugctl/command.h"
#include "protocol/plugctl/find/targets.h"
#include "protocol/reply.h"
#include "protocol/rules.h"
#include "protocol/settings.h"
#include "protocol/sysinfo.h"

#include <json-c/json.h>
#include <uv.h>

struct run;
struct job;

typedef void job_answer_cb(struct job *job, const struct plug_reply *reply);
typedef void job_cb(struct job *job);

/* The way to one device, shared by the jobs that mean its outlets: one at a time. */
struct link {
	struct plug_line line;
	struct run *run;
	bool is_open;
	struct job *current;
	struct job *first_waiting, *last_waiting;
	bool is_toggled[PLUG_OUTLETS_MAX];
};

struct job {
	struct run *run;
	const struct command *command;
	const struct target *target;
	struct link *link;
	struct job *next_waiting;
	uint64_t deadline_ms;
	uv_timer_t timer;
	job_cb *after_pause;
	job_answer_cb *then, *after_sysinfo;
	char *asked; /* the running request, for a device that was busy; wiped and freed with it */
	size_t asked_size;
	bool is_asked_once, may_repeat;
	unsigned busy_count; /* how often the device was */
	bool may_vanish;     /* the device may go away instead of answering */
	bool is_renamed;     /* its MAC was changed: it need not be the pinned one */
	bool is_begun;	     /* by the verb: from now on the device may have an order */
	bool is_done;

	struct plug_reply sysinfo; /* what info's texts are borrowed from */
	struct plug_sysinfo info;
	size_t outlet_first, outlet_end; /* the outlets meant, the last not included */
	size_t outlet;			 /* the one that is dealt with now */

	struct json_object *data; /* the result */
	char *error;		  /* the failure, in words */
	int err_code;

	/* The verb's own. */
	size_t round;
	bool wanted[PLUG_OUTLETS_MAX];
	bool led_was_on;
	enum plug_wifi_module wifi;
	enum plug_error refusal; /* what the first way was refused with, when a second is tried */
	int refusal_code;
	struct plug_period period;
	struct plug_rule rule;
	int zone;
	int64_t total_wh[PLUG_OUTLETS_MAX];
};

/* Asks, and calls then with the reply. built is what the request's builder returned: anything but
 * PLUG_OK ends the job. */
void job_ask(struct job *job, enum plug_error built, const struct plug_request *request,
	job_answer_cb *then);

/* As job_ask, for what must not be sent twice. */
void job_ask_once(struct job *job, enum plug_error built, const struct plug_request *request,
	job_answer_cb *then);

/* Any text, once. */
void job_ask_text(struct job *job, const char *text, job_answer_cb *then);

/* The device has refused: says so, with its err_code. */
void job_fail_device(
	struct job *job, enum plug_error error, const struct plug_device_error *device_error);

/* The answer of a method, or NULL and the job has failed with what the device said. */
struct json_object *job_answer(
	struct job *job, const struct plug_reply *reply, struct plug_method method);

/* Tells the user when this time, which the device goes by, cannot be right. */
void job_check_clock(const struct job *job, const struct plug_time *time);

/* Reads sysinfo again into job->info, then calls then. */
void job_refresh(struct job *job, job_answer_cb *then);

/* Goes on after a pause, or at once when the user interrupts. */
void job_pause(struct job *job, uint64_t milliseconds, job_cb *then);
bool job_is_interrupted(const struct job *job);

void job_done(struct job *job);

/* Ends the job without going on in its link. */
void job_give_up(struct job *job, const char *error);
void job_fail(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));
void job_fail_error(struct job *job, enum plug_error error);

/* The id to ask the current outlet with: NULL for a device with one. */
const char *job_child_id(const struct job *job);

/* The object below system.get_sysinfo. */
struct json_object *job_sysinfo(const struct job *job);

/* A new row of the result, named after the current outlet; owned by the result. */
struct json_object *job_row(struct job *job);

/* Takes the result of another job, which has ended, with its own names for the outlets. */
void job_follow(struct job *job, const struct job *other);

/* True when it is clear which outlet is meant: the target names one, or has only one, or all were
 * asked for. Otherwise the job has failed. */
bool job_chose_outlet(struct job *job);

/* The result of a verb without rows; owned by the job. */
struct json_object *job_data(struct job *job);

/* Makes the array of rows, so that it is there without a row. */
void job_rows(struct job *job);

#endif

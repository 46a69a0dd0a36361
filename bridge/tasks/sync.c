/* The device's clock and zone: compared with ours, and set when they are wrong. What was set is
 * read back before it counts. */
#include <stdlib.h>

#include "bridge/log.h"
#include "bridge/mem.h"
#include "bridge/tasks/common.h"
#include "bridge/tasks/tasks.h"
#include "bridge/time/compare.h"
#include "bridge/time/zone.h"
#include "protocol/clock.h"

enum {
	DAY_MS = 24 * 3600 * 1000,
	/* A device that comes and goes is not compared each time. */
	AGAIN_MS = 10 * 1000,
	/* All at once would be a storm: at a start, and when summer time begins. */
	START_SPREAD_MS = 5 * 1000,
	CHANGE_SPREAD_MS = 120 * 1000,
	MISSES_MAX = 3,
};

enum step { STEP_NONE, STEP_ZONE, STEP_TIME, STEP_SET_ZONE, STEP_SET_TIME };

struct device_clock {
	uint64_t next_ms;     /* nothing is asked before */
	uint64_t compared_ms; /* 0: never */
	struct clock_reading reading;
	enum step step;
	unsigned misses;
	int64_t error_s; /* before it was set, if it had_time */
	bool had_time;
	bool was_set;	   /* and is being read back */
	bool refuses_zone; /* set_timezone is not for it */
	bool is_wrong;	   /* and could not be set */
};

/* A place in a span of time that each device keeps to. */
static uint64_t spread_ms(const struct device *device, uint64_t span_ms)
{
	return device->poll_ms > 0
		       ? span_ms * (device->phase_ms % device->poll_ms) / device->poll_ms
		       : 0;
}

static struct device_clock *clock_of(struct device *device)
{
	if (!device->clock) {
		device->clock = mem_new(sizeof *device->clock);
		device->clock->next_ms = task_now_ms(device) + spread_ms(device, START_SPREAD_MS);
	}
	return device->clock;
}

void task_free_clock(struct device *device)
{
	free(device->clock);
	device->clock = NULL;
}

bool task_has_wrong_clock(const struct device *device)
{
	return device->clock && device->clock->is_wrong;
}

void task_plan_clock(struct device *device)
{
	struct device_clock *clock = device->clock;

	if (clock) {
		clock->step = STEP_NONE;
		clock->misses = 0;
		clock->was_set = false;
		clock->next_ms = clock->compared_ms > 0 ? clock->compared_ms + AGAIN_MS : 0;
	}
}

static void finish(struct device *device, uint64_t wait_ms)
{
	struct device_clock *clock = device->clock;

	clock->step = STEP_NONE;
	clock->was_set = false;
	clock->next_ms = task_now_ms(device) + wait_ms;
}

static bool is_due(const struct device *device, const struct device_clock *clock)
{
	const uint64_t now = task_now_ms(device);
	const uint64_t since_ms = device->host->clock.since_ms;

	return now >= clock->next_ms ||
	       (since_ms > clock->compared_ms &&
		       now >= since_ms + spread_ms(device, CHANGE_SPREAD_MS));
}

static bool wants_compare(struct device *device)
{
	struct device_clock *clock = NULL;

	if (!device->host->clock.is_on || !device->is_known) {
		return false;
	}
	clock = clock_of(device);
	if (clock->step == STEP_NONE && is_due(device, clock)) {
		clock->step = STEP_ZONE;
	}
	device->target = NULL;
	return clock->step == STEP_ZONE || clock->step == STEP_TIME;
}

static enum plug_error write_compare(struct device *device, struct plug_request *request)
{
	return device->clock->step == STEP_ZONE ? plug_request_timezone(request, device->family)
						: plug_request_time(request, device->family);
}

static void set_wrong(struct device *device)
{
	if (!device->clock->is_wrong) {
		device->clock->is_wrong = true;
		log_warn("%s: its clock is wrong and cannot be set", device->name);
	}
	finish(device, DAY_MS);
}

static void tell_set(const struct device *device)
{
	if (device->clock->had_time) {
		log_info("%s: clock set, it was %lld s off", device->name,
			(long long)device->clock->error_s);
	} else {
		log_info("%s: clock set, it had none", device->name);
	}
}

static void conclude(struct device *device, int64_t wall_s)
{
	struct device_clock *clock = device->clock;
	const bool is_time_right = clock_has_right_time(&clock->reading, wall_s);
	const bool is_zone_right = clock->refuses_zone ||
				   clock_has_right_zone(&clock->reading, device->host->clock.zone);

	if (is_time_right && is_zone_right) {
		if (clock->was_set) {
			device->host->counters.clocks_set++;
			tell_set(device);
		}
		clock->is_wrong = false;
		finish(device, DAY_MS);
	} else if (clock->was_set) {
		set_wrong(device);
	} else {
		clock->had_time = clock->reading.has_time;
		clock->error_s = clock_error_s(&clock->reading, wall_s);
		clock->step = clock->refuses_zone ? STEP_SET_TIME : STEP_SET_ZONE;
	}
}

static void on_time(struct device *device, const struct plug_reply *reply)
{
	struct device_clock *clock = device->clock;
	const enum plug_error error = plug_reply_time(reply, device->family, &clock->reading.time);

	clock->reading.has_time = error == PLUG_OK;
	clock->misses = 0;
	clock->compared_ms = task_now_ms(device);
	device->host->counters.clocks_compared++;
	if (error == PLUG_EUNSUPPORTED) {
		finish(device, DAY_MS);
	} else {
		conclude(device, task_wall_ms() / 1000);
	}
}

static void on_compare_reply(struct device *device, const struct plug_reply *reply)
{
	struct clock_reading *reading = &device->clock->reading;

	if (device->clock->step == STEP_ZONE) {
		reading->has_zone =
			plug_reply_timezone(reply, device->family, &reading->zone) == PLUG_OK;
		device->clock->step = STEP_TIME;
	} else {
		on_time(device, reply);
	}
}

static void on_failure(struct device *device, enum plug_error error)
{
	(void)error;
	finish(device, ++device->clock->misses < MISSES_MAX ? AGAIN_MS : DAY_MS);
}

const struct device_task task_compare = {
	.name = "compare",
	.is_wanted = wants_compare,
	.write = write_compare,
	.on_reply = on_compare_reply,
	.on_failure = on_failure,
	.may_repeat = true,
};

/* As an order for a relay, it goes to no device but a checked one. */
static bool wants_set(struct device *device)
{
	const struct device_clock *clock = device->clock;

	device->target = NULL;
	return clock && (clock->step == STEP_SET_ZONE || clock->step == STEP_SET_TIME) &&
	       device->host->clock.is_on && task_is_trusted(device);
}

static enum plug_error write_set(struct device *device, struct plug_request *request)
{
	struct plug_time local;

	zone_local(task_wall_ms() / 1000, &local);
	return device->clock->step == STEP_SET_ZONE
		       ? plug_request_set_timezone(
				 request, device->family, device->host->clock.zone, &local)
		       : plug_request_set_time(request, device->family, &local);
}

static void on_refused(struct device *device)
{
	struct device_clock *clock = device->clock;

	if (clock->step == STEP_SET_TIME) {
		set_wrong(device);
		return;
	}
	clock->refuses_zone = true;
	clock->step = STEP_SET_TIME;
	if (clock_has_right_time(&clock->reading, task_wall_ms() / 1000)) {
		finish(device, DAY_MS);
	}
}

static void on_set_reply(struct device *device, const struct plug_reply *reply)
{
	struct device_clock *clock = device->clock;
	const char *method = clock->step == STEP_SET_ZONE ? "set_timezone" : "set_time";
	struct plug_device_error refused = { 0 };
	struct json_object *answer = NULL;
	const enum plug_error error = plug_reply_method(
		reply, plug_family_traits(device->family)->time_module, method, &answer, &refused);

	if (error == PLUG_OK) {
		clock->was_set = true;
		clock->step = STEP_ZONE;
	} else if (plug_device_error_kind(refused.err_code) == PLUG_DEVICE_ERROR_BUSY ||
		   error == PLUG_EPROTO) {
		on_failure(device, error);
	} else {
		on_refused(device);
	}
}

const struct device_task task_set_clock = {
	.name = "set clock",
	.is_wanted = wants_set,
	.write = write_set,
	.on_reply = on_set_reply,
	.on_failure = on_failure,
};

/* What could be carried over to another device, should this one die: read once a day, question by
 * question, and when the device comes back. */
#include <stdlib.h>
#include <string.h>

#include "bridge/mem.h"
#include "bridge/tasks/common.h"
#include "bridge/tasks/tasks.h"
#include "protocol/snapshot/snapshot.h"

enum {
	KNOWN_DAY_MS = 24 * 3600 * 1000,
	/* A device that comes and goes is not read each time. */
	KNOWN_AGAIN_MS = 3600 * 1000,
	/* What a start or a return brings comes first. */
	KNOWN_SETTLE_MS = 3000,
	/* One device after the other: nobody waits for this. */
	KNOWN_PACE_MS = 1000,
	KNOWN_RETRY_MS = 2000,
	KNOWN_MISSES_MAX = 3,
};

/* Under way. */
struct device_known {
	struct plug_snapshot_reading reading;
	unsigned misses;
};

void task_free_known(struct device *device)
{
	if (device->known) {
		plug_snapshot_clear(&device->known->reading.snapshot);
		free(device->known);
		device->known = NULL;
	}
}

void task_plan_known(struct device *device)
{
	const uint64_t settled_ms = task_now_ms(device) + KNOWN_SETTLE_MS;
	const uint64_t again_ms =
		device->known_read_ms > 0 ? device->known_read_ms + KNOWN_AGAIN_MS : 0;

	task_free_known(device);
	device->known_at_ms = settled_ms > again_ms ? settled_ms : again_ms;
}

static bool wants_known(struct device *device)
{
	const uint64_t now = task_now_ms(device);

	device->target = NULL;
	return device->known_at_ms > 0 && now >= device->known_at_ms && task_is_trusted(device) &&
	       (device->known || now >= device->host->known_next_ms);
}

static enum plug_error write_known(struct device *device, struct plug_request *request)
{
	if (!device->known) {
		device->known = mem_new(sizeof *device->known);
		plug_snapshot_begin(&device->known->reading, device->box.read_wall_ms / 1000);
		device->host->known_next_ms = task_now_ms(device) + KNOWN_PACE_MS;
	}
	return plug_snapshot_ask(&device->known->reading, request);
}

static void end_reading(struct device *device)
{
	task_free_known(device);
	device->known_read_ms = task_now_ms(device);
	device->known_at_ms = device->known_read_ms + KNOWN_DAY_MS;
}

/* Tried again a few times, then the next day. */
static void on_known_failure(struct device *device, enum plug_error error)
{
	if (error == PLUG_EUNSUPPORTED || ++device->known->misses >= KNOWN_MISSES_MAX) {
		end_reading(device);
	} else {
		device->known_at_ms = task_now_ms(device) + KNOWN_RETRY_MS;
	}
}

static void on_known_reply(struct device *device, const struct plug_reply *reply)
{
	struct plug_snapshot_reading *reading = &device->known->reading;
	const struct plug_snapshot *snapshot = &reading->snapshot;
	enum plug_error error = plug_snapshot_take(reading, reply);

	if (error == PLUG_OK && !(snapshot->has_mac && memcmp(snapshot->mac, device->mac,
							       sizeof device->mac) == 0)) {
		error = PLUG_EUNSUPPORTED;
	}
	if (error != PLUG_OK) {
		on_known_failure(device, error);
		return;
	}
	device->known->misses = 0;
	if (plug_snapshot_is_done(reading)) {
		device->host->events->on_known(device->host->arg, device, snapshot);
		end_reading(device);
	}
}

const struct device_task task_known = {
	.name = "known",
	.is_wanted = wants_known,
	.write = write_known,
	.on_reply = on_known_reply,
	.on_failure = on_known_failure,
	.may_repeat = true,
};

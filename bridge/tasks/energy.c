/* Energy beside the read: the reading of one outlet of a strip, and the energy of today. */
#include "bridge/tasks/common.h"
#include "bridge/tasks/tasks.h"

enum {
	/* No Kasa plug is older; a device that says so has lost its clock. */
	CLOCK_YEAR_MIN = 2015,
};

static bool wants_energy(struct device *device)
{
	for (size_t i = 0; i < device->outlet_count && device->is_strip; i++) {
		if (device->outlets[i].wants_energy && device->outlets[i].child_id) {
			device->target = &device->outlets[i];
			return true;
		}
	}
	return false;
}

static enum plug_error write_energy(struct device *device, struct plug_request *request)
{
	device->target->wants_energy = false;
	return plug_request_realtime(request, device->family, device->target->child_id);
}

static void on_energy_reply(struct device *device, const struct plug_reply *reply)
{
	task_changed(device, device->target, task_take_reading(device, reply, device->target));
}

const struct device_task task_energy = {
	.name = "energy",
	.is_wanted = wants_energy,
	.write = write_energy,
	.on_reply = on_energy_reply,
	.on_failure = task_on_side_failure,
	.may_repeat = true,
};

/* Without a clock there is no today: what was known of it is gone. */
static bool wants_day(struct device *device)
{
	for (size_t i = 0; i < device->outlet_count; i++) {
		struct outlet *outlet = &device->outlets[i];

		if (outlet->wants_day && device->date.year >= CLOCK_YEAR_MIN) {
			device->target = outlet;
			return true;
		}
		if (outlet->wants_day) {
			outlet->wants_day = false;
			task_changed(device, outlet,
				outlet_take_today(outlet, false, 0, &device->host->steps));
		}
	}
	return false;
}

static enum plug_error write_day(struct device *device, struct plug_request *request)
{
	device->target->wants_day = false;
	return plug_request_day_statistics(request, device->family, device->target->child_id,
		device->date.year, device->date.month);
}

static void on_day_reply(struct device *device, const struct plug_reply *reply)
{
	int64_t energy_wh = 0;
	const enum plug_error error = plug_reply_day_energy(reply, device->family,
		device->date.year, device->date.month, device->date.day, &energy_wh);

	if (error != PLUG_OK) {
		device->host->counters.energy_errors++;
	}
	task_changed(device, device->target,
		outlet_take_today(
			device->target, error == PLUG_OK, energy_wh, &device->host->steps));
}

const struct device_task task_day = {
	.name = "day",
	.is_wanted = wants_day,
	.write = write_day,
	.on_reply = on_day_reply,
	.on_failure = task_on_side_failure,
	.may_repeat = true,
};

/* Energy beside the read: the reading of one outlet of a strip, and the statistics of the days. */
#include "bridge/tasks/common.h"
#include "bridge/tasks/tasks.h"
#include "protocol/statistics.h"

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

/* Once for all that were due. */
static void add_up(struct device *device)
{
	for (size_t i = 0; i < device->outlet_count; i++) {
		if (device->outlets[i].wants_energy) {
			return;
		}
	}
	task_add_up(device);
}

static void on_energy_reply(struct device *device, const struct plug_reply *reply)
{
	task_changed(device, device->target, task_take_reading(device, reply, device->target));
	add_up(device);
}

const struct device_task task_energy = {
	.name = "energy",
	.is_wanted = wants_energy,
	.write = write_energy,
	.on_reply = on_energy_reply,
	.on_failure = task_on_side_failure,
	.may_repeat = true,
};

/* days NULL: there are none. */
static void take_days(struct device *device, struct outlet *outlet, const struct plug_period *month,
	const struct plug_statistics *days)
{
	struct energy_host *host = &device->host->energy;
	const struct energy_time time = task_energy_time();
	struct energy_told told;

	energy_take_statistics(host, &outlet->energy, month, days, &time);
	told = energy_tell(host, &outlet->energy, &time);
	task_changed(device, outlet, outlet_take_energy(outlet, &told, &device->host->steps));
}

/* A device with a wrong clock writes its days down wrong. */
static bool wants_day(struct device *device)
{
	for (size_t i = 0; i < device->outlet_count; i++) {
		struct outlet *outlet = &device->outlets[i];

		if (outlet->wants_day && calendar_agrees(&device->date, task_wall_ms() / 1000)) {
			device->target = outlet;
			return true;
		}
		if (outlet->wants_day) {
			outlet->wants_day = false;
			take_days(device, outlet, NULL, NULL);
		}
	}
	return false;
}

static struct plug_statistic_ask ask_of(const struct device *device)
{
	return (struct plug_statistic_ask) {
		.statistic = PLUG_STATISTIC_ENERGY,
		.family = device->family,
		.child_id = device->target->child_id,
	};
}

static enum plug_error write_day(struct device *device, struct plug_request *request)
{
	const struct plug_statistic_ask ask = ask_of(device);
	const struct energy_time time = task_energy_time();

	device->target->wants_day = false;
	device->asked_month =
		energy_ask_statistics(&device->host->energy, &device->target->energy, &time);
	return plug_request_statistic(request, &ask, &device->asked_month);
}

static void on_day_failure(struct device *device, enum plug_error error)
{
	task_on_side_failure(device, error);
	take_days(device, device->target, NULL, NULL);
}

static void on_day_reply(struct device *device, const struct plug_reply *reply)
{
	const struct plug_statistic_ask ask = ask_of(device);
	struct plug_statistics days;
	const enum plug_error error =
		plug_reply_statistic(reply, &ask, &device->asked_month, &days);

	if (error == PLUG_OK) {
		take_days(device, device->target, &device->asked_month, &days);
	} else {
		on_day_failure(device, error);
	}
}

const struct device_task task_day = {
	.name = "day",
	.is_wanted = wants_day,
	.write = write_day,
	.on_reply = on_day_reply,
	.on_failure = on_day_failure,
	.may_repeat = true,
};

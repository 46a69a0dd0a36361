/* The device's date, wanted before the day's statistics. */
#include "bridge/tasks/common.h"
#include "bridge/tasks/tasks.h"

static bool wants_clock(struct device *device)
{
	device->target = NULL;
	return device->wants_date;
}

static enum plug_error write_clock(struct device *device, struct plug_request *request)
{
	device->wants_date = false;
	device->date.year = 0;
	return plug_request_time(request, device->family);
}

static void on_clock_reply(struct device *device, const struct plug_reply *reply)
{
	if (plug_reply_time(reply, device->family, &device->date) != PLUG_OK) {
		device->date.year = 0;
	}
}

const struct device_task task_clock = {
	.name = "clock",
	.is_wanted = wants_clock,
	.write = write_clock,
	.on_reply = on_clock_reply,
	.on_failure = task_on_side_failure,
	.may_repeat = true,
};

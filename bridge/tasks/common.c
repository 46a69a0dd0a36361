#include "bridge/tasks/common.h"

enum {
	/* How long a plug that closes after each reply is taken for itself at most. */
	TRUST_MAX_MS = 30 * 1000,
};

uint64_t task_now_ms(const struct device *device)
{
	return uv_now(device->host->transport.loop);
}

void task_changed(struct device *device, struct outlet *outlet, uint32_t leaves)
{
	if (leaves != LEAVES_NONE) {
		device->host->events->on_outlet(device->host->arg, outlet, leaves);
	}
}

bool task_is_trusted(const struct device *device)
{
	if (!device->is_verified) {
		return false;
	}
	if (device->line.is_connected) {
		return device->line.connects == device->verified_connection;
	}
	return task_now_ms(device) - device->verified_ms <=
	       (device->poll_ms < TRUST_MAX_MS / 2 ? 2 * device->poll_ms : TRUST_MAX_MS);
}

void task_retry_order(struct outlet *outlet)
{
	struct order *superseded = order_retry(&outlet->orders);

	if (superseded) {
		device_end_order(outlet, superseded, ORDER_STATUS_SUPERSEDED,
			"a newer command came before the device had answered");
	}
}

uint32_t task_take_reading(
	struct device *device, const struct plug_reply *reply, struct outlet *outlet)
{
	struct plug_realtime reading = { 0 };
	const enum plug_error error = plug_reply_realtime(reply, device->family, &reading);

	if (error != PLUG_OK) {
		device->host->counters.energy_errors++;
	}
	return outlet_take_reading(outlet, &reading, &device->host->steps);
}

void task_on_side_failure(struct device *device, enum plug_error error)
{
	(void)error;
	device->host->counters.energy_errors++;
}

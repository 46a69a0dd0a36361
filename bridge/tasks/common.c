#include "bridge/tasks/common.h"

#include <time.h>

enum {
	/* How long a plug that closes after each reply is taken for itself at most. */
	TRUST_MAX_MS = 30 * 1000,
};

uint64_t task_now_ms(const struct device *device)
{
	return uv_now(device->host->transport.loop);
}

int64_t task_wall_ms(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t clock_s(clockid_t clock)
{
	struct timespec now = { 0 };

	clock_gettime(clock, &now);
	return now.tv_sec;
}

struct energy_time task_energy_time(void)
{
	return (struct energy_time) { clock_s(CLOCK_REALTIME), clock_s(CLOCK_BOOTTIME) };
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

static uint32_t take_total(
	struct device *device, const struct plug_realtime *reading, struct outlet *outlet)
{
	struct energy_host *host = &device->host->energy;
	const struct energy_time time = task_energy_time();
	const struct energy_reading total = { reading->total_wh, reading->power_mw };
	struct energy_told told;

	if (reading->has_total) {
		energy_take_reading(host, &outlet->energy, &total, &time);
	}
	told = energy_tell(host, &outlet->energy, &time);
	return outlet_take_energy(outlet, &told, &device->host->steps);
}

uint32_t task_take_reading(
	struct device *device, const struct plug_reply *reply, struct outlet *outlet)
{
	struct plug_realtime reading = { 0 };
	const enum plug_error error = plug_reply_realtime(reply, device->family, &reading);
	uint32_t leaves = LEAVES_NONE;

	if (error != PLUG_OK) {
		device->host->counters.energy_errors++;
	}
	if (error == PLUG_EPROTO) {
		device->host->energy.counters.glitches++;
	}
	leaves = outlet_take_reading(outlet, &reading, &device->host->steps);
	return leaves | take_total(device, &reading, outlet);
}

void task_on_side_failure(struct device *device, enum plug_error error)
{
	(void)error;
	device->host->counters.energy_errors++;
}

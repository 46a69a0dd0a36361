/* A strip as a whole: what its outlets draw together. The strip itself answers for its first outlet
 * alone. */
#include "bridge/tasks/common.h"

static void add(bool *has_sum, int64_t *sum, bool has, int64_t value)
{
	*has_sum = *has_sum && has;
	*sum += value;
}

/* All of them or none: a sum with one missing is wrong. Of the voltage, which they share, the
 * mean. */
static struct plug_realtime sum_readings(const struct device *device)
{
	struct plug_realtime sum = { .has_power = true, .has_voltage = true, .has_current = true };
	int64_t count = 0;

	for (size_t i = 0; i < device->outlet_count; i++) {
		const struct outlet_readings *now = &device->outlets[i].now;

		add(&sum.has_power, &sum.power_mw, now->has_power, now->power_mw);
		add(&sum.has_voltage, &sum.voltage_mv, now->has_voltage, now->voltage_mv);
		add(&sum.has_current, &sum.current_ma, now->has_current, now->current_ma);
		count++;
	}
	sum.voltage_mv = count > 0 ? sum.voltage_mv / count : 0;
	return sum;
}

static struct energy_told sum_energy(const struct device *device)
{
	struct energy_told sum = { .has_energy = true, .has_today = true };

	for (size_t i = 0; i < device->outlet_count; i++) {
		const struct outlet_readings *now = &device->outlets[i].now;

		add(&sum.has_energy, &sum.energy_wh, now->has_energy, now->energy_wh);
		add(&sum.has_today, &sum.today_wh, now->has_energy_today, now->energy_today_wh);
	}
	return sum;
}

void task_add_up(struct device *device)
{
	const struct outlet_steps *steps = &device->host->steps;
	const struct plug_realtime reading = sum_readings(device);
	const struct energy_told told = sum_energy(device);
	uint32_t leaves = outlet_take_reading(device->whole, &reading, steps);

	leaves |= outlet_take_energy(device->whole, &told, steps);
	leaves |= outlet_take_heartbeat(device->whole, task_now_ms(device), steps);
	task_changed(device, device->whole, leaves);
}

#include "tests/sim/methods/handlers.h"

/* What a lying meter says instead, for a quantity of any unit. */
static const struct {
	const char *number;
} lies[] = {
	[SIM_LIE_NEGATIVE] = { "-2147483648" },
	[SIM_LIE_HUGE] = { "99999999999999" },
	[SIM_LIE_NAN] = { "NaN" },
	[SIM_LIE_INFINITE] = { "1e999" },
	[SIM_LIE_TEXT] = { "\"out of order\"" },
};

static void add_float(struct sim_text *out, const struct sim_reading *reading)
{
	sim_text_micro(out, "current", reading->current_ua);
	sim_text_micro(out, "voltage", reading->voltage_uv);
	sim_text_micro(out, "power", reading->power_uw);
	sim_text_micro(out, "total", reading->total_wh * 1000);
}

static void add_integer(struct sim_text *out, const struct sim_reading *reading)
{
	sim_text_int(out, "voltage_mv", reading->voltage_uv / 1000);
	sim_text_int(out, "current_ma", reading->current_ua / 1000);
	sim_text_int(out, "power_mw", reading->power_uw / 1000);
	sim_text_int(out, "total_wh", reading->total_wh);
}

static void add_lies(struct sim_call *call)
{
	static const char *const float_keys[] = { "current", "voltage", "power", "total" };
	static const char *const integer_keys[] = { "current_ma", "voltage_mv", "power_mw",
		"total_wh" };
	const char *const *keys =
		call->device->model->dialect == SIM_METER_FLOAT ? float_keys : integer_keys;

	call->plan->struck |= call->plan->reading_fault;
	for (size_t i = 0; i < 4; i++) {
		sim_text_key(call->out, keys[i]);
		sim_text_add(call->out, lies[call->plan->lie].number);
	}
}

int sim_get_realtime(struct sim_call *call)
{
	const enum sim_dialect dialect = call->device->model->dialect;
	const struct sim_reading reading =
		sim_device_read(call->device, call->outlet, call->step->now_ms);

	if (dialect == SIM_METER_SLOT) {
		sim_text_int(call->out, "slot_id", (int64_t)call->outlet);
	}
	if (call->plan->reading_fault != 0) {
		add_lies(call);
	} else if (dialect == SIM_METER_FLOAT) {
		add_float(call->out, &reading);
	} else if (dialect == SIM_METER_POWER) {
		sim_text_int(call->out, "power_mw", reading.power_uw / 1000);
	} else if (dialect == SIM_METER_TOTAL) {
		sim_text_int(call->out, "power_mw", reading.power_uw / 1000);
		sim_text_int(call->out, "total_wh", reading.total_wh);
	} else {
		add_integer(call->out, &reading);
	}
	return SIM_OK;
}

static void add_energy(struct sim_call *call, int64_t energy_wh)
{
	if (call->device->model->dialect == SIM_METER_FLOAT) {
		sim_text_micro(call->out, "energy", energy_wh * 1000);
	} else {
		sim_text_int(call->out, "energy_wh", energy_wh);
	}
}

static int64_t energy_of(struct sim_call *call, int32_t day)
{
	return sim_meter_day_wh(&call->device->outlets[call->outlet].meter, day);
}

static const struct sim_statistics energy = { energy_of, add_energy };

int sim_get_daystat(struct sim_call *call)
{
	return sim_add_days(call, &energy);
}

int sim_get_monthstat(struct sim_call *call)
{
	return sim_add_months(call, &energy);
}

int sim_erase_emeter_stat(struct sim_call *call)
{
	for (size_t i = 0; i < call->device->model->outlet_count; i++) {
		if (call->outlets & 1U << i) {
			sim_meter_erase(&call->device->outlets[i].meter);
		}
	}
	return SIM_OK;
}

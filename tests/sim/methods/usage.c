/* schedule.get_daystat and its like: the minutes that an outlet was on. */
#include "tests/sim/methods/handlers.h"

static void add_minutes(struct sim_call *call, int64_t minutes)
{
	sim_text_int(call->out, "time", minutes);
}

static int64_t minutes_of(struct sim_call *call, int32_t day)
{
	return sim_meter_day_wh(&call->device->outlets[call->outlet].usage, day);
}

static const struct sim_statistics usage = { minutes_of, add_minutes };

int sim_get_usage_days(struct sim_call *call)
{
	return sim_add_days(call, &usage);
}

int sim_get_usage_months(struct sim_call *call)
{
	return sim_add_months(call, &usage);
}

int sim_erase_runtime_stat(struct sim_call *call)
{
	for (size_t i = 0; i < call->device->model->outlet_count; i++) {
		if (call->outlets & 1U << i) {
			sim_meter_erase(&call->device->outlets[i].usage);
		}
	}
	return SIM_OK;
}

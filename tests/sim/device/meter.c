#include "tests/sim/device/meter.h"

#include "tests/sim/device/calendar.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/device/seed.h"

#include <stdlib.h>

/* A milliwatt for a millisecond is a microjoule. */
static const uint64_t WH_UJ = 3600000000;

/* What hangs on a plug runs so many hours of a day. */
enum { HOURS_MIN = 4, HOURS_MAX = 10 };

struct sim_history {
	size_t count;
	struct day {
		int32_t day;
		uint32_t wh;
	} days[SIM_METER_HISTORY_DAYS];
};

static uint32_t made_up_wh(const struct sim_meter *meter, int32_t day)
{
	const int64_t hours = sim_seed_between(meter->seed, (uint64_t)day, HOURS_MIN, HOURS_MAX);

	return (uint32_t)(meter->usual_wh * hours / HOURS_MAX);
}

void sim_meter_init(struct sim_meter *meter, uint64_t seed, uint32_t power_mw)
{
	*meter = (struct sim_meter) { .seed = seed, .usual_wh = power_mw * HOURS_MAX / 1000 };
}

void sim_meter_start(struct sim_meter *meter, int64_t now_ms, int32_t today)
{
	meter->updated_ms = now_ms;
	meter->today = today;
	meter->first_day = today - SIM_METER_PAST_DAYS;
	for (int32_t day = meter->first_day; day < today; day++) {
		meter->total_uj += made_up_wh(meter, day) * WH_UJ;
	}
}

void sim_meter_clear(struct sim_meter *meter)
{
	free(meter->history);
	*meter = (struct sim_meter) { 0 };
}

/* The place for a day: its own, a free one, or that of the earliest day. */
static struct day *place(struct sim_history *history, int32_t day)
{
	struct day *earliest = &history->days[0];

	for (size_t i = 0; i < history->count; i++) {
		if (history->days[i].day == day) {
			return &history->days[i];
		}
		if (history->days[i].day < earliest->day) {
			earliest = &history->days[i];
		}
	}
	return history->count < SIM_METER_HISTORY_DAYS ? &history->days[history->count++]
						       : earliest;
}

static void remember(struct sim_meter *meter, int32_t day, uint64_t wh)
{
	*place(meter->history, day) = (struct day) { .day = day, .wh = (uint32_t)wh };
}

/* From here on every day is kept; most simulations end before one does. */
static void begin_history(struct sim_meter *meter)
{
	meter->history = sim_allocate(sizeof *meter->history);
	for (int32_t day = meter->first_day; day < meter->today; day++) {
		remember(meter, day, made_up_wh(meter, day));
	}
}

int64_t sim_meter_day_wh(const struct sim_meter *meter, int32_t day)
{
	if (day == meter->today) {
		return (int64_t)(meter->today_uj / WH_UJ);
	}
	for (size_t i = 0; meter->history && i < meter->history->count; i++) {
		if (meter->history->days[i].day == day) {
			return meter->history->days[i].wh;
		}
	}
	if (!meter->history && day >= meter->first_day && day < meter->today) {
		return made_up_wh(meter, day);
	}
	return -1;
}

void sim_meter_set_today(struct sim_meter *meter, int32_t today)
{
	int64_t wh = 0;

	if (today == meter->today) {
		return;
	}
	if (!meter->history) {
		begin_history(meter);
	}
	remember(meter, meter->today, meter->today_uj / WH_UJ);
	wh = sim_meter_day_wh(meter, today);
	meter->today = today;
	meter->today_uj = wh > 0 ? (uint64_t)wh * WH_UJ : 0;
}

static void draw(struct sim_meter *meter, int64_t until_ms, uint32_t power_mw)
{
	const uint64_t energy_uj = (uint64_t)(until_ms - meter->updated_ms) * power_mw;

	meter->total_uj += energy_uj;
	meter->today_uj += energy_uj;
	meter->updated_ms = until_ms;
}

void sim_meter_run(
	struct sim_meter *meter, int64_t now_ms, uint32_t power_mw, int64_t local_offset_ms)
{
	while (meter->updated_ms < now_ms) {
		const int64_t midnight_ms =
			((int64_t)meter->today + 1) * SIM_DAY_MS - local_offset_ms;

		if (now_ms < midnight_ms) {
			draw(meter, now_ms, power_mw);
		} else {
			draw(meter, midnight_ms, power_mw);
			sim_meter_set_today(meter, meter->today + 1);
		}
	}
}

void sim_meter_erase(struct sim_meter *meter)
{
	free(meter->history);
	meter->history = NULL;
	meter->first_day = meter->today;
	meter->total_uj = 0;
	meter->today_uj = 0;
}

void sim_meter_set_total_wh(struct sim_meter *meter, uint64_t total_wh)
{
	meter->total_uj = total_wh * WH_UJ;
}

uint64_t sim_meter_total_wh(const struct sim_meter *meter)
{
	return meter->total_uj / WH_UJ;
}

#include "tests/unit/energy_world.h"

#include <time.h>

enum {
	MWS_PER_WH = 3600 * 1000,
	SWITCH_STEPS = 60, /* the power changes every ten minutes or so */
	SAVE_S = 3600,	   /* a reboot loses what was counted since the last full hour */
	CLOCK_LOST_MAX_S = 900,
};

static size_t day_now(struct world *world)
{
	struct energy_moment moment = { .wall_s = world->now_s };

	calendar_find_day(&world->calendar, &moment);
	return (size_t)(moment.day - world->first_day);
}

void world_init(struct world *world, uint64_t seed, int64_t start_s, int64_t total_wh)
{
	*world = (struct world) {
		.chance = seed * 2 + 1,
		.now_s = start_s,
		.total_mws = total_wh * MWS_PER_WH,
		.saved_mws = total_wh * MWS_PER_WH,
	};
	world->first_day = (uint16_t)day_now(world);
}

/* Vigna's xorshift64*. */
uint64_t world_random(struct world *world, uint64_t below)
{
	world->chance ^= world->chance >> 12;
	world->chance ^= world->chance << 25;
	world->chance ^= world->chance >> 27;
	return (world->chance * 0x2545F4914F6CDD1DU >> 16) % below;
}

bool world_strikes(struct world *world, uint64_t in)
{
	return world_random(world, in) == 0;
}

/* A lamp most of the time, now and then a kettle, at times nothing. */
static void switch_load(struct world *world)
{
	static const int64_t loads_mw[] = { 0, 3000, 60000, 60000, 250000, 2100000 };

	if (world_strikes(world, SWITCH_STEPS)) {
		world->power_mw =
			loads_mw[world_random(world, sizeof loads_mw / sizeof loads_mw[0])];
	}
}

/* Without a clock the energy goes to a day that nobody asks for. */
static bool has_clock(const struct world *world)
{
	return world->now_s >= world->clock_lost_until_s;
}

void world_step(struct world *world)
{
	const int64_t drawn_mws = world->power_mw * WORLD_STEP_S;
	size_t day = 0;

	world->now_s += WORLD_STEP_S;
	day = day_now(world);
	world->true_mws += drawn_mws;
	world->true_days[day] += drawn_mws;
	world->total_mws += drawn_mws;
	if (has_clock(world)) {
		world->days[day] += drawn_mws;
	}
	if (world->now_s % SAVE_S < WORLD_STEP_S) {
		world->saved_mws = world->total_mws;
	}
	switch_load(world);
}

void world_reboot(struct world *world)
{
	world->total_mws = world_strikes(world, 2) ? 0 : world->saved_mws;
	world->saved_mws = world->total_mws;
	world->clock_lost_until_s =
		world->now_s +
		(world_strikes(world, 8) ? (int64_t)world_random(world, CLOCK_LOST_MAX_S) : 30);
}

void world_erase(struct world *world)
{
	world->total_mws = world->saved_mws = 0;
	for (size_t i = 0; i < WORLD_DAYS_MAX; i++) {
		world->days[i] = 0;
	}
}

int64_t world_total_wh(const struct world *world)
{
	return world->total_mws / MWS_PER_WH;
}

int64_t world_true_wh(const struct world *world)
{
	return world->true_mws / MWS_PER_WH;
}

int64_t world_true_today_wh(struct world *world)
{
	return world->true_days[day_now(world)] / MWS_PER_WH;
}

struct plug_time world_clock(const struct world *world)
{
	const time_t shown = (time_t)(has_clock(world) ? world->now_s : 946684800);
	struct tm parts = { 0 };

	(void)localtime_r(&shown, &parts);
	return (struct plug_time) { parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
		parts.tm_hour, parts.tm_min, parts.tm_sec };
}

void world_statistics(const struct world *world, const struct plug_period *month,
	struct plug_statistics *statistics)
{
	*statistics = (struct plug_statistics) { 0 };
	for (int day = 1; day <= PLUG_STATISTICS_MAX; day++) {
		const int32_t at = calendar_day(month->year, month->month, day) - world->first_day;

		if (at >= 0 && at < WORLD_DAYS_MAX && world->days[at] > 0) {
			statistics->entries[statistics->count++] = (struct plug_statistic_entry) {
				.year = month->year,
				.month = month->month,
				.day = day,
				.is_possible = true,
				.value = world->days[at] / MWS_PER_WH,
			};
		}
	}
}

/* energy_world.h - a plug through a week of its life, and what it truly measured.
 *
 * It is switched on and off, reboots, is reset and erased, loses its clock, and says now and then
 * what is not true. Its clock shows local time (TZ). Everything follows from the seed. */
#ifndef PLUG_TESTS_UNIT_ENERGY_WORLD_H
#define PLUG_TESTS_UNIT_ENERGY_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/energy/calendar.h"
#include "protocol/statistics.h"

enum {
	WORLD_STEP_S = 10,
	WORLD_DAYS_MAX = 16, /* local days it can live through */
};

struct world {
	uint64_t chance; /* state of the random numbers */
	int64_t now_s;	 /* since 1970 */
	int64_t power_mw;
	int64_t true_mws;		   /* since the beginning */
	int64_t true_days[WORLD_DAYS_MAX]; /* of each local day, mWs */

	/* The device's own. */
	int64_t total_mws, saved_mws;
	int64_t days[WORLD_DAYS_MAX]; /* its statistics, mWs */
	int64_t clock_lost_until_s;
	uint16_t first_day;
	struct calendar calendar;
};

void world_init(struct world *world, uint64_t seed, int64_t start_s, int64_t total_wh);

/* 0 to below. */
uint64_t world_random(struct world *world, uint64_t below);
/* Once in so many times. */
bool world_strikes(struct world *world, uint64_t in);

/* One step of time. */
void world_step(struct world *world);

/* Counts from what it saved last, or from nothing; loses its clock for a while. */
void world_reboot(struct world *world);
/* Forgets its days as well. */
void world_erase(struct world *world);

int64_t world_total_wh(const struct world *world);
int64_t world_true_wh(const struct world *world);
int64_t world_true_today_wh(struct world *world);

/* What its clock shows. */
struct plug_time world_clock(const struct world *world);
void world_statistics(const struct world *world, const struct plug_period *month,
	struct plug_statistics *statistics);

#endif

/* meter.h - the energy counter of one outlet: a total, and the energy of each day.
 *
 * Whoever owns a meter tells it how much was drawn until when; it splits that at midnight. The days
 * before the simulation are made up from the seed, so that statistics have something to show; the
 * total is their sum. No clock here: time is an argument. */
#ifndef SIM_DEVICE_METER_H
#define SIM_DEVICE_METER_H

#include <stdint.h>

enum {
	SIM_METER_PAST_DAYS = 60,    /* a new meter has run this long */
	SIM_METER_HISTORY_DAYS = 62, /* as devices do: two months of single days */
};

struct sim_history;

struct sim_meter {
	uint64_t seed;
	uint64_t total_uj;
	uint64_t today_uj;
	int64_t updated_ms;
	int32_t today;		     /* by the device's calendar (calendar.h) */
	int32_t first_day;	     /* made-up days begin here */
	uint32_t usual_wh;	     /* of a made-up day */
	struct sim_history *history; /* NULL until the first day ends */
};

/* power_mw tells how much a usual day has. Free with sim_meter_clear. */
void sim_meter_init(struct sim_meter *meter, uint64_t seed, uint32_t power_mw);

/* Once, before anything else: now_ms is simulation time, today that moment's day in the device's
 * calendar. */
void sim_meter_start(struct sim_meter *meter, int64_t now_ms, int32_t today);
void sim_meter_clear(struct sim_meter *meter);

/* power_mw was drawn from the last update until now_ms; local_offset_ms added to simulation time is
 * the device's own. An earlier now_ms changes nothing. */
void sim_meter_run(
	struct sim_meter *meter, int64_t now_ms, uint32_t power_mw, int64_t local_offset_ms);

/* The device's clock was set: another day goes on from here. */
void sim_meter_set_today(struct sim_meter *meter, int32_t today);

/* Total and days are nothing. */
void sim_meter_erase(struct sim_meter *meter);

void sim_meter_set_total_wh(struct sim_meter *meter, uint64_t total_wh);
uint64_t sim_meter_total_wh(const struct sim_meter *meter);

/* -1 when nothing is known of that day. */
int64_t sim_meter_day_wh(const struct sim_meter *meter, int32_t day);

#endif

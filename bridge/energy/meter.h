/* meter.h - the lifetime counter of one outlet, which never goes backwards.
 *
 *     energy = the device's total + an offset of ours
 *
 * The total of a device falls when it is erased or reset, with some firmware when it reboots, and
 * now and then a reading is just wrong. What a 16 A outlet cannot have counted since the reading
 * before is doubted: when the next readings agree with the last good one, the doubtful ones were
 * glitches and are dropped; when they agree with each other, the device really counts from there,
 * and the offset takes up the difference. A fall to less than half, to what can have been counted
 * since the last good reading, is a reset: all of that counts. Anything else that is absorbed
 * counts from the first reading that was doubted. After more than an hour, what could be a lie of
 * any size must be said twice.
 *
 * Days are local days of the bridge. Across midnight the energy between two readings is split by
 * time; who did not see midnight takes the day from the device's own statistics (days.h), or begins
 * with the first reading.
 * Pure: time is an argument, no I/O. All energies in Wh. */
#ifndef PLUG_BRIDGE_ENERGY_METER_H
#define PLUG_BRIDGE_ENERGY_METER_H

#include <stdbool.h>
#include <stdint.h>

/* A moment, and the local day it lies in. */
struct energy_moment {
	int64_t steady_s;   /* on a clock that is never set while the bridge runs */
	int64_t wall_s;	    /* since 1970; the host's clock, which may be set at any time */
	int64_t midnight_s; /* when that day began */
	uint16_t day;	    /* since 1970-01-01 */
};

/* Of all outlets, for people. */
struct energy_counters {
	uint64_t glitches;    /* readings that were dropped */
	uint64_t resets;      /* jumps of a device's total that an offset absorbed */
	uint64_t gaps_filled; /* from day statistics */
};

enum energy_flag {
	ENERGY_HAS_BASE = 1 << 0,    /* energy_wh is known */
	ENERGY_HAS_TOTAL = 1 << 1,   /* total_wh and seen_s are known */
	ENERGY_IS_LIVE = 1 << 2,     /* a reading was taken in this run */
	ENERGY_COUNTS_ON = 1 << 3,   /* the next total is another device's: only the base counts */
	ENERGY_HAS_DAY = 1 << 4,     /* day and today_wh are known */
	ENERGY_DAY_IS_OPEN = 1 << 5, /* the day's start was not seen: its statistics are wanted */
	ENERGY_HAS_ANCHOR = 1 << 6,
	ENERGY_HAS_GAP = 1 << 7,      /* nobody looked for gap_s; statistics are wanted */
	ENERGY_GAP_HAS_FALL = 1 << 8, /* and the total was absorbed after it */
	ENERGY_GAVE_UP = 1 << 9,      /* the statistics could not be had: later, without hurry */
	ENERGY_HAS_LAG = 1 << 10,     /* lag_wh is known */
	ENERGY_OLD_ANCHOR = 1 << 11,  /* the statistics may have been erased since */
};

/* A bridge has thousands: 56 bytes. */
struct energy_meter {
	int64_t energy_wh;
	uint32_t total_wh;	  /* the device's, at the last good reading */
	uint32_t seen_s;	  /* when that was, on the steady clock */
	uint32_t drawn_ws;	  /* measured since the total last moved, watt seconds */
	uint32_t doubted_wh;	  /* the first total in doubt */
	uint32_t doubted_s;	  /* when it came */
	uint32_t today_wh;	  /* since the day began */
	uint32_t anchor_day_wh;	  /* the device's statistics said this of the anchor's day */
	int32_t since_anchor_wh;  /* counted since they said it */
	uint32_t gap_s;		  /* nobody looked for so long */
	uint32_t gap_total_wh;	  /* the device's total before that */
	uint16_t day, anchor_day; /* local days since 1970-01-01 */
	uint16_t flags;		  /* bits of enum energy_flag */
	uint8_t doubts;		  /* readings in doubt, one after the other */
	uint8_t lag_wh;		  /* how far the statistics were seen to lag behind; 255: or more */
};

enum {
	/* What a 16 A outlet at 4 kW counts in 57 years. */
	ENERGY_TOTAL_MAX_WH = 2000000000,
	/* Two readings further apart leave a gap that needs other evidence. */
	ENERGY_GAP_MIN_S = 120,
	/* A host whose clock is before this has not set it: 2025-01-01. */
	ENERGY_CLOCK_MIN_S = 1735689600,
};

struct energy_reading {
	int64_t total_wh;
	int64_t power_mw; /* 0 when it is not known */
};

/* Takes one reading of the device. True when there is something new to remember or show. */
bool energy_meter_take(struct energy_meter *meter, const struct energy_reading *reading,
	const struct energy_moment *now, struct energy_counters *counters);

/* Somebody was told energy_wh already: the counter is not below that from here on. */
void energy_meter_raise(struct energy_meter *meter, int64_t energy_wh);

/* Another device's counter goes on in this one, which has none yet. */
void energy_meter_continue(struct energy_meter *meter, int64_t energy_wh);

/* What can be told; false when it cannot, as before the first good reading of this run. */
bool energy_meter_energy(const struct energy_meter *meter, int64_t *energy_wh);
bool energy_meter_today(
	const struct energy_meter *meter, const struct energy_moment *now, int64_t *today_wh);

/* For days.c. */

static inline bool energy_has(const struct energy_meter *meter, unsigned flags)
{
	return (meter->flags & flags) != 0;
}

static inline void energy_set(struct energy_meter *meter, unsigned flags)
{
	meter->flags = (uint16_t)(meter->flags | flags);
}

static inline void energy_unset(struct energy_meter *meter, unsigned flags)
{
	meter->flags = (uint16_t)(meter->flags & ~flags);
}

/* What an outlet can have counted at most in so many seconds. */
uint64_t energy_possible_wh(uint64_t seconds);
/* Adds to the counter, not to the day. */
void energy_meter_grow(struct energy_meter *meter, int64_t wh);

#endif

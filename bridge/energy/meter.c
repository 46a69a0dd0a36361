#include "bridge/energy/meter.h"

#include <assert.h>

static_assert(sizeof(struct energy_meter) <= 64, "there are thousands of them");

enum {
	RATING_W = 4000, /* 16 A at 250 V */
	/* Meters add to their total in steps, and clocks are read to the second. */
	TOLERANCE_WH = 20,
	/* The measured power explains this much of a step of the total, in percent: short peaks
	 * between two readings are not in it. */
	DRAWN_PERCENT = 125,
	/* The host's clock went backwards: so much time may have passed. */
	UNKNOWN_S = 24 * 3600,
	/* No gap is longer: beyond that, a wrong clock is more likely. */
	ELAPSED_MAX_S = 400 * 24 * 3600,
	/* Readings that must agree before they are believed. */
	RESET_READINGS = 2,
	ABSORB_READINGS = 3,
	/* The longest poll interval. */
	SURE_S = 3600,
	WS_PER_WH = 3600,
};

uint64_t energy_possible_wh(uint64_t seconds)
{
	return seconds * RATING_W / WS_PER_WH + TOLERANCE_WH;
}

/* Seconds since then. Before this run another clock ran, which may have been wrong. */
static uint32_t elapsed_s(uint32_t then_s, const struct energy_moment *now)
{
	if (now->steady_s < then_s) {
		return UNKNOWN_S;
	}
	return now->steady_s - then_s < ELAPSED_MAX_S ? (uint32_t)(now->steady_s - then_s)
						      : ELAPSED_MAX_S;
}

/* What the total may have grown by since the last good reading. A meter that adds up slowly makes
 * large steps: the power it showed meanwhile pays for them. */
static uint64_t allowance_wh(const struct energy_meter *meter, uint32_t elapsed)
{
	return energy_possible_wh(elapsed) +
	       (uint64_t)meter->drawn_ws * DRAWN_PERCENT / 100 / WS_PER_WH;
}

static uint32_t add_capped(uint32_t a, uint64_t b)
{
	return b > UINT32_MAX - a ? UINT32_MAX : a + (uint32_t)b;
}

void energy_meter_grow(struct energy_meter *meter, int64_t wh)
{
	const int64_t since_wh = meter->since_anchor_wh + wh;

	meter->energy_wh += wh;
	meter->since_anchor_wh = since_wh < INT32_MAX ? (int32_t)since_wh : INT32_MAX;
}

/* True while the day that is counted goes on. A clock that was set back over midnight does not
 * bring yesterday back: today lasts until it has caught up. */
static bool is_today(const struct energy_meter *meter, const struct energy_moment *now)
{
	return energy_has(meter, ENERGY_HAS_DAY) &&
	       (now->day == meter->day || now->day + 1 == meter->day);
}

/* The part of growth that came after midnight. */
static uint32_t after_midnight(
	uint32_t growth_wh, uint32_t elapsed, const struct energy_moment *now)
{
	const int64_t since_midnight_s = now->wall_s - now->midnight_s;

	return elapsed > 0 ? (uint32_t)(growth_wh * (uint64_t)since_midnight_s / elapsed)
			   : growth_wh;
}

/* Counts growth into its day, which begins here when the one before is over. */
static void count_day(struct energy_meter *meter, uint32_t growth_wh, uint32_t elapsed,
	const struct energy_moment *now)
{
	const bool saw_midnight = energy_has(meter, ENERGY_HAS_DAY) && now->day == meter->day + 1 &&
				  elapsed <= ENERGY_GAP_MIN_S &&
				  now->wall_s - now->midnight_s <= elapsed;

	if (now->wall_s < ENERGY_CLOCK_MIN_S || is_today(meter, now)) {
		meter->today_wh = add_capped(meter->today_wh, growth_wh);
		return;
	}
	meter->day = now->day;
	meter->today_wh = saw_midnight ? after_midnight(growth_wh, elapsed, now) : 0;
	energy_set(meter, ENERGY_HAS_DAY);
	energy_unset(meter, ENERGY_DAY_IS_OPEN | ENERGY_GAVE_UP);
	if (!saw_midnight) {
		energy_set(meter, ENERGY_DAY_IS_OPEN);
	}
}

static void note_gap(struct energy_meter *meter, uint32_t elapsed, bool has_fall)
{
	if (!energy_has(meter, ENERGY_HAS_ANCHOR) || elapsed <= ENERGY_GAP_MIN_S) {
		return;
	}
	if (!energy_has(meter, ENERGY_HAS_GAP)) {
		meter->gap_s = 0;
		meter->gap_total_wh = meter->total_wh;
	}
	meter->gap_s = add_capped(meter->gap_s, elapsed);
	energy_set(meter, ENERGY_HAS_GAP | (has_fall ? ENERGY_GAP_HAS_FALL : 0U));
	energy_unset(meter, ENERGY_GAVE_UP);
}

static void note_power(struct energy_meter *meter, const struct energy_reading *reading,
	uint32_t growth_wh, uint32_t elapsed)
{
	if (growth_wh > 0 || elapsed > ENERGY_GAP_MIN_S) {
		meter->drawn_ws = 0;
	} else {
		meter->drawn_ws =
			add_capped(meter->drawn_ws, (uint64_t)reading->power_mw * elapsed / 1000);
	}
}

/* The total is good, and the device counted growth since the last good one. */
static void accept(struct energy_meter *meter, const struct energy_reading *reading,
	uint32_t growth_wh, const struct energy_moment *now)
{
	const uint32_t elapsed = elapsed_s(meter->seen_s, now);
	const uint32_t total_wh = (uint32_t)reading->total_wh;
	const bool has_fall = total_wh != meter->total_wh + (uint64_t)growth_wh;

	note_gap(meter, elapsed, has_fall);
	if (has_fall) {
		energy_set(meter, ENERGY_OLD_ANCHOR);
		energy_unset(meter, ENERGY_GAVE_UP);
	}
	note_power(meter, reading, growth_wh, elapsed);
	count_day(meter, growth_wh, elapsed, now);
	energy_meter_grow(meter, growth_wh);
	meter->total_wh = total_wh;
	meter->seen_s = now->steady_s > 0 ? (uint32_t)now->steady_s : 0;
	meter->doubts = 0;
	energy_set(meter, ENERGY_IS_LIVE);
}

static void doubt(struct energy_meter *meter, uint32_t total_wh, const struct energy_moment *now)
{
	meter->doubted_wh = total_wh;
	meter->doubted_s = now->steady_s > 0 ? (uint32_t)now->steady_s : 0;
	meter->doubts = 1;
}

/* True when the total continues the readings that were doubted. */
static bool agrees_with_doubted(
	const struct energy_meter *meter, uint32_t total_wh, const struct energy_moment *now)
{
	return meter->doubts > 0 && total_wh >= meter->doubted_wh &&
	       total_wh - meter->doubted_wh <= energy_possible_wh(elapsed_s(meter->doubted_s, now));
}

/* The first total: the device's own history is the beginning of ours. With a base but no total,
 * as when the state file was lost, it goes on from the base; what the device counted beyond that is
 * taken when it can be a day's, and said twice unless it is little. False while that is in doubt.
 */
static bool begin(struct energy_meter *meter, const struct energy_reading *reading,
	const struct energy_moment *now, struct energy_counters *counters)
{
	const uint32_t total_wh = (uint32_t)reading->total_wh;
	const int64_t beyond_wh = total_wh - meter->energy_wh;
	const bool has_base = energy_has(meter, ENERGY_HAS_BASE);
	const bool is_beyond = has_base && !energy_has(meter, ENERGY_COUNTS_ON) && beyond_wh > 0 &&
			       (uint64_t)beyond_wh <= energy_possible_wh(UNKNOWN_S);

	if (is_beyond && (uint64_t)beyond_wh > energy_possible_wh(ENERGY_GAP_MIN_S) &&
		!agrees_with_doubted(meter, total_wh, now)) {
		counters->glitches += meter->doubts;
		doubt(meter, total_wh, now);
		return false;
	}
	if (!has_base || is_beyond) {
		meter->energy_wh = total_wh;
	}
	meter->total_wh = total_wh;
	meter->seen_s = now->steady_s > 0 ? (uint32_t)now->steady_s : 0;
	meter->doubts = 0;
	energy_unset(meter, ENERGY_COUNTS_ON);
	energy_set(meter, ENERGY_HAS_BASE | ENERGY_HAS_TOTAL | ENERGY_IS_LIVE);
	count_day(meter, 0, 0, now);
	return true;
}

/* A total that cannot come from the last good one. True when it was believed. */
static bool take_doubtful(struct energy_meter *meter, const struct energy_reading *reading,
	const struct energy_moment *now, struct energy_counters *counters)
{
	const uint32_t total_wh = (uint32_t)reading->total_wh;
	/* Some only fall back to what they saved last: that is nearer to where they were. */
	const bool is_reset = total_wh < meter->total_wh / 2 &&
			      total_wh <= allowance_wh(meter, elapsed_s(meter->seen_s, now));

	if (!agrees_with_doubted(meter, total_wh, now)) {
		counters->glitches += meter->doubts;
		doubt(meter, total_wh, now);
		return false;
	}
	meter->doubts++;
	if (meter->doubts < (is_reset ? RESET_READINGS : ABSORB_READINGS)) {
		return false;
	}
	counters->resets++;
	accept(meter, reading, is_reset ? total_wh : total_wh - meter->doubted_wh, now);
	return true;
}

/* Much is possible after a long time, and a lie as well: it must be said twice. */
static bool is_sure(const struct energy_meter *meter, const struct energy_reading *reading,
	const struct energy_moment *now, struct energy_counters *counters)
{
	const uint32_t total_wh = (uint32_t)reading->total_wh;
	const bool is_long = elapsed_s(meter->seen_s, now) > SURE_S &&
			     total_wh - meter->total_wh > energy_possible_wh(ENERGY_GAP_MIN_S);

	if (is_long && agrees_with_doubted(meter, total_wh, now)) {
		return true;
	}
	counters->glitches += meter->doubts;
	return !is_long;
}

bool energy_meter_take(struct energy_meter *meter, const struct energy_reading *reading,
	const struct energy_moment *now, struct energy_counters *counters)
{
	const bool had_open_day = energy_has(meter, ENERGY_DAY_IS_OPEN);
	const uint16_t day = meter->day;
	int64_t growth_wh = 0;

	if (reading->total_wh < 0 || reading->total_wh > ENERGY_TOTAL_MAX_WH) {
		counters->glitches++;
		return false;
	}
	if (!energy_has(meter, ENERGY_HAS_TOTAL)) {
		return begin(meter, reading, now, counters);
	}
	growth_wh = reading->total_wh - meter->total_wh;
	if (growth_wh < 0 ||
		(uint64_t)growth_wh > allowance_wh(meter, elapsed_s(meter->seen_s, now))) {
		return take_doubtful(meter, reading, now, counters);
	}
	if (!is_sure(meter, reading, now, counters)) {
		doubt(meter, (uint32_t)reading->total_wh, now);
		return false;
	}
	accept(meter, reading, (uint32_t)growth_wh, now);
	return growth_wh > 0 || meter->day != day ||
	       had_open_day != energy_has(meter, ENERGY_DAY_IS_OPEN);
}

void energy_meter_raise(struct energy_meter *meter, int64_t energy_wh)
{
	const int64_t above_wh = energy_wh - meter->energy_wh;

	if (energy_has(meter, ENERGY_HAS_BASE) && above_wh <= 0) {
		return;
	}
	/* Told in the last run after the file was written: the total had grown by as much. */
	if (energy_has(meter, ENERGY_HAS_TOTAL) && !energy_has(meter, ENERGY_IS_LIVE)) {
		meter->total_wh = add_capped(meter->total_wh, (uint64_t)above_wh);
		if ((uint64_t)above_wh <= energy_possible_wh(ENERGY_GAP_MIN_S)) {
			meter->today_wh = add_capped(meter->today_wh, (uint64_t)above_wh);
		}
	}
	energy_meter_grow(meter, above_wh);
	energy_set(meter, ENERGY_HAS_BASE);
}

void energy_meter_continue(struct energy_meter *meter, int64_t energy_wh)
{
	meter->energy_wh = energy_wh;
	energy_set(meter, ENERGY_HAS_BASE | ENERGY_COUNTS_ON);
}

bool energy_meter_energy(const struct energy_meter *meter, int64_t *energy_wh)
{
	*energy_wh = energy_has(meter, ENERGY_IS_LIVE) ? meter->energy_wh : 0;
	return energy_has(meter, ENERGY_IS_LIVE);
}

bool energy_meter_today(
	const struct energy_meter *meter, const struct energy_moment *now, int64_t *today_wh)
{
	const bool is_known =
		is_today(meter, now) && !energy_has(meter, ENERGY_DAY_IS_OPEN) &&
		now->wall_s >= ENERGY_CLOCK_MIN_S &&
		(energy_has(meter, ENERGY_IS_LIVE) || !energy_has(meter, ENERGY_HAS_TOTAL));

	*today_wh = is_known ? meter->today_wh : 0;
	return is_known;
}

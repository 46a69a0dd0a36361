#include "bridge/energy/days.h"

#include "bridge/energy/calendar.h"

enum {
	/* Both are rounded, and not read at the same moment. */
	SLACK_WH = 20,
	LAG_MAX_WH = UINT8_MAX,
	/* Devices keep no more months; a gap that long stays open. */
	MONTHS_MAX = 12,
};

bool energy_is_anchored(const struct energy_meter *meter)
{
	return energy_has(meter, ENERGY_HAS_ANCHOR) && energy_has(meter, ENERGY_HAS_LAG) &&
	       !energy_has(meter, ENERGY_OLD_ANCHOR);
}

bool energy_wants_days(const struct energy_meter *meter)
{
	const bool is_uncertain = energy_has(meter, ENERGY_HAS_GAP | ENERGY_OLD_ANCHOR) ||
				  !energy_has(meter, ENERGY_HAS_ANCHOR);

	/* Without a total, the statistics are all there is of today. */
	return energy_has(meter, ENERGY_DAY_IS_OPEN) || !energy_has(meter, ENERGY_HAS_TOTAL) ||
	       (is_uncertain && !energy_has(meter, ENERGY_GAVE_UP));
}

bool energy_can_compare(const struct energy_meter *meter, const struct energy_moment *now)
{
	return !energy_has(meter, ENERGY_HAS_TOTAL) ||
	       (energy_has(meter, ENERGY_IS_LIVE) && meter->doubts == 0 &&
		       now->steady_s - meter->seen_s <= ENERGY_GAP_MIN_S);
}

static int month_number(const struct plug_period *month)
{
	return month->year * 12 + month->month;
}

struct plug_period energy_month(const struct energy_meter *meter, const struct energy_moment *now)
{
	const struct plug_period anchor = calendar_month(meter->anchor_day);
	const struct plug_period current = calendar_month(now->day);
	const int months = month_number(&current) - month_number(&anchor);

	return energy_has(meter, ENERGY_HAS_GAP) && months > 0 && months <= MONTHS_MAX ? anchor
										       : current;
}

/* The energy of the days from first to last. */
static int64_t sum(const struct plug_statistics *days, uint16_t first, uint16_t last)
{
	int64_t sum_wh = 0;

	for (size_t i = 0; i < days->count; i++) {
		const struct plug_statistic_entry *entry = &days->entries[i];
		const int32_t day = calendar_day(entry->year, entry->month, entry->day);

		sum_wh += entry->is_possible && day >= first && day <= last ? entry->value : 0;
	}
	return sum_wh;
}

static void set_anchor(struct energy_meter *meter, int32_t day, int64_t day_wh, int64_t since_wh)
{
	meter->anchor_day = (uint16_t)day;
	meter->anchor_day_wh = (uint32_t)day_wh;
	meter->since_anchor_wh = since_wh > INT32_MIN ? (int32_t)since_wh : INT32_MIN;
	energy_set(meter, ENERGY_HAS_ANCHOR);
	energy_unset(meter, ENERGY_OLD_ANCHOR);
}

/* While nothing was lost, what the statistics seem to gain on the counter is how far they had been
 * behind. */
static void note_lag(struct energy_meter *meter, int64_t gained_wh)
{
	if (gained_wh > meter->lag_wh) {
		meter->lag_wh = (uint8_t)(gained_wh < LAG_MAX_WH ? gained_wh : LAG_MAX_WH);
	}
	energy_set(meter, ENERGY_HAS_LAG);
}

/* The counter lacks missing_wh: lost with a fall of the total, or only the statistics' lag? Where
 * no fall shows, the total may have fallen and outgrown itself again: then at least all that it
 * showed before is missing, or more than any lag so far. */
static bool is_lost_in_gap(const struct energy_meter *meter, int64_t missing_wh)
{
	return missing_wh > SLACK_WH &&
	       (energy_has(meter, ENERGY_GAP_HAS_FALL) ||
		       missing_wh + SLACK_WH >= (int64_t)meter->gap_total_wh ||
		       (energy_has(meter, ENERGY_HAS_LAG) && meter->lag_wh < LAG_MAX_WH &&
			       missing_wh > SLACK_WH + 2 * meter->lag_wh));
}

/* What the statistics say. */
struct said {
	int64_t sum_wh; /* since the anchor's day, that included */
	int64_t today_wh;
	int64_t since_midnight_s;
};

static void fill_gap(struct energy_meter *meter, int64_t missing_wh, const struct said *said,
	struct energy_counters *counters)
{
	const int64_t grown_wh = meter->today_wh + missing_wh;

	if (!is_lost_in_gap(meter, missing_wh)) {
		return;
	}
	if ((uint64_t)missing_wh > energy_possible_wh(meter->gap_s)) {
		counters->glitches++;
		return;
	}
	energy_meter_grow(meter, missing_wh);
	counters->gaps_filled++;
	/* What of it is today's: all, or no more than they know of today. */
	if (meter->anchor_day == meter->day && meter->gap_s <= said->since_midnight_s) {
		meter->today_wh = (uint32_t)grown_wh;
	} else if (!energy_has(meter, ENERGY_DAY_IS_OPEN) && said->today_wh > meter->today_wh) {
		meter->today_wh = (uint32_t)(grown_wh < said->today_wh ? grown_wh : said->today_wh);
	}
}

/* The day's start was not seen, or there is nothing but the statistics. */
static void take_today(struct energy_meter *meter, int64_t today_wh,
	const struct energy_moment *now, struct energy_counters *counters)
{
	const uint64_t since_s = (uint64_t)(now->wall_s - now->midnight_s);

	if ((uint64_t)today_wh > energy_possible_wh(since_s)) {
		counters->glitches++;
	} else {
		meter->today_wh = (uint32_t)today_wh;
		meter->day = now->day;
		energy_set(meter, ENERGY_HAS_DAY);
	}
	energy_unset(meter, ENERGY_DAY_IS_OPEN);
}

/* The anchor's month is over: what is known of it moves into since_anchor_wh. */
static void move_anchor(struct energy_meter *meter, const struct plug_period *month,
	const struct plug_statistics *days)
{
	const struct plug_period next = { month->month < 12 ? month->year : month->year + 1,
		month->month < 12 ? month->month + 1 : 1 };
	const int64_t gained_wh = sum(days, meter->anchor_day, UINT16_MAX) - meter->anchor_day_wh;

	set_anchor(meter, calendar_day(next.year, next.month, 1), 0,
		meter->since_anchor_wh - gained_wh);
}

static void compare(
	struct energy_meter *meter, const struct said *said, struct energy_counters *counters)
{
	const int64_t missing_wh = said->sum_wh - meter->anchor_day_wh - meter->since_anchor_wh;

	if (energy_has(meter, ENERGY_HAS_GAP)) {
		fill_gap(meter, missing_wh, said, counters);
	} else {
		note_lag(meter, missing_wh);
	}
}

bool energy_take_days(struct energy_meter *meter, const struct plug_period *month,
	const struct plug_statistics *days, const struct energy_moment *now,
	struct energy_counters *counters)
{
	const struct plug_period current = calendar_month(now->day);
	const struct plug_period anchor = calendar_month(meter->anchor_day);
	const int64_t today_wh = sum(days, now->day, now->day);

	if (!energy_can_compare(meter, now)) {
		return false;
	}
	if (month_number(month) != month_number(&current)) {
		/* Or the month ended while it was asked for: then the next one is asked. */
		if (month_number(month) == month_number(&anchor)) {
			move_anchor(meter, month, days);
		}
		return true;
	}
	if (energy_has(meter, ENERGY_HAS_ANCHOR) &&
		month_number(&anchor) == month_number(&current)) {
		compare(meter,
			&(struct said) { sum(days, meter->anchor_day, now->day), today_wh,
				now->wall_s - now->midnight_s },
			counters);
	}
	if (energy_has(meter, ENERGY_DAY_IS_OPEN) || !energy_has(meter, ENERGY_HAS_TOTAL)) {
		take_today(meter, today_wh, now, counters);
	}
	energy_unset(meter, ENERGY_HAS_GAP | ENERGY_GAP_HAS_FALL | ENERGY_GAVE_UP);
	set_anchor(meter, now->day, today_wh, 0);
	return true;
}

bool energy_give_up_days(struct energy_meter *meter)
{
	const bool was_open = energy_has(meter, ENERGY_DAY_IS_OPEN);

	energy_unset(meter, ENERGY_DAY_IS_OPEN);
	energy_set(meter, ENERGY_GAVE_UP);
	return was_open;
}

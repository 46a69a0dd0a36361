#include "bridge/energy/calendar.h"

#include <time.h>

#include "protocol/clock.h"

enum {
	/* No local day is longer, with both an hour of summer time and a change of zone in it. */
	DAY_MAX_S = 27 * 3600,
	AGREEMENT_S = 300,
	MONTHS = 12,
	/* From March to the end of February: leap days come last. */
	DAYS_OF_400_YEARS = 146097,
	DAYS_BEFORE_1970 = 719468, /* since the first of March of the year 0 */
};

static struct tm local(int64_t wall_s)
{
	const time_t seconds = (time_t)wall_s;
	struct tm parts = { 0 };

	(void)localtime_r(&seconds, &parts);
	return parts;
}

/* A year that begins in March has months of 31, 30, 31, 30, 31 days again and again, which
 * (153 * month + 2) / 5 adds up. */
int32_t calendar_day(int year, int month, int day)
{
	const int years = month > 2 ? year : year - 1;
	const int of_year = (153 * ((month + 9) % MONTHS) + 2) / 5 + day - 1;
	const int days = 365 * years + years / 4 - years / 100 + years / 400 + of_year;

	return days - DAYS_BEFORE_1970;
}

struct plug_period calendar_month(uint16_t day)
{
	const time_t noon = (time_t)day * 86400 + 43200;
	struct tm parts = { 0 };

	(void)gmtime_r(&noon, &parts);
	return (struct plug_period) { .year = parts.tm_year + 1900, .month = parts.tm_mon + 1 };
}

static int32_t day_at(int64_t wall_s)
{
	const struct tm parts = local(wall_s);

	return calendar_day(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

/* The first second after low, which is of an earlier day, that belongs to day or a later one; high
 * does. */
static int64_t find_start(int64_t low, int64_t high, int32_t day)
{
	while (high - low > 1) {
		const int64_t middle = low + (high - low) / 2;

		if (day_at(middle) < day) {
			low = middle;
		} else {
			high = middle;
		}
	}
	return high;
}

/* A clock that far off is not set. */
static uint16_t clamp(int32_t day)
{
	if (day < 0) {
		return 0;
	}
	return day < UINT16_MAX ? (uint16_t)day : UINT16_MAX;
}

void calendar_find_day(struct calendar *calendar, struct energy_moment *moment)
{
	const int64_t wall_s = moment->wall_s;

	if (wall_s < calendar->start_s || wall_s >= calendar->end_s) {
		const int32_t day = day_at(wall_s);

		calendar->start_s = find_start(wall_s - DAY_MAX_S, wall_s, day);
		calendar->end_s = find_start(wall_s, wall_s + DAY_MAX_S, day + 1);
		calendar->day = clamp(day);
	}
	moment->midnight_s = calendar->start_s;
	moment->day = calendar->day;
}

bool calendar_agrees(const struct plug_time *device, int64_t wall_s)
{
	const struct tm parts = local(wall_s);
	const struct plug_time here = {
		.year = parts.tm_year + 1900,
		.month = parts.tm_mon + 1,
		.day = parts.tm_mday,
		.hour = parts.tm_hour,
		.minute = parts.tm_min,
		.second = parts.tm_sec < 60 ? parts.tm_sec : 59,
	};
	int64_t ahead_s = 0;

	if (!plug_time_is_valid(device) || device->day != here.day) {
		return false;
	}
	ahead_s = plug_time_difference_s(device, &here);
	return ahead_s <= AGREEMENT_S && ahead_s >= -AGREEMENT_S;
}

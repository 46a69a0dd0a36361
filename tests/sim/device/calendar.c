#include "tests/sim/device/calendar.h"

enum {
	FIRST_YEAR = 1970,
	LAST_YEAR = 2099,
	MONTHS = 12,
	SECOND_MS = 1000,
	MINUTE_MS = 60 * SECOND_MS,
	HOUR_MS = 60 * MINUTE_MS,
};

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int sim_days_of_month(int year, int month)
{
	static const int days[MONTHS] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (month < 1 || month > MONTHS) {
		return 0;
	}
	return days[month - 1] + (month == 2 && is_leap(year));
}

static bool is_between(int value, int min, int max)
{
	return value >= min && value <= max;
}

bool sim_date_is_valid(const struct sim_date *date)
{
	return is_between(date->year, FIRST_YEAR, LAST_YEAR) &&
	       is_between(date->day, 1, sim_days_of_month(date->year, date->month)) &&
	       is_between(date->hour, 0, 23) && is_between(date->minute, 0, 59) &&
	       is_between(date->second, 0, 59);
}

/* Days from 1970-01-01 to the first of January of year. */
static int32_t day_of_year(int year)
{
	const int32_t before = year - 1;
	const int32_t leaps = before / 4 - before / 100 + before / 400;
	const int32_t leaps_until_1970 = 477;

	return 365 * (year - FIRST_YEAR) + leaps - leaps_until_1970;
}

int64_t sim_date_to_ms(const struct sim_date *date)
{
	int32_t day = day_of_year(date->year) + date->day - 1;

	for (int month = 1; month < date->month; month++) {
		day += sim_days_of_month(date->year, month);
	}
	return (int64_t)day * SIM_DAY_MS + (int64_t)date->hour * HOUR_MS +
	       (int64_t)date->minute * MINUTE_MS + (int64_t)date->second * SECOND_MS;
}

int32_t sim_day_of_ms(int64_t ms)
{
	return (int32_t)(ms / SIM_DAY_MS);
}

struct sim_date sim_date_from_ms(int64_t ms)
{
	const int32_t in_day = (int32_t)(ms % SIM_DAY_MS);
	int32_t day = sim_day_of_ms(ms);
	struct sim_date date = {
		.year = FIRST_YEAR + day / 366, /* never too late; the loop goes on from there */
		.month = 1,
		.hour = in_day / HOUR_MS,
		.minute = in_day / MINUTE_MS % 60,
		.second = in_day / SECOND_MS % 60,
	};

	while (day >= day_of_year(date.year + 1)) {
		date.year++;
	}
	day -= day_of_year(date.year);
	while (day >= sim_days_of_month(date.year, date.month)) {
		day -= sim_days_of_month(date.year, date.month);
		date.month++;
	}
	date.day = day + 1;
	return date;
}

/* calendar.h - dates and the numbers of days, 1970-01-01 being day 0. No clock, no time zone. */
#ifndef SIM_DEVICE_CALENDAR_H
#define SIM_DEVICE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

enum { SIM_DAY_MS = 24 * 60 * 60 * 1000 };

struct sim_date {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second;
};

/* Years 1970 to 2099, as a plug takes them. */
bool sim_date_is_valid(const struct sim_date *date);

/* date must be valid. */
int64_t sim_date_to_ms(const struct sim_date *date);

/* ms since 1970-01-01, not negative. */
struct sim_date sim_date_from_ms(int64_t ms);

int32_t sim_day_of_ms(int64_t ms);

/* 0 when there is no such month. */
int sim_days_of_month(int year, int month);

#endif

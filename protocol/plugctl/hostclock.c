#include "protocol/plugctl/hostclock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "protocol/clock.h"
#include "protocol/plugctl/terminal/memory.h"

static bool is_known(const char *zone)
{
	const char *folder = getenv("TZDIR");
	char *path = memory_format("%s/%s", folder ? folder : "/usr/share/zoneinfo", zone);
	const bool is_there = !strstr(zone, "..") && access(path, R_OK) == 0;

	free(path);
	return is_there;
}

bool hostclock_now(const char *zone, struct plug_time *now)
{
	const time_t seconds = time(NULL);
	struct tm parts;

	*now = (struct plug_time) { 0 };
	if (!is_known(zone) || setenv("TZ", zone, 1) != 0) {
		return false;
	}
	tzset();
	if (!localtime_r(&seconds, &parts)) {
		return false;
	}
	*now = (struct plug_time) { parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
		parts.tm_hour, parts.tm_min, parts.tm_sec > 59 ? 59 : parts.tm_sec };
	return true;
}

/* Zones go from 12 h behind UTC to 14 h ahead. */
enum { ZONE_BEHIND_S = 12 * 3600, ZONE_AHEAD_S = 14 * 3600 };

static bool utc_now(struct plug_time *now)
{
	const time_t seconds = time(NULL);
	struct tm parts;

	*now = (struct plug_time) { 0 };
	if (!gmtime_r(&seconds, &parts)) {
		return false;
	}
	*now = (struct plug_time) { parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
		parts.tm_hour, parts.tm_min, parts.tm_sec > 59 ? 59 : parts.tm_sec };
	return true;
}

bool hostclock_is_far(const struct plug_time *time)
{
	struct plug_time now;
	int64_t ahead_s;

	if (!utc_now(&now)) {
		return false;
	}
	ahead_s = plug_time_difference_s(time, &now);
	return ahead_s < -ZONE_BEHIND_S - 3600 || ahead_s > ZONE_AHEAD_S + 3600;
}

bool hostclock_is_past(int year, int month, int day)
{
	const struct plug_time end = { year, month, day, 23, 59, 59 };
	struct plug_time now;

	return utc_now(&now) && plug_time_difference_s(&now, &end) > ZONE_BEHIND_S;
}

#include "protocol/plugctl/hostclock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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

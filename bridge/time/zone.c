#include "bridge/time/zone.h"

#include <stdlib.h>
#include <time.h>

#include "bridge/mem.h"
#include "protocol/clock.h"

char *zone_problem(const struct config_time *settings)
{
	int index = 0;

	if (!settings->sync || plug_zone_find(settings->zone, &index)) {
		return NULL;
	}
	return mem_printf("time.zone: \"%s\" is none of the time zones that devices know: name one "
			  "with the same time, or do without time.sync",
		settings->zone);
}

char *zone_use(const char *zone)
{
	char *former = mem_copy(getenv("TZ"));

	if (zone[0] != '\0') {
		(void)setenv("TZ", zone, 1);
	}
	tzset();
	return former;
}

void zone_restore(char *former)
{
	if (former) {
		(void)setenv("TZ", former, 1);
	} else {
		(void)unsetenv("TZ");
	}
	tzset();
	free(former);
}

static struct plug_time time_of(const struct tm *parts)
{
	return (struct plug_time) {
		.year = parts->tm_year + 1900,
		.month = parts->tm_mon + 1,
		.day = parts->tm_mday,
		.hour = parts->tm_hour,
		.minute = parts->tm_min,
		/* No device knows leap seconds. */
		.second = parts->tm_sec > 59 ? 59 : parts->tm_sec,
	};
}

void zone_local(int64_t wall_s, struct plug_time *local)
{
	const time_t seconds = (time_t)wall_s;
	struct tm parts = { 0 };

	(void)localtime_r(&seconds, &parts);
	*local = time_of(&parts);
}

int64_t zone_offset_s(int64_t wall_s)
{
	const time_t seconds = (time_t)wall_s;
	struct plug_time local;
	struct plug_time utc;
	struct tm parts = { 0 };

	zone_local(wall_s, &local);
	(void)gmtime_r(&seconds, &parts);
	utc = time_of(&parts);
	return plug_time_difference_s(&local, &utc);
}

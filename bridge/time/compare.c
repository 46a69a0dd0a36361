#include "bridge/time/compare.h"

#include "bridge/time/zone.h"
#include "protocol/clock.h"

int64_t clock_error_s(const struct clock_reading *reading, int64_t wall_s)
{
	struct plug_time local;

	if (!reading->has_time) {
		return 0;
	}
	zone_local(wall_s, &local);
	return plug_time_difference_s(&reading->time, &local);
}

bool clock_has_right_time(const struct clock_reading *reading, int64_t wall_s)
{
	const int64_t error_s = clock_error_s(reading, wall_s);

	return reading->has_time && error_s <= CLOCK_TOLERANCE_S && error_s >= -CLOCK_TOLERANCE_S;
}

bool clock_has_right_zone(const struct clock_reading *reading, int zone)
{
	return !reading->has_zone || reading->zone == zone;
}

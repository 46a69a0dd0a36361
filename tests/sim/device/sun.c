#include "tests/sim/device/sun.h"

#include "tests/sim/device/calendar.h"

#include <math.h>

enum { DAY_OF_2000 = 10957 };

static const double RADIANS = 3.14159265358979323846 / 180;

static double sine(double degrees)
{
	return sin(degrees * RADIANS);
}

/* Days since noon of the first of January 2000, UTC, as milliseconds since 1970. */
static int64_t to_ms(double days)
{
	return (int64_t)((days + DAY_OF_2000 + 0.5) * SIM_DAY_MS);
}

bool sim_sun_of_day(int32_t day, double latitude, double longitude, struct sim_sun *sun)
{
	const double noon = (double)day - DAY_OF_2000 - longitude / 360;
	const double anomaly = fmod(357.5291 + 0.98560028 * noon, 360);
	const double centre =
		1.9148 * sine(anomaly) + 0.02 * sine(2 * anomaly) + 0.0003 * sine(3 * anomaly);
	const double ecliptic = fmod(anomaly + centre + 180 + 102.9372, 360);
	const double transit = noon + 0.0053 * sine(anomaly) - 0.0069 * sine(2 * ecliptic);
	const double declination_sine = sine(ecliptic) * sine(23.44);
	const double declination_cosine = sqrt(1 - declination_sine * declination_sine);
	const double hour_cosine = (sine(-0.833) - sine(latitude) * declination_sine) /
				   (cos(latitude * RADIANS) * declination_cosine);
	double half_day = 0;

	if (!(hour_cosine >= -1 && hour_cosine <= 1)) {
		return false;
	}
	half_day = acos(hour_cosine) / RADIANS / 360;
	sun->rise_ms = to_ms(transit - half_day);
	sun->set_ms = to_ms(transit + half_day);
	return true;
}

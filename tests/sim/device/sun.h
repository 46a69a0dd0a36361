/* sun.h - when the sun rises and sets: what a schedule needs of astronomy.
 *
 * The sunrise equation, right to a few minutes from 1970 to 2099. No clock here. */
#ifndef SIM_DEVICE_SUN_H
#define SIM_DEVICE_SUN_H

#include <stdbool.h>
#include <stdint.h>

struct sim_sun {
	int64_t rise_ms, set_ms; /* since 1970, UTC */
};

/* Around noon of that day (calendar.h) at that place. False when it stays up or down. */
bool sim_sun_of_day(int32_t day, double latitude, double longitude, struct sim_sun *sun);

#endif

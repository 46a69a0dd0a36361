#include "bridge/time/hostclock.h"

#include <sys/timex.h>

enum { GIVEN_UP_US = 16 * 1000 * 1000 };

struct hostclock hostclock_read(void)
{
	/* modes 0: only asks, which everybody may. */
	struct timex timex = { 0 };
	const int result = adjtimex(&timex);

	return (struct hostclock) { .result = result, .max_error_us = timex.maxerror };
}

bool hostclock_is_synchronised(const struct hostclock *clock)
{
	return clock->result >= 0 && clock->max_error_us < GIVEN_UP_US;
}

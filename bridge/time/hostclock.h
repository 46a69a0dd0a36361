/* hostclock.h - whether this machine's own clock may be passed on.
 *
 * The kernel is told by ntpd, chrony or systemd-timesyncd how far the clock may be off, and lets
 * that grow by 0.5 ms each second in which it hears nothing; at 16 s it gives up. STA_UNSYNC is not
 * looked at: chrony leaves it set unless it keeps the hardware clock as well (rtcsync).
 * Source: adjtimex(2), ntp.c of the kernel. */
#ifndef PLUG_BRIDGE_TIME_HOSTCLOCK_H
#define PLUG_BRIDGE_TIME_HOSTCLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* What adjtimex said. */
struct hostclock {
	int result;	      /* below 0: it failed */
	int64_t max_error_us; /* how far the clock may be off */
};

struct hostclock hostclock_read(void);

/* Pure. */
bool hostclock_is_synchronised(const struct hostclock *clock);

#endif
